package org.ixnet.stack.udp;

import java.net.BindException;
import java.net.NoRouteToHostException;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.ip.IpPacket;
import org.ixnet.stack.ip.IpProtocol;
import org.ixnet.stack.ip.Route;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.wire.InternetChecksum;
import org.ixnet.stack.wire.Ipv4;
import org.ixnet.stack.wire.Udp;
import org.jspecify.annotations.Nullable;

/**
 * One thread's UDP (RFC 768; RFC 1122, 4.1). It registers itself with the {@link IpLayer}. A datagram for a socket of another
 * thread goes there, because a device steers datagrams by their addresses and not by socket. Thread rule: the elastic thread.
 */
public final class UdpLayer implements IpProtocol {
    /** Largest payload over IPv4. */
    public static final int MAX_PAYLOAD_BYTES = 65507;

    private static final int BUCKETS = 256;

    private final IpLayer ip;
    private final Mempool mempool;
    private final PortTable ports;
    private final int thread;
    private final UdpForward forward;
    private final Counters<UdpCounter> counters = new Counters<>(UdpCounter.class);
    private final @Nullable UdpSocket[] buckets = new @Nullable UdpSocket[BUCKETS];
    private @Nullable UdpSocket pendingHead;
    private @Nullable UdpSocket pendingTail;

    /**
     * @param thread index of this elastic thread, the owner of its reservations in {@code ports}
     * @param forward takes datagrams for sockets of other threads
     */
    public UdpLayer(IpLayer ip, PortTable ports, int thread, UdpForward forward) {
        this.ip = ip;
        this.mempool = ip.mempool();
        this.ports = ports;
        this.thread = thread;
        this.forward = forward;
        ip.protocol(IpProtocol.UDP, this);
    }

    /**
     * Opens a socket.
     *
     * @param hi with {@code lo} an own or broadcast address, or 0 and 0 for any
     * @param port 1..65535, or 0 for an ephemeral one
     * @param reusePort other sockets that say so too may bind the same address and port
     * @throws BindException when the port is taken, or the address is not of this host
     */
    public UdpSocket bind(long hi, long lo, int port, boolean reusePort, UdpUser user) throws BindException {
        boolean any = IpAddresses.isUnspecified(hi, lo);
        if (!any && !ip.isOwn(hi, lo) && !ip.host().isBroadcast(hi, lo)) {
            throw new BindException("Cannot assign requested address: " + IpAddresses.toString(hi, lo)
                    + " is no address of this host; bind one of them or the wildcard address");
        }
        PortTable.Reservation reservation =
                ports.reserve(IpProtocol.UDP, any ? 0 : hi, any ? 0 : lo, port, reusePort, thread);
        UdpSocket socket = new UdpSocket(reservation, user);
        int bucket = bucket(reservation.port());
        socket.nextInBucket = buckets[bucket];
        buckets[bucket] = socket;
        return socket;
    }

    public UdpSocket bind(long hi, long lo, int port, UdpUser user) throws BindException {
        return bind(hi, lo, port, false, user);
    }

    /** Fixes the peer: only its datagrams are received, and ICMP errors reach the user. Allocates for a new peer. */
    public void connect(UdpSocket socket, long remoteHi, long remoteLo, int remotePort) throws NoRouteToHostException {
        PortTable.Reservation bound = socket.reservation;
        Route route = ip.route(bound.hi(), bound.lo(), remoteHi, remoteLo);
        if (route == null || (route.isBroadcast() && !socket.broadcast)) {
            throw noRoute(route, remoteHi, remoteLo);
        }
        socket.connect(route, remotePort);
    }

    public void disconnect(UdpSocket socket) {
        socket.disconnect();
    }

    /**
     * The next datagram or 0: payload and sender stand in the {@code Mbuf}. The caller owns it and frees it to the thread's
     * mempool.
     */
    public long receive(UdpSocket socket) {
        return socket.poll();
    }

