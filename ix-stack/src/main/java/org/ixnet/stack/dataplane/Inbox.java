package org.ixnet.stack.dataplane;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.ixnet.stack.stats.Counters;

/**
 * What other threads ask one elastic thread to do. Messages are the dataplane's own: a packet may depend on one, so they run
 * all at once, also in the middle of a batch. Tasks are users': a bounded number in each cycle. Thread rule: {@code post}
 * from any thread, the rest on the elastic thread.
 */
final class Inbox {
    /** Tasks that run in one cycle; the rest waits for the next. */
    private static final int TASKS_A_CYCLE = 256;

    private final Thread owner;
    private final Membership membership;
    private final Counters<ThreadCounter> counters;
    private final ConcurrentLinkedQueue<Runnable> messages = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private int seenEpoch;
    private volatile boolean open = true;

    Inbox(Thread owner, Membership membership, Counters<ThreadCounter> counters) {
        this.owner = owner;
        this.membership = membership;
        this.counters = counters;
        this.seenEpoch = membership.epoch();
    }

    /** Adds a message; false when the thread has left, and the message does not run. Any thread. */
    boolean postMessage(Runnable message) {
        return post(messages, message);
    }

    /** Adds a task; likewise. */
    boolean postTask(Runnable task) {
        return post(tasks, task);
    }

    private boolean post(ConcurrentLinkedQueue<Runnable> queue, Runnable message) {
        queue.add(message);
        // Whoever leaves closes first and then runs what is there: either it runs this, or it is taken back.
        return open || !queue.remove(message);
    }

    boolean isOpen() {
        return open;
    }

    void close() {
        open = false;
    }

    boolean isEmpty() {
        return messages.isEmpty() && tasks.isEmpty();
    }

    /** Whether flow groups changed hands since {@link #runMessages} last began. */
    boolean isBehind() {
        return membership.epoch() != seenEpoch;
    }

    int runMessages() {
        // Read first: a message sent before the epoch was raised is in the queue by now.
        seenEpoch = membership.epoch();
        int count = 0;
        Runnable message;
        while ((message = messages.poll()) != null) {
            message.run();
            count++;
        }
        counters.add(ThreadCounter.MESSAGES, count);
        return count;
    }

    int runTasks() {
        int count = 0;
        Runnable task;
        while (count < TASKS_A_CYCLE && (task = tasks.poll()) != null) {
            run(task);
            count++;
        }
        return count;
    }

    /** Runs what a user gave; that it fails must not end the cycle. Returns whether it did not. */
    boolean run(Runnable task) {
        try {
            task.run();
            return true;
        } catch (RuntimeException e) {
            owner.getUncaughtExceptionHandler().uncaughtException(owner, e);
            return false;
        }
    }
}
