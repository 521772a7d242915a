package org.ixnet.dpdk;

import java.io.Serial;
import java.util.List;
import org.ixnet.dpdk.ffi.Libc;
import org.ixnet.stack.device.DeviceException;

/** DPDK refused something: which function, its error, what DPDK logged about it, and the remedy. */
public final class DpdkException extends DeviceException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int error;

    private DpdkException(String message, int error) {
        super(message);
        this.error = error;
    }

    /**
     * @param what what could not be done, for example {@code cannot open tap 'ix0'}
     * @param function the DPDK function that failed
     * @param error its error number, positive
     * @param remedy what to do about it
     */
    static DpdkException of(String what, String function, int error, String remedy) {
        List<String> log = EalLog.complaints();
        StringBuilder message = new StringBuilder(what)
                .append(": ")
                .append(function)
                .append(" failed with error ")
                .append(error)
                .append(" (")
                .append(Libc.errorText(error))
                .append(')');
        if (!log.isEmpty()) {
            message.append("; DPDK says: ").append(String.join(" | ", log));
        }
        return new DpdkException(message.append("; remedy: ").append(remedy).toString(), error);
    }

    /** The error number of the function that failed, positive. */
    public int error() {
        return error;
    }
}
