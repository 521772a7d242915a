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
        List<ByteBuf> inFlight = new ArrayList<>();
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Slab slab = pool.shared(PIECE_BYTES);
            addresses.add(slab.append(source, PIECE_BYTES));
            inFlight.add(slab.buffer().retain());
        }
        addresses.sort(null);
        for (int i = 1; i < addresses.size(); i++) {
            assertThat(addresses.get(i) - addresses.get(i - 1)).isGreaterThanOrEqualTo(PIECE_BYTES);
        }
        inFlight.forEach(ByteBuf::release);
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
        ByteBuf stays = pinned.buffer().retain();
        assertThat(slabsOf(100_000)).hasSizeLessThan(100);
        stays.release();
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
        ArrayList<ByteBuf> inFlight = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            Slab slab = pool.shared(PIECE_BYTES);
            seen.add(slab);
            slab.append(source, PIECE_BYTES);
            inFlight.add(slab.buffer().retain());
            if (inFlight.size() > 100) {
                inFlight.removeFirst().release();
            }
        }
        inFlight.forEach(ByteBuf::release);
        return seen;
    }
}
