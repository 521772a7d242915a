package org.ixnet.stack.device;

import java.io.Serial;

/**
 * A device cannot be opened because the machine or the process lacks something: DPDK, a driver, a right. No other configuration
 * of this kind of device helps; another kind or another transport may.
 */
public final class DeviceUnavailableException extends DeviceException {
    @Serial
    private static final long serialVersionUID = 1L;

    public DeviceUnavailableException(String message) {
        super(message);
    }

    public DeviceUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
