package org.ixnet.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A loop of an {@link IxEventLoopGroup}. Beside what every I/O loop does, it polls the device between short bursts of tasks,
 * and passes an accepted channel that is registered with it on to the loop of its group that owns the connection's flow.
 *
 * <p>Thread rule: as every {@link io.netty.channel.EventLoop}: any thread may submit and register.
 */
public final class IxEventLoop extends SingleThreadIoEventLoop {
    /** A cycle and the tasks after it should take no longer: the device and the tasks both get their turn that often. */
    private static final long ROUND_NANOS = 90_000;
    /** How long tasks may run before the device is polled again; less after a long cycle, but not less than the minimum. */
    private static final long TASK_QUANTUM_NANOS = 40_000;

    private static final long MIN_TASK_QUANTUM_NANOS = 10_000;
    /** As long as so many tasks take less than this, twice as many run before the next look at the clock. */
    private static final long SHORT_NANOS = 5_000;

    private static final int MAX_TASKS_A_LOOK = 64;
    /** Scheduled tasks that join the others in one round; the rest stays due. */
    private static final int DUE_TASKS_A_ROUND = 64;

    private final Queue<Runnable> tasks;

    IxEventLoop(IxEventLoopGroup parent, Executor executor, IoHandlerFactory factory) {
        this(parent, executor, factory, newTaskQueue0(DEFAULT_MAX_PENDING_TASKS));
    }

    private IxEventLoop(IxEventLoopGroup parent, Executor executor, IoHandlerFactory factory, Queue<Runnable> tasks) {
        super(
                parent,
                executor,
                factory,
                tasks,
                newTaskQueue0(DEFAULT_MAX_PENDING_TASKS),
                RejectedExecutionHandlers.reject());
        this.tasks = tasks;
    }

    @Override
    public IxEventLoopGroup parent() {
        return (IxEventLoopGroup) super.parent();
    }

    @Override
    protected void run() {
        assert inEventLoop();
        IxIoHandler handler = handler();
        handler.initialize();
        boolean ending;
        do {
            runIo();
            ending = isShuttingDown();
            if (ending) {
                handler.prepareToDestroy();
            }
            runTasks();
            // A shutdown that begins only now waits for the next round: channels must close while tasks are still
            // accepted.
        } while (!ending || !confirmShutdown());
    }

    /**
     * Runs what waits, for a quantum. Netty's own {@code runAllTasks} looks at the clock every 64 tasks only, which may be far
     * too late, and first takes all scheduled tasks that are due.
     */
    private void runTasks() {
        takeDueTasks();
        Runnable task = pollTask();
        if (task != null) {
            runTasks(task);
            updateLastExecutionTime();
        }
        afterRunningAllTasks();
    }

    private void runTasks(Runnable first) {
        long nowNanos = System.nanoTime();
        long leftNanos = ROUND_NANOS - (nowNanos - handler().cycleBeganNanos());
        long endNanos = nowNanos + Math.clamp(leftNanos, MIN_TASK_QUANTUM_NANOS, TASK_QUANTUM_NANOS);
        int tasksALook = 1;
        int untilLook = 1;
        for (Runnable task = first; task != null; task = pollTask()) {
            safeExecute(task);
            if (--untilLook == 0) {
                long beforeNanos = nowNanos;
                nowNanos = System.nanoTime();
                if (nowNanos - endNanos >= 0) {
                    return;
                }
                if (nowNanos - beforeNanos < SHORT_NANOS) {
                    tasksALook = Math.min(tasksALook << 1, MAX_TASKS_A_LOOK);
                } else {
                    tasksALook = 1;
                }
                untilLook = tasksALook;
            }
        }
    }

    private void takeDueTasks() {
        if (nextScheduledTaskDeadlineNanos() < 0) {
            return; // there is none: the usual case, and no look at the clock
        }
        long nowNanos = ticker().nanoTime();
        for (int i = 0; i < DUE_TASKS_A_ROUND; i++) {
            Runnable due = pollScheduledTask(nowNanos);
            if (due == null) {
                return;
            }
            if (!tasks.offer(due)) {
                safeExecute(due);
            }
        }
    }

    @Override
    public ChannelFuture register(Channel channel) {
        IxEventLoop home = home(channel);
        return home == null ? super.register(channel) : home.register(channel);
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        IxEventLoop home = home(promise.channel());
        return home == null ? super.register(promise) : home.register(promise);
    }

    IxIoHandler handler() {
        return (IxIoHandler) ioHandler();
    }

    /** The other loop of this group that should have {@code channel}, or null. */
    private @Nullable IxEventLoop home(Channel channel) {
        IxIoHandler owner = channel instanceof IxSocketChannel accepted ? accepted.owner() : null;
        if (owner == null || owner.executor() == this || !(owner.executor() instanceof IxEventLoop home)) {
            return null;
        }
        if (home.parent() == parent()) {
            return home.isShuttingDown() ? null : home;
        }
        if (owner.dataplane() == handler().dataplane()) {
            // The other group accepts for this one, so let new flows hash to the loops that serve them.
            home.parent().giveUpFlows();
        }
        return null;
    }
}
