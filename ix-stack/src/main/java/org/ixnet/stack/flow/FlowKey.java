package org.ixnet.stack.flow;

import org.ixnet.stack.util.IpAddresses;

/**
 * The 4-tuple that names a connection, seen from this host. A connection implements it, so that {@link FlowTable} needs no
 * copy of its key; it must not change while the connection is in a table.
 */
public interface FlowKey {
    long localHi();

    long localLo();

    int localPort();

    long remoteHi();

    long remoteLo();

    int remotePort();

    /** Whether this is the connection between these two ends. */
    default boolean matches(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        return remotePort() == remotePort
                && localPort() == localPort
                && remoteLo() == remoteLo
                && localLo() == localLo
                && remoteHi() == remoteHi
                && localHi() == localHi;
    }

    /** A key of its own, for maps off the hot path. */
    record Tuple(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort)
            implements FlowKey {
        public static Tuple of(FlowKey key) {
            return new Tuple(
                    key.localHi(), key.localLo(), key.localPort(), key.remoteHi(), key.remoteLo(), key.remotePort());
        }

        @Override
        public String toString() {
            return IpAddresses.toString(localHi, localLo) + ":" + localPort + "-"
                    + IpAddresses.toString(remoteHi, remoteLo) + ":" + remotePort;
        }
    }
}
