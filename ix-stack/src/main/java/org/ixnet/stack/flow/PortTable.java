package org.ixnet.stack.flow;

import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.RandomSource;

/**
 * Ports that are reserved on a dataplane, for TCP (6) and UDP (17) apart: by listeners and by UDP sockets. Two reservations
 * of one port agree when their addresses differ and neither is "any", or when both allow sharing. Thread rule: any thread;
 * {@link #isReserved} and {@link #owner} take no lock.
 */
public final class PortTable {
    /** No thread owns the port alone. */
    public static final int NO_OWNER = -1;

    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int PORTS = 65536;
    private static final int EPHEMERAL = PortAllocator.LAST_PORT - PortAllocator.FIRST_PORT + 1;

    /** Holders of each port, an immutable array that writers replace under this table's lock; null when there are none. */
    private final AtomicReferenceArray<Reservation[]> tcp = new AtomicReferenceArray<>(PORTS);

    private final AtomicReferenceArray<Reservation[]> udp = new AtomicReferenceArray<>(PORTS);
    private final RandomSource random;

    /** A table whose ephemeral ports nobody can guess. */
    public PortTable() {
        this(RandomSource.secure());
    }

    /** @param random chooses ephemeral ports */
    public PortTable(RandomSource random) {
        this.random = random;
    }

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

        private boolean isAny() {
            return IpAddresses.isUnspecified(hi, lo);
        }

        private boolean covers(long otherHi, long otherLo) {
            return isAny() || (hi == otherHi && lo == otherLo);
        }

        private boolean conflicts(long otherHi, long otherLo, boolean otherShared) {
            boolean overlap = covers(otherHi, otherLo) || IpAddresses.isUnspecified(otherHi, otherLo);
            return overlap && !(shared && otherShared);
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
    public synchronized Reservation reserve(int protocol, long hi, long lo, int port, boolean shared, int owner)
            throws BindException {
        if (port < 0 || port >= PORTS) {
            throw new IllegalArgumentException("port is " + port + "; must be 0..65535");
        }
        AtomicReferenceArray<Reservation[]> table = table(protocol);
        int chosen = port == 0 ? ephemeral(table) : port;
        Reservation[] holders = table.get(chosen);
        if (holders != null) {
            for (Reservation holder : holders) {
                if (holder.conflicts(hi, lo, shared)) {
                    throw new BindException("Address already in use: " + IpAddresses.toString(hi, lo) + ":" + chosen
                            + " is held on " + IpAddresses.toString(holder.hi, holder.lo)
                            + "; choose another port, or let both set SO_REUSEPORT");
                }
            }
        }
        Reservation reservation = new Reservation(protocol, hi, lo, chosen, shared, owner);
        List<Reservation> grown = holders == null ? new ArrayList<>() : new ArrayList<>(List.of(holders));
        grown.add(reservation);
        table.set(chosen, grown.toArray(new Reservation[0]));
        return reservation;
    }

    private int ephemeral(AtomicReferenceArray<Reservation[]> table) throws BindException {
        int offset = random.nextInt(EPHEMERAL);
        for (int i = 0; i < EPHEMERAL; i++) {
            int port = PortAllocator.FIRST_PORT + (offset + i) % EPHEMERAL;
            if (table.get(port) == null) {
                return port;
            }
        }
        throw new BindException("No port left: all of " + PortAllocator.FIRST_PORT + ".." + PortAllocator.LAST_PORT
                + " are taken; close sockets or name a port outside that range");
    }

    /** Gives a reservation back; the second time does nothing. */
    public synchronized void release(Reservation reservation) {
        AtomicReferenceArray<Reservation[]> table = table(reservation.protocol);
        Reservation[] holders = table.get(reservation.port);
        if (holders == null) {
            return;
        }
        List<Reservation> left = new ArrayList<>(List.of(holders));
        left.removeIf(holder -> holder == reservation);
        table.set(reservation.port, left.isEmpty() ? null : left.toArray(new Reservation[0]));
    }

    /** Whether anyone holds the port on any address; an outgoing connection must not take it. */
    public boolean isReserved(int protocol, int port) {
        return table(protocol).get(port) != null;
    }

    /** The only thread with a socket for this address and port, or {@link #NO_OWNER}. */
    public int owner(int protocol, long hi, long lo, int port) {
        Reservation[] holders = table(protocol).get(port);
        if (holders == null) {
            return NO_OWNER;
        }
        int owner = NO_OWNER;
        for (Reservation holder : holders) {
            if (holder.covers(hi, lo)) {
                // An exact address goes before "any"; among equals the first holder has it.
                if (!holder.isAny()) {
                    return holder.owner;
                }
                owner = owner == NO_OWNER ? holder.owner : owner;
            }
        }
        return owner;
    }

    /** Reservations of the port, on whatever address. */
    public int holders(int protocol, int port) {
        Reservation[] holders = table(protocol).get(port);
        return holders == null ? 0 : holders.length;
    }

    /**
     * Of the threads whose sockets share this address and port (SO_REUSEPORT), the one that a flow with this hash goes to,
     * or {@link #NO_OWNER}. Sockets on the exact address go before those on "any".
     */
    public int sharedOwner(int protocol, long hi, long lo, int port, int hash) {
        Reservation[] holders = table(protocol).get(port);
        if (holders == null) {
            return NO_OWNER;
        }
        int exact = 0;
        int any = 0;
        for (Reservation holder : holders) {
            any += holder.isAny() ? 1 : 0;
            exact += !holder.isAny() && holder.covers(hi, lo) ? 1 : 0;
        }
        if (exact + any == 0) {
            return NO_OWNER;
        }
        int left = Integer.remainderUnsigned(hash, exact > 0 ? exact : any);
        for (Reservation holder : holders) {
            if (holder.covers(hi, lo) && holder.isAny() == (exact == 0) && left-- == 0) {
                return holder.owner;
            }
        }
        return NO_OWNER;
    }

    private AtomicReferenceArray<Reservation[]> table(int protocol) {
        if (protocol != TCP && protocol != UDP) {
            throw new IllegalArgumentException("protocol is " + protocol + "; must be 6 (TCP) or 17 (UDP)");
        }
        return protocol == TCP ? tcp : udp;
    }
}
