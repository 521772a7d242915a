package org.ixnet.stack.ip;

import org.jspecify.annotations.Nullable;

/**
 * The way from a local address to a destination. A connection keeps it; {@link IpLayer} also caches it for packets without
 * one. Thread rule: the elastic thread whose {@link IpLayer} made it.
 */
public final class Route {
    final long sourceHi;
    final long sourceLo;
    final long destinationHi;
    final long destinationLo;
    /** Null for the loopback and for broadcast. */
    final @Nullable Neighbour neighbour;

    final Kind kind;
    /** MTU of the first link. */
    final int linkMtuBytes;

    int mtuBytes;
    /** When the path MTU is to be tried again; 0: it is that of the link. */
    long mtuExpiresNanos;

    /** Where packets on a route go. */
    enum Kind {
        UNICAST,
        BROADCAST,
        MULTICAST,
        LOOPBACK
    }

    Route(
            long sourceHi,
            long sourceLo,
            long destinationHi,
            long destinationLo,
            Kind kind,
            @Nullable Neighbour neighbour,
            int mtuBytes) {
        this.sourceHi = sourceHi;
        this.sourceLo = sourceLo;
        this.destinationHi = destinationHi;
        this.destinationLo = destinationLo;
        this.kind = kind;
        this.neighbour = neighbour;
        this.linkMtuBytes = mtuBytes;
        this.mtuBytes = mtuBytes;
    }

    public long sourceHi() {
        return sourceHi;
    }

    public long sourceLo() {
        return sourceLo;
    }

    public long destinationHi() {
        return destinationHi;
    }

    public long destinationLo() {
        return destinationLo;
    }

    /** The next hop; null on the loopback and for broadcast. */
    public @Nullable Neighbour neighbour() {
        return neighbour;
    }

    /** Largest IP packet on this path, after path MTU discovery; see {@link IpLayer#pathMtu}. */
    public int mtuBytes() {
        return mtuBytes;
    }

    /** TTL of packets: 64 (RFC 1700), 1 for multicast (RFC 1112, 6.1). */
    public int hopLimit() {
        return kind == Kind.MULTICAST ? 1 : 64;
    }

    /** Over the internal loopback: the destination is this host. */
    public boolean isLoopback() {
        return kind == Kind.LOOPBACK;
    }

    /** To a broadcast or multicast address. */
    public boolean isBroadcast() {
        return kind == Kind.BROADCAST || kind == Kind.MULTICAST;
    }
}