    /**
     * Sends a datagram; its bytes are copied.
     *
     * @param lengthBytes 0..{@link #MAX_PAYLOAD_BYTES}
     * @return false when no mbuf is free: try again in a later cycle
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
        if (lengthBytes < 0 || lengthBytes > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "a datagram of " + lengthBytes + " bytes; must be 0.." + MAX_PAYLOAD_BYTES);
        }
        Route route = ip.route(socket.localHi, socket.localLo, destinationHi, destinationLo);
        if (route == null || (route.isBroadcast() && !socket.broadcast)) {
            throw noRoute(route, destinationHi, destinationLo);
        }
        int segmentBytes = Udp.HEADER_BYTES + lengthBytes;
        boolean sent = segmentBytes + Ipv4.HEADER_BYTES <= route.mtuBytes()
                ? sendWhole(socket, route, destinationPort, address, lengthBytes)
                : sendFragments(socket, route, destinationPort, address, lengthBytes);
        counters.increment(sent ? UdpCounter.SENT : UdpCounter.SEND_NO_MBUF);
        return sent;
    }

    private static NoRouteToHostException noRoute(@Nullable Route route, long hi, long lo) {
        String target = IpAddresses.toString(hi, lo);
        return new NoRouteToHostException(
                route == null
                        ? "No route to host: " + target + "; set a gateway, or bind an address that can reach it"
                        : "Permission denied: " + target + " is a broadcast or multicast address; set SO_BROADCAST");
    }

    private boolean sendWhole(UdpSocket socket, Route route, int port, long address, int lengthBytes) {
        long mbuf = ip.allocate();
        if (mbuf == 0) {
            return false;
        }
        int segmentBytes = Udp.HEADER_BYTES + lengthBytes;
        long segment = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        Udp.write(segment, socket.localPort(), port, segmentBytes);
        Memory.copy(address, segment + Udp.HEADER_BYTES, lengthBytes);
        ip.output(
                route,
                mbuf,
                segment,
                segmentBytes,
                IpProtocol.UDP,
                socket.trafficClass,
                Udp.HEADER_BYTES,
                Udp.CHECKSUM_OFFSET,
                ip.nowNanos());
        return true;
    }

    private boolean sendFragments(UdpSocket socket, Route route, int port, long address, int lengthBytes) {
        int segmentBytes = Udp.HEADER_BYTES + lengthBytes;
        long header = ip.scratchAddress();
        Udp.write(header, socket.localPort(), port, segmentBytes);
        long sum = InternetChecksum.pseudoHeader(
                        route.sourceHi(),
                        route.sourceLo(),
                        route.destinationHi(),
                        route.destinationLo(),
                        IpProtocol.UDP,
                        segmentBytes)
                + InternetChecksum.sum(header, Udp.HEADER_BYTES)
                + InternetChecksum.sum(address, lengthBytes);
        int checksum = InternetChecksum.finish(sum);
        Udp.checksum(header, checksum == 0 ? 0xffff : checksum);
        return ip.outputFragments(
                route,
                IpProtocol.UDP,
                socket.trafficClass,
                header,
                Udp.HEADER_BYTES,
                address,
                lengthBytes,
                ip.nowNanos());
    }

    /** Closes the socket and frees what waits in it; the second time does nothing. */
    public void close(UdpSocket socket) {
        if (socket.closed) {
            return;
        }
        socket.closed = true;
        ports.release(socket.reservation);
        unlink(socket);
        long mbuf;
        while ((mbuf = socket.poll()) != 0) {
            mempool.free(mbuf);
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very socket
    private void unlink(UdpSocket socket) {
        int bucket = bucket(socket.localPort());
        UdpSocket at = buckets[bucket];
        if (at == socket) {
            buckets[bucket] = socket.nextInBucket;
            return;
        }
        while (at != null && at.nextInBucket != socket) {
            at = at.nextInBucket;
        }
        if (at != null) {
            at.nextInBucket = socket.nextInBucket;
        }
    }

    /** Closes every socket, before the thread leaves. */
    public void closeAll() {
        for (int i = 0; i < BUCKETS; i++) {
            UdpSocket socket;
            while ((socket = buckets[i]) != null) {
                close(socket);
            }
        }
    }

    /**
     * Calls the users whose sockets have news.
     *
     * @return upcalls made
     */
    public int dispatchEvents() {
        UdpSocket socket = pendingHead;
        pendingHead = null;
        pendingTail = null;
        int upcalls = 0;
        while (socket != null) {
            UdpSocket following = socket.nextPending;
            socket.nextPending = null;
            socket.pending = false;
            upcalls += dispatch(socket);
            socket = following;
        }
        return upcalls;
    }

    private static int dispatch(UdpSocket socket) {
        int upcalls = 0;
        IcmpError.Kind error = socket.error;
        if (error != null && !socket.closed) {
            socket.error = null;
            socket.user.error(socket, error);
            upcalls++;
        }
        if (socket.arrived && !socket.closed) {
            socket.arrived = false;
            socket.user.readable(socket);
            upcalls++;
        }
        return upcalls;
    }

    private void pend(UdpSocket socket) {
        if (socket.pending) {
            return;
        }
        socket.pending = true;
        UdpSocket tail = pendingTail;
        if (tail == null) {
            pendingHead = socket;
        } else {
            tail.nextPending = socket;
        }
        pendingTail = socket;
    }

    @Override
    public void input(IpPacket packet, long nowNanos) {
        long header = packet.payloadAddress();
        int available = packet.payloadLengthBytes();
        int segmentBytes = available < Udp.HEADER_BYTES ? 0 : Udp.lengthBytes(header);
        if (segmentBytes < Udp.HEADER_BYTES || segmentBytes > available) {
            drop(packet, UdpCounter.DROPPED_LENGTH);
            return;
        }
        if (!checksumGood(packet, header, segmentBytes)) {
            drop(packet, UdpCounter.DROPPED_CHECKSUM);
            return;
        }
        int sourcePort = Udp.sourcePort(header);
        UdpSocket socket = find(
                packet.destinationHi(),
                packet.destinationLo(),
                Udp.destinationPort(header),
                packet.sourceHi(),
                packet.sourceLo(),
                sourcePort);
        if (socket == null) {
            noSocket(packet, Udp.destinationPort(header), nowNanos);
            return;
        }
        long mbuf = packet.mbuf();
        Mbuf.payloadAddress(mbuf, header + Udp.HEADER_BYTES);
        Mbuf.payloadLengthBytes(mbuf, segmentBytes - Udp.HEADER_BYTES);
        Mbuf.source(mbuf, packet.sourceHi(), packet.sourceLo(), sourcePort);
        if (!socket.offer(mbuf)) {
            drop(packet, UdpCounter.DROPPED_BUFFER_FULL);
            return;
        }
        counters.increment(UdpCounter.RECEIVED);
        socket.arrived = true;
        pend(socket);
    }

    /** RFC 768: a checksum of zero was not computed, which IPv4 allows. */
    private static boolean checksumGood(IpPacket packet, long header, int segmentBytes) {
        if (packet.checksumVerified() || (Udp.checksum(header) == 0 && !packet.isIpv6())) {
            return true;
        }
        return InternetChecksum.isValid(InternetChecksum.pseudoHeader(
                        packet.sourceHi(),
                        packet.sourceLo(),
                        packet.destinationHi(),
                        packet.destinationLo(),
                        IpProtocol.UDP,
                        segmentBytes)
                + InternetChecksum.sum(header, segmentBytes));
    }

    private @Nullable UdpSocket find(long hi, long lo, int port, long senderHi, long senderLo, int senderPort) {
        UdpSocket best = null;
        int bestScore = -1;
        for (UdpSocket at = buckets[bucket(port)]; at != null; at = at.nextInBucket) {
            int score = at.score(hi, lo, port, senderHi, senderLo, senderPort);
            if (score > bestScore) {
                best = at;
                bestScore = score;
            }
        }
        return best;
    }

    private void noSocket(IpPacket packet, int port, long nowNanos) {
        int owner = ports.owner(IpProtocol.UDP, packet.destinationHi(), packet.destinationLo(), port);
        if (owner != PortTable.NO_OWNER
                && owner != thread
                && forward.forward(
                        owner, packet.mbuf(), packet.frameAddress(), packet.frameLengthBytes(), packet.rxFlags())) {
            counters.increment(UdpCounter.FORWARDED);
            return;
        }
        // A full ring to the thread that has the socket is no reason to say "nobody here".
        if (owner == PortTable.NO_OWNER || owner == thread) {
            ip.sendPortUnreachable(packet, nowNanos);
        }
        drop(packet, UdpCounter.DROPPED_NO_SOCKET);
    }

    private void drop(IpPacket packet, UdpCounter reason) {
        counters.increment(reason);
        mempool.free(packet.mbuf());
    }

    /** RFC 1122, 4.1.3.3: errors go up to the user; only a connected socket can know that one is about its own datagram. */
    @Override
    public void icmpError(IcmpError error, long nowNanos) {
        UdpSocket socket = find(
                error.localHi(),
                error.localLo(),
                error.localPort(),
                error.remoteHi(),
                error.remoteLo(),
                error.remotePort());
        Route route = socket == null ? null : socket.route;
        if (socket == null || route == null) {
            counters.increment(UdpCounter.ICMP_IGNORED);
            return;
        }
        counters.increment(UdpCounter.ICMP_ERRORS);
        if (error.kind() == IcmpError.Kind.FRAGMENTATION_NEEDED) {
            ip.pathMtu(route, error.nextHopMtuBytes(), nowNanos);
            return;
        }
        socket.error = error.kind();
        pend(socket);
    }

    public Counters<UdpCounter> counters() {
        return counters;
    }

    private static int bucket(int port) {
        return port & (BUCKETS - 1);
    }
}
