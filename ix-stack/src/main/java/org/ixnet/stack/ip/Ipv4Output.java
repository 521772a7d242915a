package org.ixnet.stack.ip;

import org.ixnet.stack.device.Capabilities;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.InternetChecksum;
import org.ixnet.stack.wire.Ipv4;

/** Puts IPv4 headers on segments, cuts them into fragments where needed, and sends them. Thread rule: the elastic thread. */
final class Ipv4Output {
    private static final int IDENTIFIERS = 2048;
    private static final int LOOPBACK_FLAGS =
            PacketBurst.RX_IP_CHECKSUM_GOOD | PacketBurst.RX_L4_CHECKSUM_GOOD | IpLayer.RX_LOOPBACK;

    private final Link link;
    private final Neighbours neighbours;
    private final Routes routes;
    private final Loopback loopback;
    private final KeyedHash hash;
    private final boolean ipOffload;
    private final boolean l4Offload;
    private final boolean memoryWire;
    /** Counters of identifiers, one for the destinations that hash there, so that nobody can watch another's (RFC 7739). */
    private final int[] identifiers = new int[IDENTIFIERS];

    Ipv4Output(
            Link link,
            Neighbours neighbours,
            Routes routes,
            Loopback loopback,
            Capabilities capabilities,
            KeyedHash hash,
            RandomSource random) {
        this.link = link;
        this.neighbours = neighbours;
        this.routes = routes;
        this.loopback = loopback;
        this.hash = hash;
        this.ipOffload = capabilities.txIpChecksum();
        this.l4Offload = capabilities.txL4Checksum();
        this.memoryWire = capabilities.memoryWire();
        for (int i = 0; i < IDENTIFIERS; i++) {
            identifiers[i] = random.nextInt();
        }
    }

    /** Sends a segment that has room for the headers before it; see {@link IpLayer#output}. */
    void output(
            Route route,
            long mbuf,
            long segmentAddress,
            int segmentLengthBytes,
            int protocol,
            int trafficClass,
            int l4HeaderBytes,
            int checksumOffsetBytes,
            long nowNanos) {
        routes.age(route, nowNanos);
        int totalBytes = Ipv4.HEADER_BYTES + segmentLengthBytes;
        boolean dontFragment = protocol == IpProtocol.TCP;
        if (totalBytes > route.mtuBytes) {
            if (dontFragment) {
                link.drop(mbuf, IpCounter.DROPPED_TOO_BIG);
                return;
            }
            if (checksumOffsetBytes >= 0) {
                checksum(route, segmentAddress, segmentLengthBytes, protocol, checksumOffsetBytes);
            }
            fragments(
                    route,
                    protocol,
                    trafficClass,
                    segmentAddress,
                    segmentLengthBytes,
                    0,
                    0,
                    link.mempool.allocate(),
                    nowNanos);
            link.mempool.free(mbuf);
            return;
        }
        int flags = 0;
        if (checksumOffsetBytes >= 0 && route.kind != Route.Kind.LOOPBACK) {
            flags = prepareChecksum(route, segmentAddress, segmentLengthBytes, protocol, checksumOffsetBytes);
        }
        // RFC 6864, 4.1: a datagram that can not be cut needs no identifier; a constant tells nobody anything.
        int identifier = dontFragment ? 0 : nextIdentifier(route, protocol);
        packet(
                route,
                mbuf,
                segmentAddress,
                segmentLengthBytes,
                protocol,
                trafficClass,
                identifier,
                dontFragment ? Ipv4.DONT_FRAGMENT : 0,
                l4HeaderBytes,
                flags,
                nowNanos);
    }

    /**
     * Sends a datagram in as many packets as it needs, copied from two places; its transport checksum is there.
     *
     * @param spare an mbuf for the first packet, which is taken over; 0: there is none, the datagram is dropped
     * @return false when mbufs ran out; then what was not sent is counted and lost
     */
    boolean fragments(
            Route route,
            int protocol,
            int trafficClass,
            long headAddress,
            int headBytes,
            long bodyAddress,
            int bodyBytes,
            long spare,
            long nowNanos) {
        int total = headBytes + bodyBytes;
        int identifier = nextIdentifier(route, protocol);
        int room = (route.mtuBytes - Ipv4.HEADER_BYTES) & ~7;
        long mbuf = spare;
        if (total > room) {
            link.counters.increment(IpCounter.FRAGMENTED);
        }
        int offset = 0;
        while (true) {
            if (mbuf == 0) {
                link.counters.increment(IpCounter.DROPPED_NO_MBUF);
                return false;
            }
            int left = total - offset;
            boolean last = left + Ipv4.HEADER_BYTES <= route.mtuBytes;
            int length = last ? left : room;
            long segment = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
            gather(segment, headAddress, headBytes, bodyAddress, offset, length);
            int flagsAndOffset = offset >> 3 | (last ? 0 : Ipv4.MORE_FRAGMENTS);
            packet(route, mbuf, segment, length, protocol, trafficClass, identifier, flagsAndOffset, 0, 0, nowNanos);
            if (last) {
                return true;
            }
            offset += length;
            mbuf = link.mempool.allocate();
        }
    }

