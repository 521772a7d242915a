package org.ixnet.examples.memcached.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock for what is over in less than a microsecond and hardly ever contended: one atomic operation where a
 * {@code ReentrantLock} needs two. Not reentrant, not fair; who finds it taken spins, and soon yields, since the holder may
 * have lost its core.
 */
final class BriefLock {
    private static final VarHandle HELD;
    private static final int SPINS = 100;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(BriefLock.class, "held", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Acquired by compare-and-set, given back by a release store, so that the next holder sees all that was written. */
    @SuppressWarnings("unused") // through HELD
    private boolean held;

    BriefLock() {}

    void lock() {
        if (!HELD.compareAndSet(this, false, true)) {
            await();
        }
    }

    void unlock() {
        assert held;
        HELD.setRelease(this, false);
    }

    private void await() {
        int spins = 0;
        do {
            if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        } while ((boolean) HELD.getOpaque(this) || !HELD.compareAndSet(this, false, true));
    }
}
