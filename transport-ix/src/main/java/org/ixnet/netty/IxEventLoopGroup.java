package org.ixnet.netty;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.IxConfig;
import org.jspecify.annotations.Nullable;

/**
 * Event loops on an IX dataplane; takes the place of {@code NioEventLoopGroup}. Each loop is an elastic thread with flows of
 * its own. Groups with equal {@link IxConfig}s share one device, so a boss group and a worker group, or one group for both,
 * work as with other transports. The device is opened by the first group and is closed when the last one's {@link #terminationFuture} completes.
 *
 * <p>Unlike Netty's own groups all loops start at once, because a loop that does not run polls nothing. Without a number of
 * threads there are {@link IxConfig#loops()}.
 *
 * <p>Thread rule: any thread.
 */
public final class IxEventLoopGroup extends MultiThreadIoEventLoopGroup {
    private static final long START_SECONDS = 30;

    private volatile boolean gaveUpFlows;

    /** {@link IxConfig#loops()} loops on the dataplane of {@link IxConfig#fromSystemProperties()}. */
    public IxEventLoopGroup() {
        this(0);
    }

    /** @param nThreads loops, or 0 for {@link IxConfig#loops()} */
    public IxEventLoopGroup(int nThreads) {
        this(nThreads, IxConfig.fromSystemProperties());
    }

    public IxEventLoopGroup(ThreadFactory threadFactory) {
        this(0, threadFactory);
    }

    public IxEventLoopGroup(int nThreads, ThreadFactory threadFactory) {
        this(nThreads, threadFactory, IxConfig.fromSystemProperties());
    }

    /** @param executor runs each loop as one task that ends with the loop, so it must have that many threads */
    public IxEventLoopGroup(int nThreads, Executor executor) {
        this(nThreads, executor, IxConfig.fromSystemProperties());
    }

    /**
     * @param nThreads loops, or 0 for {@link IxConfig#loops()}
     * @throws org.ixnet.stack.device.DeviceException when the device cannot be opened; with cause and remedy
     * @throws IllegalStateException when the dataplane has not that many threads left ({@link IxConfig#maxThreads()})
     */
    public IxEventLoopGroup(int nThreads, IxConfig config) {
        this(nThreads, (Executor) null, config);
    }

    /** As {@link #IxEventLoopGroup(int, IxConfig)}, with threads of {@code threadFactory}. */
    public IxEventLoopGroup(int nThreads, ThreadFactory threadFactory, IxConfig config) {
        this(nThreads, new ThreadPerTaskExecutor(threadFactory), config);
    }

    /** As {@link #IxEventLoopGroup(int, IxConfig)}, with threads of {@code executor}; null: the default. */
    public IxEventLoopGroup(int nThreads, @Nullable Executor executor, IxConfig config) {
        // Each loop gives its use of the dataplane back as its last step, so that the device is closed before
        // terminationFuture() completes: the JVM may exit at once.
        super(loops(nThreads, config), executor, IxIoHandler.newFactoryOfAcquired(Dataplane.acquire(config)));
        startAll();
    }

    /** Loops on a dataplane that the caller has opened, and releases himself. */
    public IxEventLoopGroup(int nThreads, Dataplane dataplane) {
        super(loops(nThreads, dataplane.config()), (Executor) null, IxIoHandler.newFactory(dataplane));
        startAll();
    }

    private static int loops(int nThreads, IxConfig config) {
        if (nThreads < 0) {
            throw new IllegalArgumentException("nThreads is " + nThreads + "; must be 0 (IxConfig.loops) or more");
        }
        return nThreads == 0 ? config.loops() : nThreads;
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory ioHandlerFactory, Object... args) {
        return new IxEventLoop(this, executor, ioHandlerFactory);
    }

    @Override
    public IxEventLoop next() {
        return (IxEventLoop) super.next();
    }

    /** New flows go to the loops of other groups on the same dataplane: this one only accepts for them. */
    void giveUpFlows() {
        if (gaveUpFlows) {
            return;
        }
        gaveUpFlows = true;
        for (EventExecutor loop : this) {
            IxIoHandler handler = ((IxEventLoop) loop).handler();
            if (handler.isStarted()) {
                handler.thread().ownsFlows(false);
            }
        }
    }

    private void startAll() {
        CountDownLatch started = new CountDownLatch(executorCount());
        for (EventExecutor loop : this) {
            loop.terminationFuture().addListener(ended -> started.countDown());
            loop.execute(started::countDown);
        }
        try {
            if (!started.await(START_SECONDS, TimeUnit.SECONDS)) {
                shutdownGracefully(0, 0, TimeUnit.SECONDS);
                throw new IllegalStateException("Not all of the " + executorCount() + " loops started within "
                        + START_SECONDS + " s; the executor must have a thread for each loop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IllegalStateException("Interrupted while the loops started", e);
        }
        for (EventExecutor loop : this) {
            Throwable failure = ((IxEventLoop) loop).handler().startFailure();
            if (failure != null) {
                Future<?> ended = shutdownGracefully(0, 0, TimeUnit.SECONDS);
                ended.awaitUninterruptibly(START_SECONDS, TimeUnit.SECONDS);
                throw new IllegalStateException("Loop could not join the dataplane: " + failure.getMessage(), failure);
            }
        }
    }
}
