package org.ixnet.stack.ip;

import java.lang.foreign.Arena;
import org.ixnet.stack.device.Capabilities;
import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;
import org.jspecify.annotations.Nullable;

/** One thread's internet layer. Thread rule: the elastic thread. */
public final class IpLayer {
    /** Where the caller of {@link #output} writes its segment, from {@link Mbuf#bufferAddress}. */
    public static final int TRANSPORT_OFFSET = Mbuf.HEADROOM_BYTES;
    /** Receive flag of a packet from {@link Loopback}, beside those of PacketBurst. */
    public static final int RX_LOOPBACK = 1 << 30;

    /** @param capabilities what the device computes itself */
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
        throw new UnsupportedOperationException("not built yet");
    }

    /** Registers a transport, once, before the first packet. */
    public void protocol(int number, IpProtocol protocol) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Processes a received frame and takes over its mbuf.
     *
     * @param rxFlags {@code PacketBurst.RX_*}, and {@link #RX_LOOPBACK}
     */
    public void input(long mbuf, long frameAddress, int frameLengthBytes, int rxFlags, long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * The way to a destination, or null when there is none.
     *
     * @param sourceHi with {@code sourceLo} an own address, or 0 and 0 to choose one
     */
    public @Nullable Route route(long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Learns that packets larger than {@code mtuBytes} do not pass (RFC 1191); the caller has checked the report. The floor
     * is 552 bytes, as in Linux (RFC 5927, 7.2: attackers send small ones).
     */
    public void pathMtu(Route route, int mtuBytes, long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The transport heard from the peer: its neighbour entry is good (RFC 1122, 2.3.2.1). Cheap. */
    public void confirm(Route route, long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** An mbuf for {@link #output}, or 0 when the pool is empty. */
    public long allocate() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Sends a segment that stands at {@code Mbuf.bufferAddress(mbuf) + TRANSPORT_OFFSET}, and takes over the mbuf. Its
     * checksum is filled in here. A TCP segment (DF is set) must fit {@link Route#mtuBytes()}; anything else is cut into
     * fragments.
     *
     * @param segmentLengthBytes transport header and data
     * @param trafficClass octet with DSCP and ECN
     * @param l4HeaderBytes length of the transport header
     * @param checksumOffsetBytes where the 16-bit checksum field is, from the start of the segment; -1: leave it alone
     */
    public void output(
            Route route,
            long mbuf,
            int segmentLengthBytes,
            int protocol,
            int trafficClass,
            int l4HeaderBytes,
            int checksumOffsetBytes,
            long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Whether hi/lo is an address of this host (127.0.0.0/8 included). */
    public boolean isOwn(long hi, long lo) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Answers {@code packet} with ICMP port unreachable, rate-limited; the packet's mbuf stays with the caller. */
    public void sendPortUnreachable(IpPacket packet, long nowNanos) {
        throw new UnsupportedOperationException("not built yet");
    }

    public Mempool mempool() {
        throw new UnsupportedOperationException("not built yet");
    }

    public Counters<IpCounter> counters() {
        throw new UnsupportedOperationException("not built yet");
    }
}
