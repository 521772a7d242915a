package org.ixnet.stack.dataplane;

/**
 * Finds out whether a device's RSS hash is the textbook's: cards are known that reverse the key or hash other fields. The
 * first {@link #SAMPLES} hashes are compared with the software's; one that differs ends the trust for good. Thread rule:
 * the elastic thread that polls the queue.
 */
final class HashCalibration {
    static final int SAMPLES = 64;

    private int agreed;
    private boolean failed;

    /** Whether hashes of the device may be used without looking. */
    boolean isTrusted() {
        return agreed == SAMPLES;
    }

    boolean isFailed() {
        return failed;
    }

    /** Compares one hash while the trust is not decided. */
    void compare(int deviceHash, int softwareHash) {
        if (failed) {
            return;
        }
        if (deviceHash == softwareHash) {
            agreed++;
        } else {
            failed = true;
            agreed = 0;
        }
    }
}
