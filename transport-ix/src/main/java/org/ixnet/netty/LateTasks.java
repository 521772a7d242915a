package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is asked of an elastic thread that has ended, for example to close a channel that it had left behind. It runs on the
 * threads that ask, one task at a time, and not before the thread itself is done. Thread rule: any thread.
 */
final class LateTasks {
    private static final Logger LOGGER = LoggerFactory.getLogger(LateTasks.class);

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Tasks that have not run, and one more until {@link #begin}. Whoever raises it from 0 runs them. */
    private final AtomicInteger open = new AtomicInteger(1);

    private volatile @Nullable Thread runner;

    LateTasks() {}

    void execute(Runnable task) {
        tasks.add(task);
        if (open.getAndIncrement() == 0) {
            runAll();
        }
    }

    /** The elastic thread is done; once. */
    void begin() {
        if (open.decrementAndGet() != 0) {
            runAll();
        }
    }

    /** Whether the calling thread runs one of them. */
    @SuppressWarnings("ReferenceEquality") // threads are what they are
    boolean inTask() {
        return Thread.currentThread() == runner;
    }

    private void runAll() {
        do {
            Runnable task = requireNonNull(tasks.poll());
            runner = Thread.currentThread();
            try {
                task.run();
            } catch (RuntimeException e) {
                LOGGER.warn("A task for an elastic thread that has ended failed", e);
            } finally {
                runner = null;
            }
        } while (open.decrementAndGet() != 0);
    }
}
