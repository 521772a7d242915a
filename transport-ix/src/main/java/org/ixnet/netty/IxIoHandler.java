package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.dataplane.IxConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link IoHandler} that turns a Netty event loop into an elastic thread: {@link #run} reads the clock once and does one
 * cycle of the dataplane, in which handlers run to completion. Use it through {@link IxEventLoopGroup}, or give
 * {@link #newFactory()} to a {@code MultiThreadIoEventLoopGroup} or {@code ManualIoEventLoop} of your own; such loops keep
 * Netty's long task quantum (1 s by default, {@code io.netty.eventLoop.maxTaskProcessingQuantumMs}), and a connection that is
 * registered away from the loop that owns its flow is moved there.
 *
 * <p>Thread rule: the loop's thread, except {@link #wakeup}.
 */
public final class IxIoHandler implements IoHandler {
    private static final Logger LOGGER = LoggerFactory.getLogger(IxIoHandler.class);
    /** How long a loop that ends goes on for data that closed channels had accepted. */
    private static final long LINGER_NANOS = 1_000_000_000L;

    private final ThreadAwareExecutor executor;
    private final Dataplane dataplane;
    /** Whether this handler holds a use of {@link #dataplane} that it must give back. */
    private final boolean acquired;

    private final List<Registration> registrations = new ArrayList<>();
    /** Channels with a live connection, open or still sending after their close. */
    private final List<IxSocketChannel> connections = new ArrayList<>();

    private final List<SharedListener> listeners = new ArrayList<>();

    private final SlabPool slabs = new SlabPool();
    private final LateTasks lateTasks = new LateTasks();

    private volatile @Nullable ElasticThread thread;
    private volatile @Nullable ReceiveBuffers receiveBuffers;
    private volatile @Nullable Throwable startFailure;
    private boolean destroyed;
    /** The elastic thread and all that it had are gone. Volatile: who sees it sees what the thread left behind. */
    private volatile boolean ended;

    private long copiedWriteBytes;
    private long cycleBeganNanos;

    private IxIoHandler(ThreadAwareExecutor executor, Dataplane dataplane, boolean acquired) {
        this.executor = executor;
        this.dataplane = dataplane;
        this.acquired = acquired;
    }

    /** A factory for the configuration of {@link IxConfig#fromSystemProperties()}. */
    public static IoHandlerFactory newFactory() {
        return newFactory(IxConfig.fromSystemProperties());
    }

    /** A factory of handlers that share the dataplane of {@code config}; the first one opens the device. */
    public static IoHandlerFactory newFactory(IxConfig config) {
        requireNonNull(config, "config");
        return factory(() -> Dataplane.acquire(config), true);
    }

    /** A factory of handlers on {@code dataplane}, whose use stays with the caller. */
    public static IoHandlerFactory newFactory(Dataplane dataplane) {
        requireNonNull(dataplane, "dataplane");
        return factory(() -> dataplane, false);
    }

    /** A factory of handlers that each use the dataplane of {@code acquired}; the use that the caller has goes to the first one. */
    static IoHandlerFactory newFactoryOfAcquired(Dataplane acquired) {
        AtomicReference<@Nullable Dataplane> first = new AtomicReference<>(acquired);
        return factory(
                () -> {
                    Dataplane mine = first.getAndSet(null);
                    return mine != null ? mine : Dataplane.acquire(acquired.config());
                },
                true);
    }

    private static IoHandlerFactory factory(Supplier<Dataplane> dataplane, boolean acquired) {
        // Not a lambda on purpose: the interface's other method, isChangingThreadSupported, must stay false.
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new IxIoHandler(executor, dataplane.get(), acquired);
            }

            @Override
            public boolean isChangingThreadSupported() {
                return false;
            }
        };
    }

    @Override
    public void initialize() {
        try {
            ElasticThread attached = dataplane.attach(this::wakeup);
            attached.userHandle = this;
            receiveBuffers = new ReceiveBuffers(this, attached);
            thread = attached;
        } catch (RuntimeException | Error e) {
            startFailure = e;
            throw e;
        }
    }

    @Override
    public int run(IoHandlerContext context) {
        ElasticThread thread = thread();
        try {
            long nowNanos = System.nanoTime();
            cycleBeganNanos = nowNanos;
            int work = thread.pollOnce(nowNanos) + receiveBuffers().drainReturned();
            if (work == 0 && context.canBlock() && !receiveBuffers().hasReturned()) {
                thread.idle(nowNanos, Math.max(0, context.delayNanos(nowNanos)));
            }
            return work;
        } catch (RuntimeException e) {
            // Handlers' exceptions end in their pipelines, so this is a fault of the stack: report it, keep the loop
            // alive.
            LOGGER.error("The cycle of elastic thread {} failed; its loop goes on", thread.index(), e);
            return 0;
        }
    }

    @Override
    public void wakeup() {
        ElasticThread thread = this.thread;
        if (thread != null && !thread.inThread()) {
            thread.wakeup();
        }
    }

    @Override
    public void prepareToDestroy() {
        for (Registration registration : List.copyOf(registrations)) {
            registration.close();
        }
    }

    @Override
    public void destroy() {
        if (destroyed) {
            return;
        }
        destroyed = true;
        ElasticThread thread = this.thread;
        try {
            if (thread != null) {
                // Loops of Netty's own may end without having asked for it, when they shut down without a quiet period.
                prepareToDestroy();
                linger(thread);
                receiveBuffers().end();
                thread.detach();
                for (IxSocketChannel channel : List.copyOf(connections)) {
                    channel.connectionLost();
                }
                if (thread.heldMbufs() > 0) {
                    LOGGER.warn(
                            "Loop of elastic thread {} ended while {} received buffers are not released; "
                                    + "the device stays open until they are",
                            thread.index(),
                            thread.heldMbufs());
                }
            }
        } finally {
            slabs.end();
            ended = true;
            lateTasks.begin();
            if (acquired) {
                dataplane.release();
            }
        }
    }

    /** Data that closed channels have accepted still goes out, as it would from a kernel's socket, but not for ever. */
    private void linger(ElasticThread thread) {
        long startNanos = System.nanoTime();
        long nowNanos = startNanos;
        while (isSending() && nowNanos - startNanos < LINGER_NANOS) {
            if (thread.pollOnce(nowNanos) + receiveBuffers().drainReturned() == 0) {
                thread.idle(nowNanos, 1_000_000);
            }
            nowNanos = System.nanoTime();
        }
        // The last cycle's user calls (FIN, RST, window updates) leave in this one.
        thread.pollOnce(nowNanos);
    }

    private boolean isSending() {
        for (IxSocketChannel channel : connections) {
            if (channel.hasUnacknowledged()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public IoRegistration register(IoHandle handle) {
        if (!(handle instanceof IxIoHandle)) {
            throw new IllegalArgumentException("IoHandle of type " + handle.getClass() + " is not an IX channel");
        }
        Registration registration = new Registration(handle, registrations.size());
        registrations.add(registration);
        handle.registered();
        return registration;
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return IxIoHandle.class.isAssignableFrom(handleType);
    }

    /** The elastic thread of this loop. Any thread. */
    ElasticThread thread() {
        return requireNonNull(thread, "the loop has not started");
    }

    /** Runs {@code task} on the elastic thread soon, or, once that has ended, as one of {@link LateTasks}. Any thread. */
    void execute(Runnable task) {
        if (!thread().execute(task)) {
            lateTasks.execute(task);
        }
    }

    /** Whether the caller may touch what this handler's connections consist of: it is the elastic thread, or its heir. */
    boolean isHere() {
        return ended ? lateTasks.inTask() : thread().inThread();
    }

    /** {@code System.nanoTime} when the last cycle began. */
    long cycleBeganNanos() {
        return cycleBeganNanos;
    }

    /** Whether the loop has claimed its thread. Any thread. */
    boolean isStarted() {
        return thread != null;
    }

    /** Why the loop could not start, or null. Any thread. */
    @Nullable
    Throwable startFailure() {
        return startFailure;
    }

    ReceiveBuffers receiveBuffers() {
        return requireNonNull(receiveBuffers, "the loop has not started");
    }

    /** What this thread listens on; kept by {@link SharedListener}. */
    List<SharedListener> listeners() {
        return listeners;
    }

    SlabPool slabs() {
        return slabs;
    }

    /** The event loop that runs this handler. Any thread. */
    ThreadAwareExecutor executor() {
        return executor;
    }

    Dataplane dataplane() {
        return dataplane;
    }

    void connectionOpened(IxSocketChannel channel) {
        channel.connectionIndex = connections.size();
        connections.add(channel);
    }

    void connectionGone(IxSocketChannel channel) {
        int index = channel.connectionIndex;
        if (index < 0) {
            return;
        }
        IxSocketChannel last = connections.removeLast();
        if (index < connections.size()) {
            connections.set(index, last);
            last.connectionIndex = index;
        }
        channel.connectionIndex = -1;
    }

    /** Connections of this loop. Any thread, approximately. */
    int connectionCount() {
        return connections.size();
    }

    /** Counts bytes that had to be copied because they were not in memory that TCP can read from. */
    void copiedWrite(int bytes) {
        copiedWriteBytes += bytes;
    }

    /** Bytes written from the heap or a file, copied once. */
    long copiedWriteBytes() {
        return copiedWriteBytes;
    }

    private final class Registration implements IoRegistration {
        private final IoHandle handle;
        /** Place in {@link #registrations}; -1 once cancelled. */
        private int index;

        Registration(IoHandle handle, int index) {
            this.handle = handle;
            this.index = index;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the signature is Netty's
        public <T> T attachment() {
            return (T) IxIoHandler.this;
        }

        @Override
        public long submit(IoOps ops) {
            throw new UnsupportedOperationException("IX channels call the stack directly");
        }

        @Override
        public boolean isValid() {
            return index >= 0;
        }

        @Override
        public boolean cancel() {
            if (index < 0) {
                return false;
            }
            Registration last = registrations.removeLast();
            if (last != this) {
                registrations.set(index, last);
                last.index = index;
            }
            index = -1;
            handle.unregistered();
            return true;
        }

        void close() {
            try {
                handle.close();
            } catch (Exception e) {
                LOGGER.warn("A channel failed to close at the end of its loop", e);
            }
        }
    }
}
