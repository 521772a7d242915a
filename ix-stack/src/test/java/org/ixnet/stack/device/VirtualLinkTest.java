package org.ixnet.stack.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtualLinkTest {
    private static final long MAC_A = 0x0200_0000_0001L;
    private static final long MAC_B = 0x0200_0000_0002L;
    private static final int FRAME_BYTES = 100;

    private final Arena arena = Arena.ofShared();
    private final List<VirtualLink> links = new ArrayList<>();
    private final PacketBurst burst = new PacketBurst(arena, 64);
    private long now = 1000;

    private VirtualLink link(VirtualLink.End a, VirtualLink.End b) {
        VirtualLink link = new VirtualLink(a, b, () -> now, 42);
        links.add(link);
        return link;
    }

    private VirtualLink link() {
        return link(VirtualLink.End.of("a", MAC_A), VirtualLink.End.of("b", MAC_B));
    }

    @AfterEach
    void close() {
        links.forEach(VirtualLink::close);
        arena.close();
    }

    /** Sends a frame whose bytes 20..23 are {@code number}. */
    private void send(Device device, int number, int lengthBytes) {
        Mempool pool = new Mempool(arena, device.mbufStore());
        long mbuf = pool.allocate();
        long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
        Memory.fill(frame, lengthBytes, (byte) 0);
        Memory.putInt(frame + 20, number);
        burst.transmit(0, mbuf, frame, lengthBytes, 14, 0, 0);
        assertThat(device.queue(0).txBurst(burst, 0, 1)).isEqualTo(1);
        pool.drain();
    }

    private List<Integer> receive(Device device, int queue) {
        Mempool pool = new Mempool(arena, device.mbufStore());
        List<Integer> numbers = new ArrayList<>();
        int count;
        while ((count = device.queue(queue).rxBurst(burst, 64)) > 0) {
            for (int i = 0; i < count; i++) {
                numbers.add(Memory.getInt(burst.frameAddress(i) + 20));
                pool.free(burst.mbuf(i));
            }
        }
        pool.drain();
        return numbers;
    }

    @Test
    void perfectWireDeliversInOrderBothWays() {
        VirtualLink link = link();
        for (int i = 0; i < 100; i++) {
            send(link.a(), i, FRAME_BYTES);
            send(link.b(), -i, FRAME_BYTES);
        }
        assertThat(receive(link.b(), 0)).hasSize(100).isSorted();
        assertThat(receive(link.a(), 0)).hasSize(100).contains(-99);
        assertThat(link.a().mbufStore().availableMbufs()).isEqualTo(4096);
        assertThat(link.b().mbufStore().availableMbufs()).isEqualTo(4096);
        assertThat(link.b().statistics().rxPackets()).isEqualTo(100);
        assertThat(link.a().statistics().txBytes()).isEqualTo(100 * FRAME_BYTES);
    }

    @Test
    void delayHoldsFramesBackByTheClock() {
        VirtualLink link = link();
        link.impairAToB(Impairments.NONE.withDelay(5000, 0));
        send(link.a(), 1, FRAME_BYTES);
        assertThat(link.nextArrivalNanos()).isEqualTo(6000);
        now = 5999;
        assertThat(receive(link.b(), 0)).isEmpty();
        now = 6000;
        assertThat(receive(link.b(), 0)).containsExactly(1);
        assertThat(link.nextArrivalNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void rateSpacesFramesOut() {
        VirtualLink link = link();
        link.impairAToB(Impairments.NONE.withBitsPerSecond(8_000_000));
        send(link.a(), 1, FRAME_BYTES);
        send(link.a(), 2, FRAME_BYTES);
        now += 100_000;
        assertThat(receive(link.b(), 0)).containsExactly(1);
        now += 100_000;
        assertThat(receive(link.b(), 0)).containsExactly(2);
    }

    @Test
    void lossAndDuplicationComeAsOftenAsTheySay() {
        VirtualLink link = link();
        link.impairAToB(Impairments.NONE.withLoss(0.1).withDuplicate(0.2));
        int received = 0;
        for (int i = 0; i < 5000; i++) {
            send(link.a(), i, FRAME_BYTES);
            received += receive(link.b(), 0).size();
        }
        assertThat(link.effects().lost()).isBetween(420L, 580L);
        assertThat(link.effects().duplicated()).isBetween(800L, 1000L);
        assertThat(received)
                .isEqualTo((int) (5000 - link.effects().lost() + link.effects().duplicated()));
    }

    @Test
    void heldBackFramesAreOvertaken() {
        VirtualLink link = link();
        link.impairAToB(Impairments.NONE.withReorder(0.2, 10_000));
        List<Integer> received = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            send(link.a(), i, FRAME_BYTES);
            now += 1000;
            received.addAll(receive(link.b(), 0));
        }
        now += 20_000;
        received.addAll(receive(link.b(), 0));
        assertThat(received).hasSize(200).doesNotHaveDuplicates();
        assertThat(received.equals(received.stream().sorted().toList())).isFalse();
        assertThat(link.effects().reordered()).isPositive();
    }

    @Test
    void corruptionFlipsExactlyOneBit() {
        VirtualLink link = link();
        link.impairAToB(Impairments.NONE.withCorrupt(1));
        send(link.a(), 0, FRAME_BYTES);
        assertThat(link.b().queue(0).rxBurst(burst, 1)).isEqualTo(1);
        int bits = 0;
        for (int i = 0; i < FRAME_BYTES; i++) {
            bits += Integer.bitCount(Memory.getUnsignedByte(burst.frameAddress(0) + i));
        }
        assertThat(bits).isEqualTo(1);
    }

    @Test
    void framesThatAreTooLongAreDropped() {
        VirtualLink link = link();
        link.impairAToB(Impairments.NONE.withMaxFrameBytes(90));
        send(link.a(), 1, 91);
        send(link.a(), 2, 90);
        assertThat(receive(link.b(), 0)).containsExactly(2);
        assertThat(link.effects().tooLong()).isEqualTo(1);
    }

    @Test
    void equalSeedsGiveEqualRuns() {
        List<List<Integer>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            now = 0;
            VirtualLink link = link();
            link.impair(new Impairments(0.1, 0.1, 0.1, 5000, 0, 1000, 3000, 0, 0));
            List<Integer> received = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                send(link.a(), i, FRAME_BYTES);
                now += 500;
                received.addAll(receive(link.b(), 0));
            }
            runs.add(received);
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1)).isNotEmpty();
    }

    @Test
    void fullQueueLosesFramesAndCountsThem() {
        VirtualLink link = link();
        for (int i = 0; i < 1100; i++) {
            send(link.a(), i, FRAME_BYTES);
        }
        assertThat(receive(link.b(), 0)).hasSize(1024);
        assertThat(link.b().statistics().rxMissed()).isEqualTo(76);
        assertThat(link.b().mbufStore().availableMbufs()).isEqualTo(4096);
    }

    @Test
    void emptyStoreLosesFramesAndCountsThem() {
        VirtualLink link = link(
                VirtualLink.End.of("a", MAC_A), VirtualLink.End.of("b", MAC_B).withMbufs(10, 2048));
        for (int i = 0; i < 12; i++) {
            send(link.a(), i, FRAME_BYTES);
        }
        assertThat(link.b().statistics().rxNoMbuf()).isEqualTo(2);
    }

    @Test
    void devicesWithoutRssSaySo() {
        VirtualLink link = link(
                VirtualLink.End.of("a", MAC_A),
                VirtualLink.End.of("b", MAC_B).withQueues(2).withoutRss());
        assertThat(link.b().capabilities().retaEntries()).isZero();
        assertThatThrownBy(() -> link.b().programRss(new byte[40], new int[128]))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("has no RSS");
    }

    @Test
    void closedEndIsSilent() {
        VirtualLink link = link();
        send(link.a(), 1, FRAME_BYTES);
        link.b().close();
        assertThat(link.b().queue(0).rxBurst(burst, 64)).isZero();
        assertThat(link.a().linkUp()).isFalse();
        send(link.a(), 2, FRAME_BYTES);
        assertThat(link.inFlight()).isZero();
    }

    @Test
    void tapSeesWhatWasSentAndByWhom() {
        VirtualLink link = link();
        List<String> seen = new ArrayList<>();
        link.tap((time, fromA, address, bytes) -> seen.add(time + (fromA ? " a " : " b ") + bytes));
        link.impair(Impairments.NONE.withLoss(1));
        send(link.a(), 1, FRAME_BYTES);
        send(link.b(), 1, 60);
        assertThat(seen).containsExactly("1000 a 100", "1000 b 60");
    }

    private static DeviceConfig config(String name, Map<String, String> arguments) {
        return new DeviceConfig(
                "virtual", name, arguments, -1, 1500, 2, 256, 256, 512, 2048, "off", 0, false, List.of());
    }

    @Test
    void providerJoinsTwoEndsOfOneNameAndRefusesAThird() {
        DeviceProvider provider = ServiceLoader.load(DeviceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.supports("virtual"))
                .findFirst()
                .orElseThrow();
        assertThat(provider.unavailabilityCause()).isEmpty();
        Device a = provider.open(config("cable", Map.of("loss", "0")));
        Device b = provider.open(config("cable", Map.of()));
        assertThat(a.macAddress()).isNotEqualTo(b.macAddress());
        send(a, 7, FRAME_BYTES);
        assertThat(receive(b, 0)).containsExactly(7);
        assertThatThrownBy(() -> provider.open(config("cable", Map.of())))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("both its ends open");
        a.close();
        b.close();
        Device again = provider.open(config("cable", Map.of()));
        again.close();
        assertThatThrownBy(() -> provider.open(config("other", Map.of("loss", "much"))))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("\"much\"");
    }
}
