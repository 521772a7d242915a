package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlabPoolTest {
    private static final int PIECE_BYTES = 1000;

    private final SlabPool pool = new SlabPool();
    private final ByteBuf source = Unpooled.directBuffer().writeZero(PIECE_BYTES);

    @AfterEach
    void end() {
        pool.end();
        source.release();
    }

    @Test
    void anIdleSharedSlabIsFilledAnew() {
        Slab first = pool.shared(PIECE_BYTES);
        for (int i = 0; i < 1000; i++) {
            Slab slab = pool.shared(PIECE_BYTES);
            slab.append(source, PIECE_BYTES);
            assertThat(slab).isSameAs(first);
        }
    }

    @Test
    void whatIsInFlightIsNotWrittenOver() {
        List<Slab> inFlight = new ArrayList<>();
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Slab slab = pool.shared(PIECE_BYTES);
            addresses.add(slab.append(source, PIECE_BYTES));
            slab.retainRun();
            inFlight.add(slab);
        }
        addresses.sort(null);
        for (int i = 1; i < addresses.size(); i++) {
            assertThat(addresses.get(i) - addresses.get(i - 1)).isGreaterThanOrEqualTo(PIECE_BYTES);
        }
        inFlight.forEach(Slab::releaseRun);
    }

    @Test
    void slabsComeBackOnceTheirPiecesAreAcknowledged() {
        // 100 pieces of 1,000 bytes: seven slabs in flight, and the current one.
        assertThat(slabsOf(10_000)).hasSizeLessThan(10);
    }

    @Test
    void onePieceThatStaysDoesNotMakeThePoolGrowForEver() {
        Slab pinned = pool.shared(PIECE_BYTES);
        pinned.append(source, PIECE_BYTES);
        pinned.retainRun();
        assertThat(slabsOf(100_000)).hasSizeLessThan(100);
        pinned.releaseRun();
    }

    /** Its memory must outlive the pool, and go when the last run does, whichever way that is kept. */
    @Test
    void runsInFlightKeepTheMemoryWhenTheHolderGoes() {
        Slab slab = pool.take();
        slab.append(source, PIECE_BYTES);
        slab.retainRun();
        slab.retainRun();
        ByteBuf moved = slab.detachRun();
        assertThat(slab.isIdle()).isFalse();
        slab.release();
        assertThat(moved.refCnt()).isEqualTo(2);
        slab.releaseRun();
        assertThat(moved.refCnt()).isEqualTo(1);
        moved.release();
        assertThat(moved.refCnt()).isZero();
    }

    @Test
    void aRunThatLeftTheLoopKeepsTheSlabFromBeingFilledAnew() {
        Slab slab = pool.take();
        slab.append(source, PIECE_BYTES);
        slab.retainRun();
        ByteBuf moved = slab.detachRun();
        assertThat(slab.isIdle()).isFalse();
        moved.release();
        assertThat(slab.isIdle()).isTrue();
        pool.give(slab);
    }

    @Test
    void takesBackWhatWasNotAccepted() {
        Slab slab = pool.take();
        long address = slab.append(source, PIECE_BYTES);
        slab.takeBack(300);
        assertThat(slab.append(source, PIECE_BYTES)).isEqualTo(address + PIECE_BYTES - 300);
        pool.give(slab);
        assertThat(pool.take()).isSameAs(slab);
        pool.give(slab);
    }

    /** The slabs that so many pieces come to lie in, of which a hundred are in flight at a time. */
    private Set<Slab> slabsOf(int pieces) {
        Set<Slab> seen = new HashSet<>();
        ArrayList<Slab> inFlight = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            Slab slab = pool.shared(PIECE_BYTES);
            seen.add(slab);
            slab.append(source, PIECE_BYTES);
            slab.retainRun();
            inFlight.add(slab);
            if (inFlight.size() > 100) {
                inFlight.removeFirst().releaseRun();
            }
        }
        inFlight.forEach(Slab::releaseRun);
        return seen;
    }
}
