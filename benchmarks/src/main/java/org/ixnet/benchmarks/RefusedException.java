package org.ixnet.benchmarks;

import java.io.Serial;

/** The command line is right, and yet nothing is measured, or not all is written; the message is for the user. */
final class RefusedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
