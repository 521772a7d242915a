package org.ixnet.stack.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class HeapMbufStoreTest {
    @Test
    void mbufsHaveTheDocumentedLayout() {
        try (HeapMbufStore store = new HeapMbufStore(3, 2048)) {
            long first = store.takeOne();
            long second = store.takeOne();
            assertThat(first % 64).isZero();
            assertThat(second - first).isEqualTo(Mbuf.HEADER_BYTES + Mbuf.PRIVATE_BYTES + 2048);
            assertThat(Mbuf.bufferAddress(first)).isEqualTo(first + Mbuf.HEADER_BYTES + Mbuf.PRIVATE_BYTES);
            assertThat(Mbuf.bufferLengthBytes(first)).isEqualTo(2048);
            assertThat(store.bufferBytes()).isEqualTo(2048);
        }
    }

    @Test
    void takesWhatThereIs() {
        try (HeapMbufStore store = new HeapMbufStore(3, 2048);
                Arena arena = Arena.ofConfined()) {
            long array = MemoryRanges.allocate(arena, 64, 8);
            assertThat(store.take(array, 8)).isEqualTo(3);
            assertThat(store.availableMbufs()).isZero();
            store.give(array, 3);
            assertThat(store.availableMbufs()).isEqualTo(3);
        }
    }

    @Test
    void givingBackTwiceOrAStrangerIsFound() {
        try (HeapMbufStore store = new HeapMbufStore(3, 2048)) {
            long mbuf = store.takeOne();
            store.giveOne(mbuf);
            assertThatThrownBy(() -> store.giveOne(mbuf))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("twice");
            assertThatThrownBy(() -> store.giveOne(mbuf + 8))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("no mbuf of this store");
        }
    }

    @Test
    void refusesSizesThatHoldNoFrame() {
        assertThatThrownBy(() -> new HeapMbufStore(0, 2048)).hasMessageContaining("capacityMbufs is 0");
        assertThatThrownBy(() -> new HeapMbufStore(1, 100)).hasMessageContaining("bufferBytes is 100");
        assertThatThrownBy(() -> new HeapMbufStore(1, 65536)).hasMessageContaining("192..65535");
    }

    @Test
    void twoThreadsShareItWithoutLoss() throws InterruptedException {
        try (HeapMbufStore store = new HeapMbufStore(4096, 256);
                Arena arena = Arena.ofShared()) {
            Runnable work = () -> {
                Mempool pool = new Mempool(arena, store);
                long[] held = new long[700];
                for (int round = 0; round < 200; round++) {
                    int count = 0;
                    while (count < held.length && (held[count] = pool.allocate()) != 0) {
                        count++;
                    }
                    for (int i = 0; i < count; i++) {
                        pool.free(held[i]);
                    }
                }
                pool.drain();
            };
            Thread a = new Thread(work);
            Thread b = new Thread(work);
            a.start();
            b.start();
            a.join();
            b.join();
            assertThat(store.availableMbufs()).isEqualTo(4096);
        }
    }
}
