package org.ixnet.stack.ip;

import java.lang.foreign.Arena;
import org.ixnet.stack.device.Capabilities;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.MemoryRanges;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.IcmpV4;
import org.ixnet.stack.wire.Ipv4;
import org.ixnet.stack.wire.Vlan;
import org.jspecify.annotations.Nullable;

/**
 * One thread's internet layer: frames in, packets to the transports, segments out. IPv4 only so far; IPv6 is counted and
 * dropped. It never forwards: a host (RFC 1122), not a router. Thread rule: the elastic thread.
 */
public final class IpLayer {
    /** Where the caller of {@link #output} writes its segment, from {@link Mbuf#bufferAddress}. */
    public static final int TRANSPORT_OFFSET = Mbuf.HEADROOM_BYTES;
    /** Receive flag of a packet that this host sent to itself, beside those of PacketBurst. */
    public static final int RX_LOOPBACK = 1 << 30;
    /**
     * Receive flag of a packet that has been through {@link Loopback} in order to reach the thread of its flow: a reassembled
     * datagram or an ICMP error, which the device could not steer. It is processed where it is.
     */
    public static final int RX_STEERED = 1 << 29;

    /** Room for the longest transport header. */
    private static final int SCRATCH_BYTES = 64;

    private final long scratchAddress;
    private final TimingWheel timers;
    private final IpHost host;
    private final Link link;
    private final Loopback loopback;
    private final Counters<IpCounter> counters = new Counters<>(IpCounter.class);
    private final Neighbours neighbours;
    private final Routes routes;
    private final Ipv4Input ipv4Input;
    private final Ipv4Output ipv4Output;
    private final Icmp icmp;
    private final Reassembly reassembly;
    private final IpPacket packet = new IpPacket();
    private @Nullable IpProtocol tcp;
    private @Nullable IpProtocol udp;

    /**
     * @param arena owns what headers are built in
     * @param capabilities what the device computes itself
     * @param mempool of the same thread; from now on it also takes back the host's large mbufs
     * @param loopback takes packets to own addresses, and those that another thread must process
     * @param hash key of identifiers and tables
     */
    public IpLayer(
            Arena arena,
            IpHost host,
            Capabilities capabilities,
            Mempool mempool,
            TransmitQueue transmitQueue,
            Loopback loopback,
            TimingWheel timers,
            KeyedHash hash,
            RandomSource random) {
        mempool.large(host.largeMbufs());
        this.scratchAddress = MemoryRanges.allocate(arena, SCRATCH_BYTES, 8);
        this.host = host;
        this.timers = timers;
        this.link = new Link(host, mempool, transmitQueue, counters);
        this.loopback = loopback;
        this.neighbours = new Neighbours(host, link, timers);
        int loopbackMtuBytes = mempool.store().bufferBytes() - TRANSPORT_OFFSET + Ipv4.HEADER_BYTES;
        this.routes = new Routes(host, neighbours, hash, loopbackMtuBytes);
        this.ipv4Input = new Ipv4Input(host);
        this.ipv4Output = new Ipv4Output(link, neighbours, routes, loopback, capabilities, hash, random);
        this.icmp = new Icmp(host, link, routes, ipv4Output, random);
        this.reassembly =
                new Reassembly(link, host.largeMbufs(), timers, this::reassembled, icmp::sendReassemblyTimeExceeded);
        neighbours.onUnreachable(this::neighbourUnreachable);
    }

    /** Registers a transport, once, before the first packet. */
    public void protocol(int number, IpProtocol protocol) {
        switch (number) {
            case IpProtocol.TCP -> tcp = protocol;
            case IpProtocol.UDP -> udp = protocol;
            default -> throw new IllegalArgumentException("protocol is " + number + "; must be 6 (TCP) or 17 (UDP)");
        }
    }

    /**
     * Takes in what other threads learned of neighbours; cheap when that is nothing. Without this call it happens by a timer
     * while a packet waits.
     *
     * @return neighbours whose waiting packets were sent
     */
    public int poll(long nowNanos) {
        return neighbours.poll(nowNanos);
    }

    /** The time of the last cycle, for calls that bring none. */
    public long nowNanos() {
        return timers.nowNanos();
    }

    /** 64 bytes for a header that does not stand before its data; whoever calls {@link #outputFragments} may use it. */
    public long scratchAddress() {
        return scratchAddress;
    }

