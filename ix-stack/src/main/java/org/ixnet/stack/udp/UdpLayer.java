package org.ixnet.stack.udp;

import java.net.BindException;
import java.net.NoRouteToHostException;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.ip.IpPacket;
import org.ixnet.stack.ip.IpProtocol;
import org.ixnet.stack.stats.Counters;

/** One thread's UDP (RFC 768; RFC 1122, 4.1). Registers itself with the {@link IpLayer}. Thread rule: the elastic thread. */
public final class UdpLayer implements IpProtocol {
    /** Largest payload over IPv4. */
    public static final int MAX_PAYLOAD_BYTES = 65507;

    /**
     * @param thread index of this elastic thread, the owner of its reservations in {@code ports}
     * @param forward takes datagrams for sockets of other threads
     */
    public UdpLayer(IpLayer ip, PortTable ports, int thread, UdpForward forward) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Opens a socket.
     *
     * @param hi with {@code lo} an own address, or 0 and 0 for any
     * @param port 1..65535, or 0 for an ephemeral one
     * @throws BindException when the port is taken, or the address is not of this host
     */
    public UdpSocket bind(long hi, long lo, int port, boolean reusePort, UdpUser user) throws BindException {
        throw new UnsupportedOperationException("not built yet");
    }

    public UdpSocket bind(long hi, long lo, int port, UdpUser user) throws BindException {
        return bind(hi, lo, port, false, user);
    }

    /** Fixes the peer: only its datagrams are received, and ICMP errors reach the user. */
    public void connect(UdpSocket socket, long remoteHi, long remoteLo, int remotePort) throws NoRouteToHostException {
        throw new UnsupportedOperationException("not built yet");
    }

    public void disconnect(UdpSocket socket) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * The next datagram or 0: payload and sender stand in the {@code Mbuf}. The caller owns it and frees it to the thread's
     * mempool.
     */
    public long receive(UdpSocket socket) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Sends a datagram; its bytes are copied.
     *
     * @return false when no mbuf is free or the queue is full: try again in a later cycle
     * @throws NoRouteToHostException when no route leads there, or broadcast is not allowed
     */
    public boolean send(
            UdpSocket socket,
            long destinationHi,
            long destinationLo,
            int destinationPort,
            long address,
            int lengthBytes)
            throws NoRouteToHostException {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Closes the socket and frees what waits in it; the second time does nothing. */
    public void close(UdpSocket socket) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Calls the users whose sockets have news.
     *
     * @return upcalls made
     */
    public int dispatchEvents() {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void input(IpPacket packet, long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void icmpError(IcmpError error, long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    public Counters<UdpCounter> counters() {
        throw new UnsupportedOperationException("not built yet");
    }
}
