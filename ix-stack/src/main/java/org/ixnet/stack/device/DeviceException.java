package org.ixnet.stack.device;

import java.io.Serial;

/** A device could not be opened or refused a control call; the message says what, why and the remedy. */
public class DeviceException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
