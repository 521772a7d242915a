package org.ixnet.stack.flow;

import java.net.BindException;

/**
 * Ports that are reserved on a dataplane, for TCP (6) and UDP (17) apart: by listeners and by UDP sockets. Two reservations
 * of one port agree when their addresses differ and neither is "any", or when both allow sharing. Thread rule: any thread;
 * {@link #isReserved} and {@link #owner} take no lock.
 */
public final class PortTable {
    /** No thread owns the port alone. */
    public static final int NO_OWNER = -1;

    public PortTable() {}

    /** A port that is held until {@link PortTable#release}. */
    public static final class Reservation {
        private final int protocol;
        private final long hi;
        private final long lo;
        private final int port;
        private final boolean shared;
        private final int owner;

        Reservation(int protocol, long hi, long lo, int port, boolean shared, int owner) {
            this.protocol = protocol;
            this.hi = hi;
            this.lo = lo;
            this.port = port;
            this.shared = shared;
            this.owner = owner;
        }

        public int protocol() {
            return protocol;
        }

        public long hi() {
            return hi;
        }

        public long lo() {
            return lo;
        }

        public int port() {
            return port;
        }

        public boolean shared() {
            return shared;
        }

        public int owner() {
            return owner;
        }
    }

    /**
     * Reserves a port.
     *
     * @param hi with {@code lo} the local address, 0 and 0 for any
     * @param port 1..65535, or 0 for a free one of the ephemeral range
     * @param shared others who say so too may reserve it as well (SO_REUSEPORT)
     * @param owner the thread whose socket it is, or {@link #NO_OWNER} when every thread listens
     * @throws BindException when it is taken, or no ephemeral port is left
     */
    public Reservation reserve(int protocol, long hi, long lo, int port, boolean shared, int owner)
            throws BindException {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Gives a reservation back; the second time does nothing. */
    public void release(Reservation reservation) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Whether anyone holds the port on any address; an outgoing connection must not take it. */
    public boolean isReserved(int protocol, int port) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The only thread with a socket for this address and port, or {@link #NO_OWNER}. */
    public int owner(int protocol, long hi, long lo, int port) {
        throw new UnsupportedOperationException("not built yet");
    }
}
