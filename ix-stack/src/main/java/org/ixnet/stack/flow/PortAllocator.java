package org.ixnet.stack.flow;

import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;

/**
 * Chooses the local port of an outgoing connection so that the replies hash to the thread that opens it (IX paper, 4.4).
 * Ports start at a keyed hash of the destination and go on from there (RFC 6056, algorithm 4), so that nobody outside can
 * guess the next one. Thread rule: one owner.
 */
public final class PortAllocator {
    /** First and last port of the range (IANA's dynamic ports begin later; Linux's default range). */
    public static final int FIRST_PORT = 32768;

    public static final int LAST_PORT = 60999;

    /** Says which ports cannot be had; owned by the layer that has the connections. */
    @FunctionalInterface
    public interface PortUse {
        /** Whether a connection with this 4-tuple, or a listener on the port, is there. */
        boolean inUse(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort);
    }

    /** @param thread owner of the flow groups that replies must hash to */
    public PortAllocator(Toeplitz toeplitz, FlowGroups flowGroups, int thread, KeyedHash hash, RandomSource random) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** A free local port for this destination, or 0 when every port is in use or none hashes home. */
    public int allocate(long localHi, long localLo, long remoteHi, long remoteLo, int remotePort, PortUse use) {
        throw new UnsupportedOperationException("not built yet");
    }
}
