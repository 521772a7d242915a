package org.ixnet.stack.tcp.script;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.ip.IpProtocol;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.wire.Arp;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.IcmpV4;
import org.ixnet.stack.wire.InternetChecksum;
import org.ixnet.stack.wire.Ipv4;
import org.ixnet.stack.wire.Tcp;

/** The other end of the wire without a stack: it sends any segment, and keeps what comes. It answers ARP. */
final class RawPeer implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final Device device;
    private final DeviceQueue queue;
    private final Mempool mempool;
    private final PacketBurst burst;
    private final long hostMac;
    private final int ownAddress;
    private final int hostAddress;
    /** Where segments go: the host, or a group that it belongs to. */
    private int destinationAddress;

    final ArrayDeque<Packet> received = new ArrayDeque<>();

    /** A TCP segment that came from the host, with when it did. */
    record Packet(
            long timeNanos,
            int sourcePort,
            int destinationPort,
            int sequence,
            int acknowledgment,
            int flags,
            int window,
            byte[] options,
            byte[] text,
            int trafficClass,
            int identifier) {}

    RawPeer(Device device, long hostMac, String ownAddress, String hostAddress) {
        this.device = device;
        this.queue = device.queue(0);
        this.mempool = new Mempool(arena, device.mbufStore());
        this.burst = new PacketBurst(arena, 64);
        this.hostMac = hostMac;
        this.ownAddress = IpAddresses.toIpv4(IpAddresses.parseIpv4(ownAddress));
        this.hostAddress = IpAddresses.toIpv4(IpAddresses.parseIpv4(hostAddress));
        this.destinationAddress = this.hostAddress;
    }

    /** Segments go to {@code address} from now on, in frames to all where it is a group's. */
    void sendTo(String address) {
        destinationAddress = IpAddresses.toIpv4(IpAddresses.parseIpv4(address));
    }

    /** Takes in what the host sent. */
    int poll(long nowNanos) {
        int count = queue.rxBurst(burst, 64);
        List<Long> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long frame = burst.frameAddress(i);
            long payload = frame + Ethernet.HEADER_BYTES;
            if (Ethernet.type(frame) == Ethernet.TYPE_ARP) {
                if (Arp.operation(payload) == Arp.REQUEST && Arp.targetIpv4(payload) == ownAddress) {
                    replies.add(Arp.senderMac(payload));
                }
            } else if (Ethernet.type(frame) == Ethernet.TYPE_IPV4 && Ipv4.protocol(payload) == IpProtocol.TCP) {
                received.add(packet(payload, nowNanos));
            }
            mempool.free(burst.mbuf(i));
        }
        for (long mac : replies) {
            announce(mac);
        }
        return count;
    }

    private static Packet packet(long ip, long nowNanos) {
        long tcp = ip + Ipv4.headerLengthBytes(ip);
        int total = Ipv4.totalLengthBytes(ip) - Ipv4.headerLengthBytes(ip);
        long sum = InternetChecksum.pseudoHeader(
                        0, IpAddresses.ipv4(Ipv4.source(ip)), 0, IpAddresses.ipv4(Ipv4.destination(ip)), 6, total)
                + InternetChecksum.sum(tcp, total);
        if (!InternetChecksum.isValid(sum)) {
            throw new AssertionError("the stack sent a wrong TCP checksum");
        }
        int header = Tcp.headerLengthBytes(tcp);
        byte[] options = new byte[header - Tcp.HEADER_BYTES];
        Memory.copyToArray(tcp + Tcp.HEADER_BYTES, options, 0, options.length);
        byte[] text = new byte[total - header];
        Memory.copyToArray(tcp + header, text, 0, text.length);
        return new Packet(
                nowNanos,
                Tcp.sourcePort(tcp),
                Tcp.destinationPort(tcp),
                Tcp.sequence(tcp),
                Tcp.acknowledgment(tcp),
                Tcp.flags(tcp),
                Tcp.window(tcp),
                options,
                text,
                Ipv4.trafficClass(ip),
                Ipv4.identification(ip));
    }

    private void announce(long mac) {
        long mbuf = mempool.allocate();
        long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
        Ethernet.write(frame, mac, device.macAddress(), Ethernet.TYPE_ARP);
        Arp.write(frame + Ethernet.HEADER_BYTES, Arp.REPLY, device.macAddress(), ownAddress, mac, hostAddress);
        transmit(mbuf, frame, Ethernet.HEADER_BYTES + Arp.PACKET_BYTES);
    }

    void sendTcp(
            int sourcePort,
            int destinationPort,
            int sequence,
            int acknowledgment,
            int flags,
            int window,
            byte[] options,
            byte[] text,
            int checksumError) {
        long mbuf = mempool.allocate();
        long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
        int header = Tcp.HEADER_BYTES + options.length;
        int total = header + text.length;
        long tcp = ip(frame, total, IpProtocol.TCP);
        Tcp.write(tcp, sourcePort, destinationPort, sequence, acknowledgment, header, flags, window);
        Memory.copyFromArray(options, 0, tcp + Tcp.HEADER_BYTES, options.length);
        Memory.copyFromArray(text, 0, tcp + header, text.length);
        long sum = InternetChecksum.pseudoHeader(
                        0, IpAddresses.ipv4(ownAddress), 0, IpAddresses.ipv4(destinationAddress), 6, total)
                + InternetChecksum.sum(tcp, total);
        Tcp.checksum(tcp, InternetChecksum.finish(sum) ^ checksumError);
        transmit(mbuf, frame, Ethernet.HEADER_BYTES + Ipv4.HEADER_BYTES + total);
    }

    /** An ICMP error that quotes a segment of the host with {@code sequence}. */
    void sendIcmp(int type, int code, int secondWord, int hostPort, int peerPort, int sequence) {
        long mbuf = mempool.allocate();
        long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
        int quoted = Ipv4.HEADER_BYTES + 8;
        long icmp = ip(frame, IcmpV4.HEADER_BYTES + quoted, IpProtocol.ICMP);
        IcmpV4.write(icmp, type, code, secondWord);
        long inner = icmp + IcmpV4.HEADER_BYTES;
        Ipv4.write(
                inner, 0, Ipv4.HEADER_BYTES + 1000, 0, Ipv4.DONT_FRAGMENT, 64, IpProtocol.TCP, hostAddress, ownAddress);
        Ipv4.fillChecksum(inner);
        Memory.putShortBe(inner + Ipv4.HEADER_BYTES, hostPort);
        Memory.putShortBe(inner + Ipv4.HEADER_BYTES + 2, peerPort);
        Memory.putIntBe(inner + Ipv4.HEADER_BYTES + 4, sequence);
        IcmpV4.checksum(icmp, 0);
        IcmpV4.checksum(icmp, InternetChecksum.of(icmp, IcmpV4.HEADER_BYTES + quoted));
        transmit(mbuf, frame, Ethernet.HEADER_BYTES + Ipv4.HEADER_BYTES + IcmpV4.HEADER_BYTES + quoted);
    }

    private long ip(long frame, int payloadBytes, int protocol) {
        long mac = destinationAddress == hostAddress ? hostMac : Ethernet.BROADCAST;
        Ethernet.write(frame, mac, device.macAddress(), Ethernet.TYPE_IPV4);
        long ip = frame + Ethernet.HEADER_BYTES;
        Ipv4.write(
                ip,
                0,
                Ipv4.HEADER_BYTES + payloadBytes,
                0,
                Ipv4.DONT_FRAGMENT,
                64,
                protocol,
                ownAddress,
                destinationAddress);
        Ipv4.fillChecksum(ip);
        return ip + Ipv4.HEADER_BYTES;
    }

    private void transmit(long mbuf, long frame, int lengthBytes) {
        burst.transmit(0, mbuf, frame, lengthBytes, 0, 0, 0);
        if (queue.txBurst(burst, 0, 1) != 1) {
            throw new AssertionError("the wire is full");
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
