package org.ixnet.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A loop of an {@link IxEventLoopGroup}. Beside what every I/O loop does, it polls the device between short bursts of tasks,
 * and passes an accepted channel that is registered with it on to the loop of its group that owns the connection's flow.
 *
 * <p>Thread rule: as every {@link io.netty.channel.EventLoop}: any thread may submit and register.
 */
public final class IxEventLoop extends SingleThreadIoEventLoop {
    /** How long tasks may run before the device is polled again; Netty looks at the clock every 64 tasks. */
    private static final long TASK_QUANTUM_NANOS = 50_000;

    IxEventLoop(IxEventLoopGroup parent, Executor executor, IoHandlerFactory factory) {
        super(
                parent,
                executor,
                factory,
                DEFAULT_MAX_PENDING_TASKS,
                RejectedExecutionHandlers.reject(),
                // Never used: run() below has a shorter one than milliseconds can say.
                1);
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
            runAllTasks(TASK_QUANTUM_NANOS);
            // A shutdown that begins only now waits for the next round: channels must close while tasks are still
            // accepted.
        } while (!ending || !confirmShutdown());
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
