package org.ixnet.stack.ip;

import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.RandomSource;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.IcmpV4;
import org.ixnet.stack.wire.InternetChecksum;
import org.ixnet.stack.wire.Ipv4;
import org.ixnet.stack.wire.Tcp;
import org.ixnet.stack.wire.Udp;
import org.jspecify.annotations.Nullable;

/**
 * ICMP of a host (RFC 792; RFC 1122, 3.2.2): answers echo, hands errors to the transport that they concern, and sends
 * errors, rate-limited. Redirects are ignored on purpose: anyone on the link could send them. Thread rule: the elastic
 * thread.
 */
final class Icmp {
    /** Errors that a thread may send in a burst, and then each second (RFC 1812, 4.3.2.8, for hosts too). */
    static final int ERROR_BURST = 50;

    static final int ERRORS_PER_SECOND = 1000;
    /** Longest error, IP header included (RFC 1812, 4.3.2.3). */
    static final int MAX_ERROR_BYTES = 576;

    private static final long NANOS_PER_ERROR = 1_000_000_000L / ERRORS_PER_SECOND;
    /** Bytes of the quoted transport header that must be there: ports and, for TCP, the sequence number. */
    private static final int QUOTED_TRANSPORT_BYTES = 8;

    private static final int[] PLATEAUS = {
        32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, Routes.MIN_PATH_MTU_BYTES
    };

    private final IpHost host;
    private final Link link;
    private final Routes routes;
    private final Ipv4Output output;
    private final RandomSource random;
    private final Counters<IpCounter> counters;
    private final IcmpError error = new IcmpError();
    /** Time up to which the allowance has been used; the bucket is full when it lies ERROR_BURST errors back. */
    private long allowanceNanos;

    private boolean allowanceStarted;

    Icmp(IpHost host, Link link, Routes routes, Ipv4Output output, RandomSource random) {
        this.host = host;
        this.link = link;
        this.routes = routes;
        this.output = output;
        this.random = random;
        this.counters = link.counters;
    }

    /** Whether the packet is an error, which belongs to the thread of the connection that it quotes. */
    static boolean isError(IpPacket packet) {
        return packet.payloadLengthBytes >= IcmpV4.HEADER_BYTES && IcmpV4.isError(IcmpV4.type(packet.payloadAddress));
    }

    /** Processes an ICMP packet and takes over its mbuf. */
    void input(IpPacket packet, @Nullable IpProtocol tcp, @Nullable IpProtocol udp, long nowNanos) {
        long icmp = packet.payloadAddress;
        if (packet.payloadLengthBytes < IcmpV4.HEADER_BYTES) {
            link.drop(packet.mbuf, IpCounter.DROPPED_ICMP_SHORT);
            return;
        }
        if (!packet.looped && !InternetChecksum.isValid(InternetChecksum.sum(icmp, packet.payloadLengthBytes))) {
            link.drop(packet.mbuf, IpCounter.DROPPED_ICMP_CHECKSUM);
            return;
        }
        switch (IcmpV4.type(icmp)) {
            case IcmpV4.ECHO_REQUEST -> echo(packet, nowNanos);
            case IcmpV4.DESTINATION_UNREACHABLE, IcmpV4.TIME_EXCEEDED, IcmpV4.PARAMETER_PROBLEM -> {
                error(packet, tcp, udp, nowNanos);
                link.mempool.free(packet.mbuf);
            }
            default -> link.drop(packet.mbuf, IpCounter.ICMP_IGNORED);
        }
    }

    private void echo(IpPacket packet, long nowNanos) {
        // RFC 1122, 3.2.2.6: an echo to a broadcast address MAY be discarded; else it is a way to flood (smurf).
        Route route = packet.broadcast
                ? null
                : routes.find(packet.destinationHi, packet.destinationLo, packet.sourceHi, packet.sourceLo);
        if (route == null) {
            link.drop(packet.mbuf, IpCounter.ICMP_IGNORED);
            return;
        }
        // The reply is the request with another type, in the same mbuf, behind the same headers' room.
        Memory.putByte(packet.payloadAddress, IcmpV4.ECHO_REPLY);
        IcmpV4.checksum(packet.payloadAddress, 0);
        counters.increment(IpCounter.ICMP_ECHO_REPLIED);
        output.output(
                route,
                packet.mbuf,
                packet.payloadAddress,
                packet.payloadLengthBytes,
                IpProtocol.ICMP,
                packet.trafficClass,
                IcmpV4.HEADER_BYTES,
                IcmpV4.CHECKSUM_OFFSET,
                nowNanos);
    }

