package org.ixnet.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.memory.HeapMbufStore;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.RandomSource;
import org.ixnet.stack.wire.Bytes;
import org.ixnet.stack.wire.FrameText;
import org.ixnet.stack.wire.InternetChecksum;
import org.ixnet.stack.wire.Ipv4;

/** Two hosts on a virtual link under a virtual clock: A is 10.0.0.1, B is 10.0.0.2, on 10.0.0.0/24. */
public final class Network implements AutoCloseable {
    public static final long MAC_A = 0x0200_0000_0001L;
    public static final long MAC_B = 0x0200_0000_0002L;
    public static final long SECOND = 1_000_000_000L;

    public final VirtualLink link;
    public final SimulatedHost a;
    public final SimulatedHost b;
    /** Every frame that was sent, as text. */
    public final List<String> frames = new ArrayList<>();

    public long now = 5 * SECOND;

    private final Arena arena = Arena.ofShared();

    public Network() {
        this(VirtualLink.End.of("a", MAC_A), VirtualLink.End.of("b", MAC_B), List.of());
    }

    public Network(VirtualLink.End endA, VirtualLink.End endB, List<IpHost.Destination> routesOfA) {
        link = new VirtualLink(endA, endB, () -> now, 1);
        link.tap((time, fromA, address, bytes) -> frames.add((fromA ? "a: " : "b: ") + FrameText.of(address, bytes)));
        a = new SimulatedHost(
                link.a(),
                new IpHost(MAC_A, endA.mtuBytes(), List.of(IpHost.OwnAddress.ipv4("10.0.0.1", 24)), routesOfA),
                0,
                new PortTable(new RandomSource(1)),
                now);
        b = new SimulatedHost(
                link.b(),
                new IpHost(MAC_B, endB.mtuBytes(), List.of(IpHost.OwnAddress.ipv4("10.0.0.2", 24)), List.of()),
                0,
                new PortTable(new RandomSource(2)),
                now);
    }

    /** Cycles until nothing happens and no frame is in flight; timers do not count. */
    public void settle() {
        for (int i = 0; i < 1000; i++) {
            int work = a.pollOnce(now) + b.pollOnce(now);
            if (work == 0 && link.nextArrivalNanos() > now) {
                return;
            }
        }
        throw new AssertionError(
                "never comes to rest: " + frames.subList(Math.max(0, frames.size() - 10), frames.size()));
    }

    /** Lets time pass in steps of 10 ms, with cycles. */
    public void pass(long nanos) {
        long end = now + nanos;
        while (now < end) {
            now = Math.min(end, now + 10_000_000);
            settle();
        }
    }

    /** Puts a frame in hexadecimal on the wire to A, as if B had sent it. */
    public void injectToA(String hex) {
        HeapMbufStore store = (HeapMbufStore) link.b().mbufStore();
        int bytes = Bytes.normal(hex).length() / 2;
        try (Arena own = Arena.ofConfined()) {
            long mbuf = store.takeOne();
            long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
            Memory.copy(Bytes.of(own, hex), frame, bytes);
            PacketBurst burst = new PacketBurst(own, 1);
            burst.transmit(0, mbuf, frame, bytes, 0, 0, 0);
            assertThat(link.b().queue(0).txBurst(burst, 0, 1)).isEqualTo(1);
        }
    }

    /** An IPv4 frame from B's MAC to A's with a good header checksum. */
    public String ipv4(String headerWithoutChecksum, String payload) {
        String hex = Bytes.normal(headerWithoutChecksum);
        try (Arena own = Arena.ofConfined()) {
            long header = Bytes.of(own, hex);
            Ipv4.checksum(header, 0);
            Ipv4.checksum(header, InternetChecksum.of(header, hex.length() / 2));
            return "020000000001 020000000002 0800 " + Bytes.hex(header, hex.length() / 2) + Bytes.normal(payload);
        }
    }

    /** An ICMP message with a good checksum; its checksum field is given as 0000. */
    public String icmp(String message) {
        String hex = Bytes.normal(message);
        try (Arena own = Arena.ofConfined()) {
            long icmp = Bytes.of(own, hex);
            Memory.putShortBe(icmp + 2, InternetChecksum.of(icmp, hex.length() / 2));
            return Bytes.hex(icmp, hex.length() / 2);
        }
    }

    /** Tells A and B each other's link address, so that tests of something else see no ARP. */
    public Network withNeighboursKnown() {
        a.host.neighbours().addStatic(0, address("10.0.0.2"), MAC_B);
        b.host.neighbours().addStatic(0, address("10.0.0.1"), MAC_A);
        return this;
    }

    public static long address(String ipv4) {
        return IpAddresses.parseIpv4(ipv4);
    }

    /** Memory with the bytes 0, 1, 2 ... for payloads. */
    public long pattern(int bytes) {
        long address = MemoryRanges.allocate(arena, bytes + 8L, 8);
        for (int i = 0; i < bytes; i++) {
            Memory.putByte(address + i, i * 7 + (i >> 8));
        }
        return address;
    }

    /** Everything freed, nothing lost. */
    @Override
    public void close() {
        assertThat(link.inFlight()).isZero();
        a.close();
        b.close();
        assertThat(link.a().mbufStore().availableMbufs())
                .as("mbufs of A")
                .isEqualTo(link.a().mbufStore().capacityMbufs());
        assertThat(link.b().mbufStore().availableMbufs())
                .as("mbufs of B")
                .isEqualTo(link.b().mbufStore().capacityMbufs());
        link.close();
        arena.close();
    }
}
