package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PacketRingTest {
    private final Arena arena = Arena.ofAuto();

    @Test
    void refusesWhenFullAndKeepsTheOrder() {
        PacketRing ring = new PacketRing(arena, 4);
        assertThat(ring.hasNext()).isFalse();
        for (int i = 0; i < 4; i++) {
            assertThat(ring.offer(PacketRing.STRAY, 100 + i, 200 + i, 1514, 7, 8, 9))
                    .isTrue();
        }
        assertThat(ring.offer(PacketRing.STRAY, 0, 0, 0, 0, 0, 0)).isFalse();
        for (int i = 0; i < 4; i++) {
            assertThat(ring.hasNext()).isTrue();
            assertThat(ring.mbuf()).isEqualTo(100 + i);
            assertThat(ring.frameAddress()).isEqualTo(200 + i);
            assertThat(ring.lengthBytes()).isEqualTo(1514);
            assertThat(ring.kind()).isEqualTo(PacketRing.STRAY);
            assertThat(ring.word20()).isEqualTo(7);
            assertThat(ring.flags()).isEqualTo(8);
            assertThat(ring.word28()).isEqualTo(9);
            ring.remove();
        }
        assertThat(ring.hasNext()).isFalse();
        assertThat(ring.offer(PacketRing.RECEIVED, 1, 2, 3, 4, 5, 6)).isTrue();
    }

    @Test
    @Timeout(60)
    void nothingIsLostOrReorderedBetweenTwoThreads() throws InterruptedException {
        int count = 100_000;
        PacketRing ring = new PacketRing(arena, 64);
        AtomicReference<String> wrong = new AtomicReference<>("");
        Thread consumer = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                while (!ring.hasNext()) {
                    Thread.yield();
                }
                if (ring.mbuf() != i || ring.frameAddress() != ~i || ring.lengthBytes() != (i & 0xffff)) {
                    wrong.set("packet " + i + " is " + ring.mbuf());
                    return;
                }
                ring.remove();
            }
        });
        consumer.start();
        for (int i = 0; i < count && consumer.isAlive(); ) {
            if (ring.offer(PacketRing.RECEIVED, i, ~i, i & 0xffff, 0, 0, 0)) {
                i++;
            } else {
                Thread.yield();
            }
        }
        consumer.join();
        assertThat(wrong.get()).isEmpty();
    }
}
