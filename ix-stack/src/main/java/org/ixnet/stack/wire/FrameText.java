package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.util.IpAddresses;

/**
 * Frames as text, one line each, for failures and logs: {@code 10.0.0.1:80 > 10.0.0.2:4711 TCP SA seq 1 ack 2 win 3 len 0}.
 * It reads no byte beyond the given length, whatever the headers say. Not for the hot path. Thread rule: stateless.
 */
public final class FrameText {
    private FrameText() {}

    /** One line about an Ethernet frame. */
    public static String of(long frame, int lengthBytes) {
        if (lengthBytes < Ethernet.HEADER_BYTES) {
            return "frame of " + lengthBytes + " bytes";
        }
        long payload = frame + Ethernet.HEADER_BYTES;
        int left = lengthBytes - Ethernet.HEADER_BYTES;
        int type = Ethernet.type(frame);
        if (type == Ethernet.TYPE_VLAN && left >= Vlan.TAG_BYTES) {
            type = Vlan.type(frame);
            payload += Vlan.TAG_BYTES;
            left -= Vlan.TAG_BYTES;
        }
        return switch (type) {
            case Ethernet.TYPE_IPV4 -> ipv4(payload, left);
            case Ethernet.TYPE_ARP -> arp(payload, left);
            case Ethernet.TYPE_IPV6 -> ipv6(payload, left);
            default ->
                Ethernet.toString(Ethernet.source(frame)) + " > " + Ethernet.toString(Ethernet.destination(frame))
                        + String.format(" type 0x%04x len %d", type, left);
        };
    }

    /** One line about an IPv4 packet. */
    public static String ipv4(long header, int lengthBytes) {
        if (lengthBytes < Ipv4.HEADER_BYTES || Ipv4.headerLengthBytes(header) > lengthBytes) {
            return "IPv4 cut short: " + lengthBytes + " bytes";
        }
        String source = IpAddresses.toString(0, IpAddresses.ipv4(Ipv4.source(header)));
        String destination = IpAddresses.toString(0, IpAddresses.ipv4(Ipv4.destination(header)));
        int headerBytes = Ipv4.headerLengthBytes(header);
        int available = Math.min(lengthBytes, Ipv4.totalLengthBytes(header)) - headerBytes;
        int offset = (Ipv4.flagsAndOffset(header) & Ipv4.OFFSET_MASK) << 3;
        if (Ipv4.isFragment(header) && (offset > 0 || available < Tcp.HEADER_BYTES)) {
            return source + " > " + destination + " fragment id " + Ipv4.identification(header) + " offset " + offset
                    + " len " + available;
        }
        String text = transport(source, destination, Ipv4.protocol(header), header + headerBytes, available);
        return Ipv4.isFragment(header) ? text + " fragment id " + Ipv4.identification(header) : text;
    }

    private static String ipv6(long header, int lengthBytes) {
        if (lengthBytes < Ipv6.HEADER_BYTES) {
            return "IPv6 cut short: " + lengthBytes + " bytes";
        }
        String source = '[' + IpAddresses.toString(Ipv6.sourceHi(header), Ipv6.sourceLo(header)) + ']';
        String destination = '[' + IpAddresses.toString(Ipv6.destinationHi(header), Ipv6.destinationLo(header)) + ']';
        int available = Math.min(lengthBytes - Ipv6.HEADER_BYTES, Ipv6.payloadLengthBytes(header));
        return transport(source, destination, Ipv6.nextHeader(header), header + Ipv6.HEADER_BYTES, available);
    }

    private static String arp(long arp, int lengthBytes) {
        if (lengthBytes < Arp.PACKET_BYTES || !Arp.isIpv4OverEthernet(arp)) {
            return "ARP of " + lengthBytes + " bytes";
        }
        String sender = IpAddresses.toString(0, IpAddresses.ipv4(Arp.senderIpv4(arp)));
        String target = IpAddresses.toString(0, IpAddresses.ipv4(Arp.targetIpv4(arp)));
        return Arp.operation(arp) == Arp.REQUEST
                ? "ARP who has " + target + " tell " + sender
                : "ARP " + sender + " is at " + Ethernet.toString(Arp.senderMac(arp));
    }

    private static String transport(String source, String destination, int protocol, long at, int lengthBytes) {
        if (protocol == 6 && lengthBytes >= Tcp.HEADER_BYTES) {
            return source + ':' + Tcp.sourcePort(at) + " > " + destination + ':' + Tcp.destinationPort(at) + " TCP "
                    + Tcp.flagsToString(Tcp.flags(at)) + " seq " + (Tcp.sequence(at) & 0xffffffffL) + " ack "
                    + (Tcp.acknowledgment(at) & 0xffffffffL) + " win " + Tcp.window(at) + " len "
                    + (lengthBytes - Tcp.headerLengthBytes(at));
        }
        if (protocol == 17 && lengthBytes >= Udp.HEADER_BYTES) {
            return source + ':' + Udp.sourcePort(at) + " > " + destination + ':' + Udp.destinationPort(at) + " UDP len "
                    + (Udp.lengthBytes(at) - Udp.HEADER_BYTES);
        }
        if (protocol == 1 && lengthBytes >= IcmpV4.HEADER_BYTES) {
            return source + " > " + destination + " ICMP type " + IcmpV4.type(at) + " code " + IcmpV4.code(at) + " len "
                    + (lengthBytes - IcmpV4.HEADER_BYTES);
        }
        return source + " > " + destination + " protocol " + protocol + " len " + lengthBytes;
    }

    /** The bytes in hexadecimal, 16 a line with their offset. */
    public static String hex(long address, int lengthBytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lengthBytes; i++) {
            if (i % 16 == 0) {
                text.append(i == 0 ? "" : "\n").append(String.format("%04x ", i));
            }
            text.append(String.format(" %02x", Memory.getUnsignedByte(address + i)));
        }
        return text.toString();
    }
}
