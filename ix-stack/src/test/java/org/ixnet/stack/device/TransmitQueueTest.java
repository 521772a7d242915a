package org.ixnet.stack.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ixnet.stack.memory.HeapMbufStore;
import org.ixnet.stack.memory.Mempool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransmitQueueTest {
    private final Arena arena = Arena.ofConfined();
    private final HeapMbufStore store = new HeapMbufStore(256, 2048);
    private final Mempool mempool = new Mempool(arena, store);
    private final ScarceQueue device = new ScarceQueue();
    private final TransmitQueue queue = new TransmitQueue(arena, device, mempool, 8);

    /** A device that takes only so many frames. */
    private final class ScarceQueue implements DeviceQueue {
        private int room = Integer.MAX_VALUE;
        private final List<Integer> taken = new ArrayList<>();
        private int bursts;

        @Override
        public int rxBurst(PacketBurst burst, int maxPackets) {
            return 0;
        }

        @Override
        public int txBurst(PacketBurst burst, int first, int count) {
            bursts++;
            int taking = Math.min(room, count);
            for (int i = first; i < first + taking; i++) {
                taken.add(burst.frameLengthBytes(i));
                mempool.free(burst.mbuf(i));
            }
            room -= taking;
            return taking;
        }
    }

    @AfterEach
    void everyMbufComesHome() {
        queue.drain();
        mempool.drain();
        assertThat(store.availableMbufs()).isEqualTo(256);
        store.close();
        arena.close();
    }

    private boolean add(int length) {
        return queue.add(mempool.allocate(), 0, length, 0, 0, 0);
    }

    @Test
    void oneFlushIsOneBurst() {
        add(1);
        add(2);
        add(3);
        assertThat(device.bursts).isZero();
        assertThat(queue.flush()).isEqualTo(3);
        assertThat(queue.flush()).isZero();
        assertThat(device.bursts).isEqualTo(1);
        assertThat(device.taken).containsExactly(1, 2, 3);
        assertThat(queue.counters().get(TransmitCounter.BYTES)).isEqualTo(6);
    }

    @Test
    void whatTheDeviceDoesNotTakeStaysInOrder() {
        device.room = 3;
        for (int i = 1; i <= 8; i++) {
            add(i);
        }
        assertThat(queue.flush()).isEqualTo(3);
        assertThat(queue.waitingPackets()).isEqualTo(5);
        device.room = 1;
        add(9);
        assertThat(queue.flush()).isEqualTo(1);
        device.room = 100;
        add(10);
        queue.flush();
        assertThat(device.taken).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    @Test
    void fullQueueDropsTheNewestAndCounts() {
        device.room = 0;
        for (int i = 1; i <= 8; i++) {
            assertThat(add(i)).isTrue();
        }
        assertThat(add(9)).isFalse();
        assertThat(queue.counters().get(TransmitCounter.DROPPED_QUEUE_FULL)).isEqualTo(1);
        assertThat(queue.waitingPackets()).isEqualTo(8);
    }

    @Test
    void fullQueueFlushesItselfWhenTheDeviceHasRoom() {
        for (int i = 1; i <= 20; i++) {
            assertThat(add(i)).isTrue();
        }
        queue.flush();
        assertThat(device.taken).hasSize(20);
    }

    @Test
    void manyFramesLeaveBeforeTheEndOfTheCycle() {
        TransmitQueue large = new TransmitQueue(arena, device, mempool, 64);
        for (int i = 1; i <= 31; i++) {
            large.add(mempool.allocate(), 0, i, 0, 0, 0);
        }
        assertThat(device.bursts).isZero();
        large.add(mempool.allocate(), 0, 32, 0, 0, 0);
        assertThat(device.taken).hasSize(32);
        for (int i = 0; i < 8; i++) {
            large.add(mempool.allocate(), 0, 9000, 0, 0, 0); // 64 KB and more
        }
        assertThat(device.taken).hasSize(40);
        assertThat(device.bursts).isEqualTo(2);
        assertThat(large.waitingPackets()).isZero();
    }

    @Test
    void manyFramesThatTheDeviceDoesNotTakeKeepTheirOrder() {
        TransmitQueue large = new TransmitQueue(arena, device, mempool, 128);
        device.room = 20;
        for (int i = 1; i <= 100; i++) {
            large.add(mempool.allocate(), 0, i, 0, 0, 0);
        }
        assertThat(large.waitingPackets()).isEqualTo(80);
        device.room = 70; // more than is offered at once
        assertThat(large.flush()).isEqualTo(70);
        device.room = Integer.MAX_VALUE;
        assertThat(large.flush()).isEqualTo(10);
        assertThat(device.taken).isEqualTo(IntStream.rangeClosed(1, 100).boxed().toList());
    }
}
