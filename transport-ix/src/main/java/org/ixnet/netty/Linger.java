package org.ixnet.netty;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A close that waits, by SO_LINGER, for what the peer has not acknowledged, but not longer than its time. Thread rule: the
 * connection's owner.
 */
final class Linger {
    private final IxSocketChannel channel;
    private final Connection connection;
    private final long endNanos;
    /** Completes the close; null when it has. */
    private @Nullable Runnable completion;

    Linger(IxSocketChannel channel, Connection connection, Runnable completion, int seconds) {
        this.channel = channel;
        this.connection = connection;
        this.completion = completion;
        endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        scheduleEnd();
    }

    private void scheduleEnd() {
        channel.eventLoop()
                .schedule(
                        () -> connection.onOwner(this::end),
                        Math.max(0, endNanos - System.nanoTime()),
                        TimeUnit.NANOSECONDS);
    }

    /** The channel has another loop; the one on which it closed may end before the time is over. */
    void moved() {
        scheduleEnd();
    }

    /** Nothing is left to wait for, or the time is over. */
    void end() {
        Runnable task = completion;
        if (task != null) {
            completion = null;
            channel.onceOnLoop(task);
        }
    }
}
