package org.ixnet.netty;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Slab}s of a loop: one that all its connections share, which so stays in the processor's cache, and others for
 * those that have more in flight. Thread rule: the loop.
 */
final class SlabPool {
    private static final int MOST = 64;

    private final ArrayDeque<Slab> spares = new ArrayDeque<>(MOST);
    /** Full, and partly in flight; the oldest first. */
    private final ArrayDeque<Slab> retired = new ArrayDeque<>(MOST + 1);

    private @Nullable Slab shared;

    SlabPool() {}

    /** The shared one, with room for {@code lengthBytes}. */
    Slab shared(int lengthBytes) {
        Slab slab = shared;
        if (slab == null || !slab.hasRoom(lengthBytes)) {
            shared = slab = following(slab);
        }
        return slab;
    }

    private Slab following(@Nullable Slab full) {
        if (full == null) {
            return take();
        }
        if (full.isIdle()) {
            return full.empty();
        }
        Slab next = take();
        retired.add(full);
        if (retired.size() > MOST) {
            retired.remove().release();
        }
        return next;
    }

    /** One for a connection alone. */
    Slab take() {
        Slab spare = spares.pollLast();
        if (spare == null) {
            Slab oldest = retired.peek();
            if (oldest == null || !oldest.isIdle()) {
                return new Slab();
            }
            spare = retired.remove();
        }
        return spare.empty();
    }

    /** Takes a slab back from its connection. */
    void give(Slab slab) {
        if (spares.size() < MOST && slab.isIdle()) {
            spares.add(slab);
        } else {
            slab.release();
        }
    }

    /** The loop ends. */
    void end() {
        Slab slab = shared;
        shared = null;
        if (slab != null) {
            slab.release();
        }
        spares.forEach(Slab::release);
        spares.clear();
        retired.forEach(Slab::release);
        retired.clear();
    }
}