    private void error(IpPacket packet, @Nullable IpProtocol tcp, @Nullable IpProtocol udp, long nowNanos) {
        counters.increment(IpCounter.ICMP_ERRORS_RECEIVED);
        long icmp = packet.payloadAddress;
        long quoted = IcmpV4.quotedPacket(icmp);
        int quotedBytes = packet.payloadLengthBytes - IcmpV4.HEADER_BYTES;
        IcmpError.Kind kind = kind(IcmpV4.type(icmp), IcmpV4.code(icmp));
        if (kind == null || !quote(quoted, quotedBytes)) {
            counters.increment(IpCounter.DROPPED_ICMP_QUOTE);
            return;
        }
        error.kind = kind;
        error.reporterHi = packet.sourceHi;
        error.reporterLo = packet.sourceLo;
        error.nextHopMtuBytes = kind == IcmpError.Kind.FRAGMENTATION_NEEDED
                ? nextHopMtu(IcmpV4.nextHopMtuBytes(icmp), Ipv4.totalLengthBytes(quoted))
                : 0;
        IpProtocol protocol = error.protocol == IpProtocol.TCP ? tcp : error.protocol == IpProtocol.UDP ? udp : null;
        if (protocol != null) {
            protocol.icmpError(error, nowNanos);
        }
    }

    /** Fills in what the quoted packet says; false when it is cut short or was never ours. */
    private boolean quote(long quoted, int lengthBytes) {
        if (lengthBytes < Ipv4.HEADER_BYTES || Ipv4.version(quoted) != 4) {
            return false;
        }
        int headerBytes = Ipv4.headerLengthBytes(quoted);
        long source = IpAddresses.ipv4(Ipv4.source(quoted));
        long destination = IpAddresses.ipv4(Ipv4.destination(quoted));
        if (headerBytes < Ipv4.HEADER_BYTES
                || lengthBytes < headerBytes + QUOTED_TRANSPORT_BYTES
                || (Ipv4.flagsAndOffset(quoted) & Ipv4.OFFSET_MASK) != 0
                || !host.isOwn(0, source)) {
            return false;
        }
        long transport = quoted + headerBytes;
        error.protocol = Ipv4.protocol(quoted);
        error.localHi = 0;
        error.localLo = source;
        error.remoteHi = 0;
        error.remoteLo = destination;
        // Ports stand at the same place in both headers.
        error.localPort = Udp.sourcePort(transport);
        error.remotePort = Udp.destinationPort(transport);
        error.quotedSequence = error.protocol == IpProtocol.TCP ? Tcp.sequence(transport) : 0;
        return true;
    }

    private static IcmpError.@Nullable Kind kind(int type, int code) {
        if (type == IcmpV4.TIME_EXCEEDED) {
            return code == 0 ? IcmpError.Kind.TIME_EXCEEDED : IcmpError.Kind.REASSEMBLY_TIME_EXCEEDED;
        }
        if (type == IcmpV4.PARAMETER_PROBLEM) {
            return IcmpError.Kind.PARAMETER_PROBLEM;
        }
        return switch (code) {
            case 0, 6, 8, 11 -> IcmpError.Kind.NET_UNREACHABLE;
            case 1, 7, 12 -> IcmpError.Kind.HOST_UNREACHABLE;
            case IcmpV4.CODE_PROTOCOL -> IcmpError.Kind.PROTOCOL_UNREACHABLE;
            case IcmpV4.CODE_PORT -> IcmpError.Kind.PORT_UNREACHABLE;
            case IcmpV4.CODE_FRAGMENTATION_NEEDED -> IcmpError.Kind.FRAGMENTATION_NEEDED;
            case 5 -> IcmpError.Kind.SOURCE_ROUTE_FAILED;
            case 9, 10, 13, 14, 15 -> IcmpError.Kind.ADMINISTRATIVELY_PROHIBITED;
            default -> null;
        };
    }

    /** What the router says, or the next plateau below the packet's length when it says nothing (RFC 1191, 5 and 7). */
    private static int nextHopMtu(int said, int packetBytes) {
        if (said != 0) {
            return said;
        }
        for (int plateau : PLATEAUS) {
            if (plateau < packetBytes) {
                return Math.max(plateau, Routes.MIN_PATH_MTU_BYTES);
            }
        }
        return Routes.MIN_PATH_MTU_BYTES;
    }

