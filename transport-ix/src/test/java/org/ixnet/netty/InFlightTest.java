package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("ReferenceEquality") // the same buffer, not one of equal content
class InFlightTest {
    private final InFlight inFlight = new InFlight();

    /** Against a plain queue of (buffer, bytes left): what is covered is released, in order, and nothing else. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void releasesExactlyWhatIsAcknowledged(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ArrayDeque<Object> expected = new ArrayDeque<>();
        ArrayDeque<Integer> left = new ArrayDeque<>();
        List<ByteBuf> all = new ArrayList<>();
        Slab shared = new Slab();
        for (int i = 0; i < 5_000; i++) {
            int lengthBytes = 1 + random.nextInt(100);
            switch (random.nextInt(3)) {
                case 0 -> {
                    ByteBuf buffer = Unpooled.buffer();
                    all.add(buffer);
                    inFlight.add(buffer, lengthBytes);
                    expected.add(buffer);
                    left.add(lengthBytes);
                }
                case 1 -> {
                    inFlight.addPiece(shared, lengthBytes);
                    if (expected.peekLast() == shared) {
                        left.add(left.removeLast() + lengthBytes);
                    } else {
                        expected.add(shared);
                        left.add(lengthBytes);
                    }
                }
                default -> acknowledge(random, expected, left);
            }
            assertThat(inFlight.newest()).isSameAs(expected.peekLast());
            assertThat(inFlight.isEmpty()).isEqualTo(expected.isEmpty());
            assertThat(inFlight.pendingBytes())
                    .isEqualTo(left.stream().mapToLong(Integer::longValue).sum());
            for (ByteBuf buffer : all) {
                assertThat(buffer.refCnt()).isEqualTo(expected.stream().anyMatch(held -> held == buffer) ? 1 : 0);
            }
            all.removeIf(buffer -> buffer.refCnt() == 0);
            assertThat(shared.isIdle()).isEqualTo(!expected.contains(shared));
        }
        inFlight.releaseAll();
        assertThat(shared.isIdle()).isTrue();
        shared.release();
        assertThat(all).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void canBeUsedAgainAfterEverythingWasReleased() {
        ByteBuf buffer = Unpooled.buffer();
        inFlight.add(buffer, 10);
        inFlight.acked(4);
        inFlight.releaseAll();
        ByteBuf next = Unpooled.buffer();
        inFlight.add(next, 10);
        inFlight.acked(9);
        assertThat(next.refCnt()).isEqualTo(1);
        inFlight.acked(1);
        assertThat(next.refCnt()).isZero();
    }

    /** The connection moves to another loop while pieces of a slab are oldest, in between, and newest. */
    @Test
    void whatLeavesTheLoopIsKeptByBuffers() {
        Slab slab = new Slab();
        ByteBuf between = Unpooled.buffer();
        ByteBuf last = Unpooled.buffer();
        inFlight.addPiece(slab, 10);
        inFlight.add(between, 10);
        inFlight.addPiece(slab, 10);
        inFlight.add(last, 10);
        inFlight.addPiece(slab, 10);
        inFlight.detachSlabs();
        assertThat(inFlight.newest()).isNotSameAs(slab);
        assertThat(slab.isIdle()).isFalse();
        inFlight.acked(40);
        assertThat(slab.isIdle()).isFalse();
        assertThat(last.refCnt()).isZero();
        inFlight.acked(10);
        assertThat(slab.isIdle()).isTrue();
        slab.release();
    }

    private void acknowledge(SplittableRandom random, ArrayDeque<Object> expected, ArrayDeque<Integer> left) {
        long pending = inFlight.pendingBytes();
        long acked = random.nextInt(4) == 0 ? pending : random.nextLong(pending / 4 + 1);
        inFlight.acked(acked);
        while (acked > 0) {
            int first = left.remove();
            if (acked < first) {
                left.addFirst(first - (int) acked);
                return;
            }
            acked -= first;
            expected.remove();
        }
    }
}
