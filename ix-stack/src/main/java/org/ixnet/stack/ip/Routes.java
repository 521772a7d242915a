package org.ixnet.stack.ip;

import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.KeyedHash;
import org.jspecify.annotations.Nullable;

/**
 * Route look-up of one thread (RFC 1122, 3.3.1), with a cache so that a packet to a known destination allocates nothing, and
 * the path MTUs that were learned (RFC 1191). Both are direct-mapped and so bounded. Thread rule: the elastic thread.
 */
final class Routes {
    static final int CACHED_ROUTES = 4096;
    static final int PATH_MTUS = 1024;
    /** Smallest path MTU that is believed. Lower claims are attacks more often than networks (RFC 5927, 7.2; Linux). */
    static final int MIN_PATH_MTU_BYTES = 552;
    /** Then a larger MTU is tried again (RFC 1191, 6.3). */
    static final long PATH_MTU_NANOS = 600_000_000_000L;

    private final IpHost host;
    private final Neighbours neighbours;
    private final KeyedHash hash;
    private final int loopbackMtuBytes;

    private final @Nullable Entry[] cache = new @Nullable Entry[CACHED_ROUTES];
    private final @Nullable PathMtu[] pathMtus = new @Nullable PathMtu[PATH_MTUS];

    /** The route of a question: the source is the wanted one, perhaps 0 and 0. */
    private record Entry(long sourceHi, long sourceLo, Route route) {}

    private record PathMtu(long hi, long lo, int mtuBytes, long expiresNanos) {}

    Routes(IpHost host, Neighbours neighbours, KeyedHash hash, int loopbackMtuBytes) {
        this.host = host;
        this.neighbours = neighbours;
        this.hash = hash;
        this.loopbackMtuBytes = loopbackMtuBytes;
    }

    @Nullable
    Route find(long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        int index = index(sourceHi ^ Long.rotateLeft(destinationHi, 32), sourceLo ^ Long.rotateLeft(destinationLo, 32));
        Entry entry = cache[index];
        if (entry != null
                && entry.route.destinationLo == destinationLo
                && entry.sourceLo == sourceLo
                && entry.route.destinationHi == destinationHi
                && entry.sourceHi == sourceHi) {
            return entry.route;
        }
        Route route = make(sourceHi, sourceLo, destinationHi, destinationLo);
        if (route != null) {
            cache[index] = new Entry(sourceHi, sourceLo, route);
        }
        return route;
    }

    private static int index(long hi, long lo) {
        long mixed = (hi * 31 + lo) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 40) & (CACHED_ROUTES - 1);
    }

    private @Nullable Route make(long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        boolean choose = IpAddresses.isUnspecified(sourceHi, sourceLo);
        if (!choose && !host.isOwn(sourceHi, sourceLo)) {
            return null;
        }
        if (host.isOwn(destinationHi, destinationLo)) {
            return new Route(
                    choose ? destinationHi : sourceHi,
                    choose ? destinationLo : sourceLo,
                    destinationHi,
                    destinationLo,
                    Route.Kind.LOOPBACK,
                    null,
                    loopbackMtuBytes);
        }
        // IPv6 is not built yet; nothing but loopback packets may have a loopback source (RFC 1122, 3.2.1.3 (g)).
        if (!IpAddresses.isIpv4(destinationHi, destinationLo)
                || IpAddresses.isUnspecified(destinationHi, destinationLo)
                || IpAddresses.isLoopback(sourceHi, sourceLo)) {
            return null;
        }
        return makeRemote(choose, sourceHi, sourceLo, destinationHi, destinationLo);
    }

    private @Nullable Route makeRemote(
            boolean choose, long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        Route.Kind kind = kind(destinationHi, destinationLo);
        long nextHi = destinationHi;
        long nextLo = destinationLo;
        if (kind == Route.Kind.UNICAST && !host.isOnLink(destinationHi, destinationLo)) {
            IpHost.Destination via = host.destination(destinationHi, destinationLo);
            if (via == null) {
                return null;
            }
            nextHi = via.gatewayHi();
            nextLo = via.gatewayLo();
        }
        IpHost.OwnAddress own = host.sourceFor(nextHi, nextLo);
        if (own == null) {
            return null;
        }
        Route route = new Route(
                choose ? own.hi() : sourceHi,
                choose ? own.lo() : sourceLo,
                destinationHi,
                destinationLo,
                kind,
                kind == Route.Kind.UNICAST ? neighbours.get(nextHi, nextLo) : null,
                host.mtuBytes());
        PathMtu known = pathMtus[pathIndex(destinationHi, destinationLo)];
        if (known != null && known.lo == destinationLo && known.hi == destinationHi) {
            route.mtuBytes = Math.min(route.linkMtuBytes, known.mtuBytes);
            route.mtuExpiresNanos = known.expiresNanos;
        }
        return route;
    }

    private Route.Kind kind(long hi, long lo) {
        if (host.isBroadcast(hi, lo)) {
            return Route.Kind.BROADCAST;
        }
        return IpAddresses.isMulticast(hi, lo) ? Route.Kind.MULTICAST : Route.Kind.UNICAST;
    }

    void pathMtu(Route route, int mtuBytes, long nowNanos) {
        int believed = Math.max(mtuBytes, MIN_PATH_MTU_BYTES);
        if (route.kind != Route.Kind.UNICAST || believed >= route.mtuBytes) {
            return;
        }
        // 0 stands for "none", so the one instant that would be 0 is left out.
        long expires = (nowNanos + PATH_MTU_NANOS) | 1;
        route.mtuBytes = believed;
        route.mtuExpiresNanos = expires;
        pathMtus[pathIndex(route.destinationHi, route.destinationLo)] =
                new PathMtu(route.destinationHi, route.destinationLo, believed, expires);
    }

    /** Tries the link's MTU again after ten minutes; called for each packet. */
    void age(Route route, long nowNanos) {
        if (route.mtuExpiresNanos != 0 && nowNanos - route.mtuExpiresNanos >= 0) {
            route.mtuBytes = route.linkMtuBytes;
            route.mtuExpiresNanos = 0;
            int index = pathIndex(route.destinationHi, route.destinationLo);
            PathMtu known = pathMtus[index];
            if (known != null && nowNanos - known.expiresNanos >= 0) {
                pathMtus[index] = null;
            }
        }
    }

    private int pathIndex(long hi, long lo) {
        return (int) hash.hash(hi, lo) & (PATH_MTUS - 1);
    }
}