    /** Tells the transport that a packet of ours could not be delivered to a neighbour that does not answer. */
    void neighbourUnreachable(long packetAddress, @Nullable IpProtocol tcp, @Nullable IpProtocol udp, long nowNanos) {
        if (!quote(packetAddress, Ipv4.totalLengthBytes(packetAddress))) {
            return;
        }
        error.kind = IcmpError.Kind.HOST_UNREACHABLE;
        error.reporterHi = error.localHi;
        error.reporterLo = error.localLo;
        error.nextHopMtuBytes = 0;
        IpProtocol protocol = error.protocol == IpProtocol.TCP ? tcp : error.protocol == IpProtocol.UDP ? udp : null;
        if (protocol != null) {
            protocol.icmpError(error, nowNanos);
        }
    }

    /** Sends destination unreachable with this code about a received packet, where one may be sent. */
    void sendUnreachable(IpPacket packet, int code, long nowNanos) {
        if (mayReport(packet)) {
            int available = packet.headerLengthBytes + packet.payloadLengthBytes;
            send(IcmpV4.DESTINATION_UNREACHABLE, code, packet.headerAddress, available, nowNanos);
        }
    }

    /**
     * Tells the sender of fragments that the rest did not come in time (RFC 1122, 3.3.2).
     *
     * @param header the IP header of the first fragment, with an Ethernet header before it
     * @param lengthBytes what there is from the IP header on
     */
    void sendReassemblyTimeExceeded(long header, int lengthBytes, long nowNanos) {
        long payload = header + Ipv4.headerLengthBytes(header);
        boolean icmpError = Ipv4.protocol(header) == IpProtocol.ICMP && IcmpV4.isError(IcmpV4.type(payload));
        boolean broadcast = Ethernet.isGroup(Ethernet.destination(header - Ethernet.HEADER_BYTES))
                || host.isBroadcast(0, IpAddresses.ipv4(Ipv4.destination(header)));
        if (!icmpError && !broadcast) {
            send(IcmpV4.TIME_EXCEEDED, IcmpV4.CODE_REASSEMBLY, header, lengthBytes, nowNanos);
        }
    }

    private void send(int type, int code, long header, int availableBytes, long nowNanos) {
        if (!allowed(nowNanos)) {
            counters.increment(IpCounter.ICMP_ERRORS_LIMITED);
            return;
        }
        Route route =
                routes.find(0, IpAddresses.ipv4(Ipv4.destination(header)), 0, IpAddresses.ipv4(Ipv4.source(header)));
        long mbuf = route == null ? 0 : link.allocate();
        if (route == null || mbuf == 0) {
            return;
        }
        long icmp = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        IcmpV4.write(icmp, type, code, 0);
        int quoted = Math.min(availableBytes, MAX_ERROR_BYTES - Ipv4.HEADER_BYTES - IcmpV4.HEADER_BYTES);
        Memory.copy(header, IcmpV4.quotedPacket(icmp), quoted);
        counters.increment(IpCounter.ICMP_ERRORS_SENT);
        output.output(
                route,
                mbuf,
                icmp,
                IcmpV4.HEADER_BYTES + quoted,
                IpProtocol.ICMP,
                0,
                IcmpV4.HEADER_BYTES,
                IcmpV4.CHECKSUM_OFFSET,
                nowNanos);
    }

    /** RFC 1122, 3.2.2: never about an ICMP error, a broadcast, or a fragment other than the first. */
    private static boolean mayReport(IpPacket packet) {
        boolean icmpError = packet.protocol == IpProtocol.ICMP
                && (packet.payloadLengthBytes < 1 || IcmpV4.isError(IcmpV4.type(packet.payloadAddress)));
        boolean laterFragment = (Ipv4.flagsAndOffset(packet.headerAddress) & Ipv4.OFFSET_MASK) != 0;
        return !packet.broadcast && !icmpError && !laterFragment;
    }

    private boolean allowed(long nowNanos) {
        long fullNanos = nowNanos - ERROR_BURST * NANOS_PER_ERROR;
        if (!allowanceStarted || allowanceNanos - fullNanos < 0) {
            allowanceStarted = true;
            allowanceNanos = fullNanos;
        }
        if (allowanceNanos + NANOS_PER_ERROR - nowNanos > 0) {
            return false;
        }
        // One on average, as Linux: an exact count would tell a spoofer which of his probes used it (CVE-2020-25705).
        allowanceNanos += random.nextInt(3) * NANOS_PER_ERROR;
        return true;
    }
}
