package org.ixnet.stack.flow;

import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;

/**
 * Chooses the local port of an outgoing connection so that the replies hash to the thread that opens it (IX paper, 4.4).
 * Ports start at a keyed hash of the destination plus a counter of that hash's own (RFC 6056, algorithm 4, double-hash), so
 * that nobody outside can guess the next one, and two destinations do not disturb each other. Thread rule: one owner.
 */
public final class PortAllocator {
    /** First port of the range: Linux's default range. */
    public static final int FIRST_PORT = 32768;
    /** Last port of the range. */
    public static final int LAST_PORT = 60999;

    /** Ports behind the range, for a thread to which no flow hashes: a share of its own, since nobody else knows of them. */
    private static final int FOREIGN_PORTS = 64;

    private static final int RANGE = LAST_PORT - FIRST_PORT + 1;
    /** Counters of the algorithm ("table size T"; RFC 6056, 3.3.4). */
    private static final int COUNTERS = 256;

    private final Toeplitz toeplitz;
    private final FlowGroups flowGroups;
    private final int thread;
    private final KeyedHash hash;
    private final int[] counters = new int[COUNTERS];

    /** Says which ports cannot be had; owned by the layer that has the connections. */
    @FunctionalInterface
    public interface PortUse {
        /** Whether a connection with this 4-tuple, or a listener on the port, is there. */
        boolean inUse(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort);
    }

    /**
     * @param thread owner of the flow groups that replies must hash to
     * @param random gives the counters their first values
     */
    public PortAllocator(Toeplitz toeplitz, FlowGroups flowGroups, int thread, KeyedHash hash, RandomSource random) {
        this.toeplitz = toeplitz;
        this.flowGroups = flowGroups;
        this.thread = thread;
        this.hash = hash;
        for (int i = 0; i < COUNTERS; i++) {
            counters[i] = random.nextInt(RANGE);
        }
    }

    /**
     * A free local port for this destination, or 0 when none is left: one whose replies hash home or, where there is none,
     * one of this thread's share of ports whose replies another thread must forward.
     */
    public int allocate(long localHi, long localLo, long remoteHi, long remoteLo, int remotePort, PortUse use) {
        long secret = hash.hash(localHi, localLo, remoteHi, remoteLo, remotePort);
        int counter = (int) (secret >>> 56);
        int offset = (int) ((secret & 0xffffffffL) % RANGE);
        for (int tried = 0; tried < RANGE; tried++) {
            int port = FIRST_PORT + (offset + counters[counter]) % RANGE;
            counters[counter] = (counters[counter] + 1) % RANGE;
            // Replies come from the remote end: it is their source.
            int reply = toeplitz.hash(remoteHi, remoteLo, localHi, localLo, remotePort, port);
            if (flowGroups.ownerOf(reply) == thread
                    && !use.inUse(localHi, localLo, port, remoteHi, remoteLo, remotePort)) {
                return port;
            }
        }
        int first = LAST_PORT + 1 + thread * FOREIGN_PORTS;
        for (int port = first; port < first + FOREIGN_PORTS; port++) {
            if (!use.inUse(localHi, localLo, port, remoteHi, remoteLo, remotePort)) {
                return port;
            }
        }
        return 0;
    }
}
