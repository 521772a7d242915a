package org.ixnet.stack.dataplane;

import org.ixnet.stack.flow.FlowKey;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.flow.Toeplitz;
import org.ixnet.stack.ip.IpProtocol;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.IcmpV4;
import org.ixnet.stack.wire.Ipv4;
import org.ixnet.stack.wire.Ipv6;

/**
 * Looks into a received frame just far enough to say which thread must process it. It reads only within the frame and
 * judges nothing: what is malformed is processed here, where the IP layer drops and counts it. Thread rule: one owner.
 */
final class FlowParser {

    /** What decides about the thread of a frame. */
    enum Kind {
        /** Any thread will do: ARP, echo, what is malformed. */
        LOCAL,
        /** TCP, or an ICMP error about it: the connection {@code local..remote}. */
        CONNECTION,
        /** A hash without a connection: fragments. */
        HASHED,
        /** {@link #thread}: it has the socket of the datagram. */
        THREAD
    }

    private static final int PORT_BYTES = 4;

    private final Toeplitz toeplitz;
    private final PortTable ports;

    /** Of {@code CONNECTION}: its 4-tuple. */
    long localHi;

    long localLo;
    int localPort;
    long remoteHi;
    long remoteLo;
    int remotePort;

    /** Of {@code THREAD}. */
    int thread;

    /** Of {@code HASHED}. */
    private int hash;

    /** The hash of the device is not that of the flow: an ICMP error, which quotes a packet of the other direction. */
    private boolean quoted;

    FlowParser(Toeplitz toeplitz, PortTable ports) {
        this.toeplitz = toeplitz;
        this.ports = ports;
    }

    /** Parses a frame; the fields then describe it. */
    Kind parse(long frameAddress, int frameLengthBytes) {
        long end = frameAddress + frameLengthBytes;
        long header = frameAddress + Ethernet.HEADER_BYTES;
        if (header > end) {
            return Kind.LOCAL;
        }
        int type = Ethernet.type(frameAddress);
        if (type == Ethernet.TYPE_VLAN && header + 4 <= end) {
            type = Memory.getUnsignedShortBe(header + 2);
            header += 4;
        }
        quoted = false;
        if (type == Ethernet.TYPE_IPV4 && header + Ipv4.HEADER_BYTES <= end) {
            return ipv4(header, end);
        }
        if (type == Ethernet.TYPE_IPV6 && header + Ipv6.HEADER_BYTES <= end) {
            return ipv6(header, end);
        }
        return Kind.LOCAL;
    }

    /** Whether the device's hash of the frame, where it has one, is the hash of the flow. */
    boolean deviceHashCounts() {
        return !quoted;
    }

    /** The hash of the parsed flow, in software. */
    int softwareHash(Kind kind) {
        return kind == Kind.CONNECTION
                ? toeplitz.hash(remoteHi, remoteLo, localHi, localLo, remotePort, localPort)
                : hash;
    }

    /** The 4-tuple of {@code CONNECTION}; allocates. */
    FlowKey.Tuple tuple() {
        return new FlowKey.Tuple(localHi, localLo, localPort, remoteHi, remoteLo, remotePort);
    }

    private Kind ipv4(long header, long end) {
        int headerBytes = Ipv4.headerLengthBytes(header);
        long transport = header + headerBytes;
        if (headerBytes < Ipv4.HEADER_BYTES || transport > end) {
            return Kind.LOCAL;
        }
        remoteHi = IpAddresses.IPV4_HI;
        remoteLo = IpAddresses.ipv4(Ipv4.source(header));
        localHi = IpAddresses.IPV4_HI;
        localLo = IpAddresses.ipv4(Ipv4.destination(header));
        if (Ipv4.isFragment(header)) {
            // All parts of a datagram must meet on one thread, and only the first has ports.
            hash = toeplitz.hash(remoteHi, remoteLo, localHi, localLo);
            return Kind.HASHED;
        }
        int protocol = Ipv4.protocol(header);
        return protocol == IpProtocol.ICMP ? icmp(transport, end) : transport(protocol, transport, end);
    }

    private Kind ipv6(long header, long end) {
        remoteHi = Ipv6.sourceHi(header);
        remoteLo = Ipv6.sourceLo(header);
        localHi = Ipv6.destinationHi(header);
        localLo = Ipv6.destinationLo(header);
        return transport(Ipv6.nextHeader(header), header + Ipv6.HEADER_BYTES, end);
    }

    private Kind transport(int protocol, long transport, long end) {
        if (transport + PORT_BYTES > end || (protocol != IpProtocol.TCP && protocol != IpProtocol.UDP)) {
            return Kind.LOCAL;
        }
        remotePort = Memory.getUnsignedShortBe(transport);
        localPort = Memory.getUnsignedShortBe(transport + 2);
        return protocol == IpProtocol.TCP ? Kind.CONNECTION : udp();
    }

    private Kind udp() {
        int sockets = ports.holders(IpProtocol.UDP, localPort);
        if (sockets > 1) {
            int flow = toeplitz.hash(remoteHi, remoteLo, localHi, localLo, remotePort, localPort);
            thread = ports.sharedOwner(IpProtocol.UDP, localHi, localLo, localPort, flow);
        } else {
            thread = sockets == 0 ? PortTable.NO_OWNER : ports.owner(IpProtocol.UDP, localHi, localLo, localPort);
        }
        return thread == PortTable.NO_OWNER ? Kind.LOCAL : Kind.THREAD;
    }

    /** An error belongs to the flow of the packet that it quotes, whose source is this host. */
    private Kind icmp(long icmp, long end) {
        long packet = IcmpV4.quotedPacket(icmp);
        if (packet + Ipv4.HEADER_BYTES > end || !IcmpV4.isError(IcmpV4.type(icmp))) {
            return Kind.LOCAL;
        }
        int headerBytes = Ipv4.headerLengthBytes(packet);
        long transport = packet + headerBytes;
        if (headerBytes < Ipv4.HEADER_BYTES
                || transport + PORT_BYTES > end
                || (Ipv4.flagsAndOffset(packet) & Ipv4.OFFSET_MASK) != 0) {
            return Kind.LOCAL;
        }
        quoted = true;
        localLo = IpAddresses.ipv4(Ipv4.source(packet));
        remoteLo = IpAddresses.ipv4(Ipv4.destination(packet));
        localPort = Memory.getUnsignedShortBe(transport);
        remotePort = Memory.getUnsignedShortBe(transport + 2);
        return switch (Ipv4.protocol(packet)) {
            case IpProtocol.TCP -> Kind.CONNECTION;
            case IpProtocol.UDP -> udp();
            default -> Kind.LOCAL;
        };
    }
}