    /**
     * Processes a received frame and takes over its mbuf.
     *
     * @param rxFlags {@code PacketBurst.RX_*}, {@link #RX_LOOPBACK}, {@link #RX_STEERED}
     */
    public void input(long mbuf, long frameAddress, int frameLengthBytes, int rxFlags, long nowNanos) {
        counters.increment(IpCounter.RECEIVED);
        if ((rxFlags & PacketBurst.RX_MULTI_SEGMENT) != 0) {
            link.drop(mbuf, IpCounter.DROPPED_MULTI_SEGMENT);
            return;
        }
        if (frameLengthBytes < Ethernet.HEADER_BYTES) {
            link.drop(mbuf, IpCounter.DROPPED_SHORT_FRAME);
            return;
        }
        long destination = Ethernet.destination(frameAddress);
        boolean groupFrame = Ethernet.isGroup(destination);
        if (destination != link.macAddress && !groupFrame) {
            link.drop(mbuf, IpCounter.DROPPED_OTHER_MAC);
            return;
        }
        int type = Ethernet.type(frameAddress);
        int headerBytes = Ethernet.HEADER_BYTES;
        if (type == Ethernet.TYPE_VLAN) {
            // A tag with identifier 0 only carries a priority.
            if (frameLengthBytes < headerBytes + Vlan.TAG_BYTES || Vlan.identifier(frameAddress) != 0) {
                link.drop(mbuf, IpCounter.DROPPED_VLAN);
                return;
            }
            type = Vlan.type(frameAddress);
            headerBytes += Vlan.TAG_BYTES;
        }
        long payload = frameAddress + headerBytes;
        int left = frameLengthBytes - headerBytes;
        switch (type) {
            case Ethernet.TYPE_IPV4 -> inputIpv4(mbuf, frameAddress, payload, left, rxFlags, groupFrame, nowNanos);
            case Ethernet.TYPE_ARP -> {
                neighbours.input(frameAddress, payload, left, nowNanos);
                link.mempool.free(mbuf);
            }
            case Ethernet.TYPE_IPV6 -> link.drop(mbuf, IpCounter.DROPPED_IPV6);
            default -> link.drop(mbuf, IpCounter.DROPPED_ETHERTYPE);
        }
    }

    private void inputIpv4(
            long mbuf,
            long frameAddress,
            long header,
            int lengthBytes,
            int rxFlags,
            boolean groupFrame,
            long nowNanos) {
        packet.frameAddress = frameAddress;
        packet.frameLengthBytes = (int) (header - frameAddress) + lengthBytes;
        packet.rxFlags = rxFlags;
        IpCounter problem = ipv4Input.check(packet, mbuf, header, lengthBytes, rxFlags, groupFrame);
        if (problem != null) {
            link.drop(mbuf, problem);
            return;
        }
        if (packet.fragment) {
            reassembly.input(mbuf, header, nowNanos);
            return;
        }
        switch (packet.protocol) {
            case IpProtocol.TCP -> deliver(tcp, nowNanos);
            case IpProtocol.UDP -> deliver(udp, nowNanos);
            case IpProtocol.ICMP -> {
                if ((rxFlags & RX_STEERED) == 0 && Icmp.isError(packet)) {
                    loopback.loop(mbuf, frameAddress, packet.frameLengthBytes, rxFlags | RX_STEERED);
                } else {
                    icmp.input(packet, tcp, udp, nowNanos);
                }
            }
            default -> deliver(null, nowNanos);
        }
    }

    private void deliver(@Nullable IpProtocol protocol, long nowNanos) {
        if (protocol == null) {
            icmp.sendUnreachable(packet, IcmpV4.CODE_PROTOCOL, nowNanos);
            link.drop(packet.mbuf, IpCounter.DROPPED_PROTOCOL);
            return;
        }
        counters.increment(IpCounter.DELIVERED);
        protocol.input(packet, nowNanos);
    }

    private void reassembled(long mbuf, long frameAddress, int frameLengthBytes) {
        // Its fragments were steered by addresses alone; the whole may belong to another thread.
        loopback.loop(
                mbuf, frameAddress, frameLengthBytes, PacketBurst.RX_IP_CHECKSUM_GOOD | RX_STEERED | loopedFlag());
    }

