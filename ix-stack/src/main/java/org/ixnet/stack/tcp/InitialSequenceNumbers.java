package org.ixnet.stack.tcp;

import org.ixnet.stack.util.KeyedHash;

/**
 * Initial sequence numbers and timestamp offsets (RFC 6528; RFC 7323, 7.1): {@code ISN = M + F(4-tuple, key)}, M a clock of 4
 * microseconds, F a keyed hash. The numbers of one 4-tuple rise from incarnation to incarnation, and those of another tell
 * nothing of them. Thread rule: immutable; the key is shared by all threads of a dataplane.
 */
public final class InitialSequenceNumbers {
    private static final int TICK_NANOS = 4_000;

    private final KeyedHash hash;

    public InitialSequenceNumbers(KeyedHash hash) {
        this.hash = hash;
    }

    int iss(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, long nowNanos) {
        int f = (int) tuple(localHi, localLo, localPort, remoteHi, remoteLo, remotePort, 0);
        return f + (int) (nowNanos / TICK_NANOS);
    }

    /** Added to the millisecond clock of the Timestamps option, a secret for each pair of hosts. */
    int timestampOffset(long localHi, long localLo, long remoteHi, long remoteLo) {
        // Without ports: a new incarnation of a 4-tuple, and the reuse of TIME-WAIT (RFC 6191), see rising timestamps.
        return (int) tuple(localHi, localLo, 0, remoteHi, remoteLo, 0, 1);
    }

    private long tuple(
            long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort, int purpose) {
        long ports = ((long) purpose << 32) | ((long) localPort << 16) | remotePort;
        return hash.hash(localHi, localLo, remoteHi, remoteLo, ports);
    }
}
