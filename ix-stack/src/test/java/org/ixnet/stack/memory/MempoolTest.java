package org.ixnet.stack.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MempoolTest {
    private final Arena arena = Arena.ofShared();
    private final HeapMbufStore store = new HeapMbufStore(1000, 2048);
    private final Mempool pool = new Mempool(arena, store);

    @AfterEach
    void close() {
        store.close();
        arena.close();
    }

    @Test
    void givesEveryMbufOnceAndThenNone() {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.add(pool.allocate())).isTrue();
        }
        assertThat(seen).doesNotContain(0L);
        assertThat(pool.allocate()).isZero();
        assertThat(pool.exhausted()).isEqualTo(1);
    }

    @Test
    void allMbufsComeHomeAfterDrain() {
        long[] mbufs = new long[1000];
        for (int i = 0; i < mbufs.length; i++) {
            mbufs[i] = pool.allocate();
        }
        for (long mbuf : mbufs) {
            pool.free(mbuf);
        }
        assertThat(pool.cachedMbufs() + store.availableMbufs()).isEqualTo(1000);
        pool.drain();
        assertThat(store.availableMbufs()).isEqualTo(1000);
    }

    @Test
    void freeingTwiceIsFound() {
        long mbuf = pool.allocate();
        pool.free(mbuf);
        assertThatThrownBy(() -> pool.free(mbuf))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("freed twice");
    }

    @Test
    void writingAnMbufThatIsFreeIsFound() {
        long mbuf = pool.allocate();
        pool.free(mbuf);
        Mbuf.next(mbuf, 0);
        assertThatThrownBy(pool::allocate)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("after it was freed");
    }

    @Test
    void mbufsMayBeFreedToThePoolOfAnotherThread() {
        Mempool other = new Mempool(arena, store);
        for (int i = 0; i < 5000; i++) {
            other.free(pool.allocate());
        }
        pool.drain();
        other.drain();
        assertThat(store.availableMbufs()).isEqualTo(1000);
    }

    @Test
    void whoOnlySendsMeetsTheSameFewBuffersAgain() {
        Set<Long> used = new HashSet<>();
        for (int i = 0; i < 5000; i++) {
            long mbuf = pool.allocate();
            used.add(mbuf);
            store.giveOne(mbuf); // as a driver does once it has sent it
        }
        assertThat(used.size() * store.bufferBytes()).isLessThanOrEqualTo(2 * (64 << 10));
        pool.drain();
        assertThat(store.availableMbufs()).isEqualTo(1000);
    }

    @Test
    void chunksFollowTheSizeOfTheBuffers() {
        assertThat(pool.chunkMbufs()).isEqualTo(32);
        assertThat(chunkOf(9_300)).isEqualTo(8);
        assertThat(chunkOf(256)).isEqualTo(64);
    }

    private int chunkOf(int bufferBytes) {
        try (HeapMbufStore some = new HeapMbufStore(10, bufferBytes)) {
            return new Mempool(arena, some).chunkMbufs();
        }
    }

    @Test
    void largeMbufsGoBackToTheirOwnStore() {
        LargeMbufs large = new LargeMbufs(2);
        pool.large(large);
        long a = large.allocate();
        long b = large.allocate();
        assertThat(large.allocate()).isZero();
        assertThat(Mbuf.bufferLengthBytes(a)).isEqualTo(65535);
        pool.free(a);
        pool.free(b);
        assertThat(large.available()).isEqualTo(2);
        assertThat(pool.cachedMbufs()).isZero();
        large.close();
    }
}
