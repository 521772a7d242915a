package org.ixnet.stack.dataplane;

import java.net.BindException;

/**
 * Which local ports are taken, for all elastic threads of a dataplane. Listening TCP ports and bound UDP ports are reserved
 * here before the threads open their sockets; ports of outgoing TCP connections are not, because each thread chooses
 * among those whose replies hash to it. Thread rule: any thread.
 */
public final class PortTable {
    PortTable() {}

    /**
     * Reserves a TCP port to listen on.
     *
     * @param hi with {@code lo} the local address, or 0 and 0 for any
     * @param port 1..65535, or 0 to choose one
     * @param shared whether others that say so too may have the same port (SO_REUSEPORT)
     * @return the port
     * @throws BindException when it is taken or none is left
     */
    public int reserveTcp(long hi, long lo, int port, boolean shared) throws BindException {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Ends one reservation. */
    public void releaseTcp(long hi, long lo, int port) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Reserves a UDP port whose datagrams go to {@code owner}; of several owners of a shared port, the flow's hash chooses.
     *
     * @param port 1..65535, or 0 to choose one
     * @return the port
     * @throws BindException when it is taken or none is left
     */
    public int reserveUdp(long hi, long lo, int port, boolean shared, ElasticThread owner) throws BindException {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Ends the reservation of {@code owner}. */
    public void releaseUdp(long hi, long lo, int port, ElasticThread owner) {
        throw new UnsupportedOperationException("not built yet");
    }
}
