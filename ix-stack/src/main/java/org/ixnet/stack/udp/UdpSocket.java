package org.ixnet.stack.udp;

import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.ip.Route;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;

/** A UDP endpoint; {@link UdpLayer} makes and drives it. Thread rule: the elastic thread that bound it. */
public final class UdpSocket {
    /** Linux's default (net.core.rmem_default). */
    public static final int DEFAULT_RECEIVE_BUFFER_BYTES = 212_992;
    /** What a waiting datagram counts beside its payload: even an empty one holds an mbuf. */
    static final int OVERHEAD_BYTES = 512;

    /** For the user to find its own object again. */
    public @Nullable Object userHandle;

    final UdpUser user;
    final PortTable.Reservation reservation;
    /** The next socket whose port falls into the same bucket. */
    @Nullable
    UdpSocket nextInBucket;
    /** The next socket that has news. */
    @Nullable
    UdpSocket nextPending;

    boolean pending;
    boolean arrived;
    IcmpError.@Nullable Kind error;
    /** The way to the peer; null while not connected. */
    @Nullable
    Route route;

    long localHi;
    long localLo;
    boolean closed;
    boolean broadcast;
    int trafficClass;

    private int remotePort;
    private long head;
    private long tail;
    private int queuedBytes;
    private int receiveBufferBytes = DEFAULT_RECEIVE_BUFFER_BYTES;

    UdpSocket(PortTable.Reservation reservation, UdpUser user) {
        this.reservation = reservation;
        this.user = user;
        this.localHi = reservation.hi();
        this.localLo = reservation.lo();
    }

    /** With {@link #localLo}: the address bound to, or, once connected, that of the route; 0 and 0 is any. */
    public long localHi() {
        return localHi;
    }

    public long localLo() {
        return localLo;
    }

    public int localPort() {
        return reservation.port();
    }

    public boolean isConnected() {
        return route != null;
    }

    /** Upper half of the peer's address; 0 while not connected. */
    public long remoteHi() {
        Route to = route;
        return to == null ? 0 : to.destinationHi();
    }

    public long remoteLo() {
        Route to = route;
        return to == null ? 0 : to.destinationLo();
    }

    /** The peer's port; 0 while not connected. */
    public int remotePort() {
        return remotePort;
    }

    public boolean isClosed() {
        return closed;
    }

    /** SO_BROADCAST: {@link UdpLayer#send} to a broadcast address is refused without it. */
    public void broadcast(boolean allowed) {
        broadcast = allowed;
    }

    public boolean broadcast() {
        return broadcast;
    }

    /** SO_RCVBUF: bytes of payload, and 512 for each datagram, that may wait; what comes beyond is dropped and counted. */
    public void receiveBufferBytes(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("receiveBufferBytes is " + bytes + "; must be at least 1");
        }
        receiveBufferBytes = bytes;
    }

    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /** IP_TOS of datagrams sent, 0..255. */
    public void trafficClass(int octet) {
        trafficClass = octet & 0xff;
    }

    public int trafficClass() {
        return trafficClass;
    }

    void connect(Route to, int port) {
        route = to;
        remotePort = port;
        localHi = to.sourceHi();
        localLo = to.sourceLo();
    }

    void disconnect() {
        route = null;
        remotePort = 0;
        localHi = reservation.hi();
        localLo = reservation.lo();
    }

    /** How well a datagram fits: -1 not at all; connected to its sender, then bound to its destination, counts more. */
    int score(long hi, long lo, int port, long senderHi, long senderLo, int senderPort) {
        if (port != reservation.port()) {
            return -1;
        }
        int score = 0;
        if (!IpAddresses.isUnspecified(localHi, localLo)) {
            if (localLo != lo || localHi != hi) {
                return -1;
            }
            score = 1;
        }
        Route to = route;
        if (to != null) {
            if (senderPort != remotePort || to.destinationLo() != senderLo || to.destinationHi() != senderHi) {
                return -1;
            }
            score += 2;
        }
        return score;
    }

    /** Appends a datagram; false when the buffer is full. An empty buffer takes any datagram. */
    boolean offer(long mbuf) {
        int bytes = Mbuf.payloadLengthBytes(mbuf) + OVERHEAD_BYTES;
        if (head != 0 && queuedBytes + bytes > receiveBufferBytes) {
            return false;
        }
        Mbuf.next(mbuf, 0);
        if (tail == 0) {
            head = mbuf;
        } else {
            Mbuf.next(tail, mbuf);
        }
        tail = mbuf;
        queuedBytes += bytes;
        return true;
    }

    long poll() {
        long mbuf = head;
        if (mbuf != 0) {
            head = Mbuf.next(mbuf);
            if (head == 0) {
                tail = 0;
            }
            queuedBytes -= Mbuf.payloadLengthBytes(mbuf) + OVERHEAD_BYTES;
        }
        return mbuf;
    }
}