    /** A datagram whose fragments came over the loopback is itself one from this host. */
    private int loopedFlag() {
        return packet.looped ? RX_LOOPBACK : 0;
    }

    private void neighbourUnreachable(long mbuf, long nowNanos) {
        icmp.neighbourUnreachable(Mbuf.frameAddress(mbuf), tcp, udp, nowNanos);
    }

    /**
     * The way to a destination, or null when there is none. Allocates for a new destination only.
     *
     * @param sourceHi with {@code sourceLo} an own address, or 0 and 0 to choose one
     */
    public @Nullable Route route(long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        return routes.find(sourceHi, sourceLo, destinationHi, destinationLo);
    }

    /**
     * Learns that packets larger than {@code mtuBytes} do not pass (RFC 1191); the caller has checked the report. The floor
     * is 552 bytes, as in Linux (RFC 5927, 7.2: attackers send small ones). After ten minutes the link's MTU is tried again.
     */
    public void pathMtu(Route route, int mtuBytes, long nowNanos) {
        routes.pathMtu(route, mtuBytes, nowNanos);
    }

    /** The transport heard from the peer: its neighbour entry is good (RFC 1122, 2.3.2.1). Cheap. */
    public void confirm(Route route, long nowNanos) {
        Neighbour neighbour = route.neighbour;
        if (neighbour != null) {
            neighbours.confirm(neighbour, nowNanos);
        }
    }

    /** An mbuf for {@link #output}, or 0 when the pool is empty. */
    public long allocate() {
        return link.allocate();
    }

    /**
     * Sends a segment that stands at {@code Mbuf.bufferAddress(mbuf) + TRANSPORT_OFFSET}, and takes over the mbuf. Its
     * checksum is filled in here. A TCP segment (DF is set) must fit {@link Route#mtuBytes()}; anything else is cut into
     * fragments.
     *
     * @param segmentAddress that place, which the caller has at hand: to read it from the mbuf once more costs an access
     * @param segmentLengthBytes transport header and data
     * @param trafficClass octet with DSCP and ECN
     * @param l4HeaderBytes length of the transport header
     * @param checksumOffsetBytes where the 16-bit checksum field, which must be 0, is, from the start of the segment; -1:
     *     leave it alone
     */
    public void output(
            Route route,
            long mbuf,
            long segmentAddress,
            int segmentLengthBytes,
            int protocol,
            int trafficClass,
            int l4HeaderBytes,
            int checksumOffsetBytes,
            long nowNanos) {
        assert segmentAddress == Mbuf.bufferAddress(mbuf) + TRANSPORT_OFFSET;
        ipv4Output.output(
                route,
                mbuf,
                segmentAddress,
                segmentLengthBytes,
                protocol,
                trafficClass,
                l4HeaderBytes,
                checksumOffsetBytes,
                nowNanos);
    }

    /**
     * Sends a datagram that needs more than one packet, copied from its header and its data; the transport checksum is there.
     *
     * @return false when mbufs ran out
     */
    public boolean outputFragments(
            Route route,
            int protocol,
            int trafficClass,
            long headAddress,
            int headBytes,
            long bodyAddress,
            int bodyBytes,
            long nowNanos) {
        return ipv4Output.fragments(
                route,
                protocol,
                trafficClass,
                headAddress,
                headBytes,
                bodyAddress,
                bodyBytes,
                link.mempool.allocate(),
                nowNanos);
    }

    /** Whether hi/lo is an address of this host (127.0.0.0/8 included). */
    public boolean isOwn(long hi, long lo) {
        return host.isOwn(hi, lo);
    }

    /** Answers {@code packet} with ICMP port unreachable, rate-limited; the packet's mbuf stays with the caller. */
    public void sendPortUnreachable(IpPacket packet, long nowNanos) {
        icmp.sendUnreachable(packet, IcmpV4.CODE_PORT, nowNanos);
    }

    /** Tells the link of the own addresses (gratuitous ARP), once when a dataplane starts. */
    public void announce() {
        neighbours.announce();
    }

    public IpHost host() {
        return host;
    }

    public Mempool mempool() {
        return link.mempool;
    }

    public Counters<IpCounter> counters() {
        return counters;
    }

    /** Frees every packet that waits for a neighbour or for fragments, before the thread leaves. */
    public void drain() {
        neighbours.drain();
        reassembly.drain();
    }
}