    /** Copies bytes offset..offset+length-1 of head and body put together. */
    private static void gather(
            long to, long headAddress, int headBytes, long bodyAddress, int offset, int lengthBytes) {
        int fromHead = Math.max(0, Math.min(headBytes - offset, lengthBytes));
        if (fromHead > 0) {
            Memory.copy(headAddress + offset, to, fromHead);
        }
        if (lengthBytes > fromHead) {
            Memory.copy(bodyAddress + (offset + fromHead - headBytes), to + fromHead, lengthBytes - fromHead);
        }
    }

    private void packet(
            Route route,
            long mbuf,
            long segmentAddress,
            int segmentLengthBytes,
            int protocol,
            int trafficClass,
            int identifier,
            int flagsAndOffset,
            int l4HeaderBytes,
            int txFlags,
            long nowNanos) {
        long header = segmentAddress - Ipv4.HEADER_BYTES;
        int totalBytes = segmentLengthBytes + Ipv4.HEADER_BYTES;
        int hopLimit = route.hopLimit();
        int source = IpAddresses.toIpv4(route.sourceLo);
        int destination = IpAddresses.toIpv4(route.destinationLo);
        int flags = txFlags;
        if (ipOffload || route.kind == Route.Kind.LOOPBACK) {
            flags |= PacketBurst.TX_IP_CHECKSUM;
            Ipv4.write(
                    header,
                    trafficClass,
                    totalBytes,
                    identifier,
                    flagsAndOffset,
                    hopLimit,
                    protocol,
                    source,
                    destination);
        } else {
            Ipv4.writeWithChecksum(
                    header,
                    trafficClass,
                    totalBytes,
                    identifier,
                    flagsAndOffset,
                    hopLimit,
                    protocol,
                    source,
                    destination);
        }
        if (route.kind == Route.Kind.LOOPBACK) {
            loop(mbuf, header, totalBytes);
            return;
        }
        int headerLengths = Ipv4.HEADER_BYTES | l4HeaderBytes << 8;
        Neighbour neighbour = route.neighbour;
        if (neighbour != null) {
            neighbours.output(neighbour, mbuf, header, totalBytes, headerLengths, flags, nowNanos);
        } else {
            long mac = route.kind == Route.Kind.MULTICAST
                    ? Ethernet.multicast(IpAddresses.toIpv4(route.destinationLo))
                    : Ethernet.BROADCAST;
            link.send(mac, Ethernet.TYPE_IPV4, mbuf, header, totalBytes, headerLengths, flags);
        }
    }

    private void loop(long mbuf, long header, int totalBytes) {
        long frame = header - Ethernet.HEADER_BYTES;
        Ethernet.write(frame, link.macAddress, link.macAddress, Ethernet.TYPE_IPV4);
        link.counters.increment(IpCounter.SENT);
        loopback.loop(mbuf, frame, totalBytes + Ethernet.HEADER_BYTES, LOOPBACK_FLAGS);
    }

    private int prepareChecksum(Route route, long segment, int lengthBytes, int protocol, int offset) {
        assert Memory.getUnsignedShort(segment + offset) == 0;
        if (memoryWire) {
            return 0;
        }
        boolean tcp = protocol == IpProtocol.TCP;
        if (l4Offload && (tcp || protocol == IpProtocol.UDP)) {
            long pseudo = pseudoHeader(route, protocol, lengthBytes);
            Memory.putShortBe(segment + offset, InternetChecksum.fold(pseudo));
            return tcp ? PacketBurst.TX_TCP_CHECKSUM : PacketBurst.TX_UDP_CHECKSUM;
        }
        checksum(route, segment, lengthBytes, protocol, offset);
        return 0;
    }

    private static void checksum(Route route, long segment, int lengthBytes, int protocol, int offset) {
        assert Memory.getUnsignedShort(segment + offset) == 0;
        long sum = InternetChecksum.sum(segment, lengthBytes);
        if (protocol != IpProtocol.ICMP) {
            sum += pseudoHeader(route, protocol, lengthBytes);
        }
        int checksum = InternetChecksum.finish(sum);
        // RFC 768: a UDP checksum of zero means none, so it is sent as all ones.
        Memory.putShortBe(segment + offset, checksum == 0 && protocol == IpProtocol.UDP ? 0xffff : checksum);
    }

    static long pseudoHeader(Route route, int protocol, int lengthBytes) {
        return InternetChecksum.pseudoHeader(
                route.sourceHi, route.sourceLo, route.destinationHi, route.destinationLo, protocol, lengthBytes);
    }

    private int nextIdentifier(Route route, int protocol) {
        long key = hash.hash(route.sourceLo, route.destinationLo, protocol);
        int index = (int) key & (IDENTIFIERS - 1);
        return (identifiers[index]++ + (int) (key >>> 32)) & 0xffff;
    }
}
