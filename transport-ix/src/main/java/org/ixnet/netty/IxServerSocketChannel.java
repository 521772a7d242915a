package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.util.internal.PlatformDependent;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server socket. It listens on every elastic thread of its dataplane, so a connection is accepted by the thread that its
 * flow hashes to, and its channel is registered there; only the pipeline of the server channel itself runs on one (boss)
 * loop. Connections that the boss does not read wait in each thread's accept queue, bounded by {@code SO_BACKLOG} each. With
 * {@code SO_REUSEPORT} several may share a port: see {@link IxServerSocketChannelConfig#setReusePort}.
 *
 * <p>{@code bind} completes when all threads listen. Thread rule: as every {@link Channel}.
 */
public final class IxServerSocketChannel extends AbstractIxChannel implements ServerSocketChannel {
    private static final Logger LOGGER = LoggerFactory.getLogger(IxServerSocketChannel.class);
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
    /** After this long {@code bind} no longer waits for a loop that is stuck in a handler. */
    private static final long LISTEN_SECONDS = 5;

    private final IxServerSocketChannelConfig config = new IxServerSocketChannelConfig(this);

    /** Accepted, not yet read by the boss: offered by any elastic thread. */
    private final Queue<IxSocketChannel> accepted = PlatformDependent.newMpscQueue();

    private final AtomicBoolean acceptScheduled = new AtomicBoolean();
    private final Runnable acceptTask = this::readAccepted;
    private final Map<ElasticThread, Acceptor> acceptors = new ConcurrentHashMap<>();
    private final Consumer<ElasticThread> listenOnThread = this::listenOn;

    /** Whether the boss wants connections; elastic threads leave them in their queues while it does not. */
    private volatile boolean acceptWanted;

    private volatile @Nullable IxIoHandler handler;
    private volatile PortTable.@Nullable Reservation reservation;
    private volatile @Nullable Binding binding;

    public IxServerSocketChannel() {
        super(null);
    }

    @Override
    public IxServerSocketChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return (InetSocketAddress) super.localAddress();
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    public Unsafe unsafe() {
        // Seen by the pipeline's head: its bind may complete later, which AbstractUnsafe's cannot.
        return super.unsafe() instanceof ServerUnsafe unsafe ? unsafe.facade : super.unsafe();
    }

    @Override
    @SuppressWarnings("exports") // Netty wants it protected; nobody else can name the type
    protected AbstractIxUnsafe newUnsafe() {
        return new ServerUnsafe();
    }

    @Override
    void registered(IxIoHandler handler, ChannelPromise promise) {
        this.handler = handler;
        config.defaults(handler.dataplane().config().tcp().tcbOptions());
        promise.setSuccess();
        if (!accepted.isEmpty()) {
            scheduleAccept(); // they came while no loop had the channel
        }
    }

    /** Reserves the address and opens listeners on all threads; {@code promise} completes when they are open. */
    private void listen(SocketAddress localAddress, ChannelPromise promise) throws BindException {
        if (reservation != null) {
            throw new AlreadyBoundException();
        }
        InetSocketAddress inet = checkResolved(localAddress);
        long hi = IpAddresses.hi(inet.getAddress());
        long lo = IpAddresses.lo(inet.getAddress());
        IxIoHandler handler = requireNonNull(this.handler);
        OwnAddresses.check(handler.thread(), hi, lo);
        Dataplane dataplane = handler.dataplane();
        PortTable.Reservation reserved = dataplane
                .ports()
                .reserve(PROTOCOL_TCP, hi, lo, inet.getPort(), config.isReusePort(), PortTable.NO_OWNER);
        reservation = reserved;
        local = address(reserved.hi(), reserved.lo(), reserved.port());
        Set<ElasticThread> waiting = ConcurrentHashMap.newKeySet();
        waiting.addAll(dataplane.threads());
        binding = new Binding(localAddress, promise, waiting);
        eventLoop().schedule(this::finishBinding, LISTEN_SECONDS, TimeUnit.SECONDS);
        dataplane.onEachThread(listenOnThread);
    }

    /** On each elastic thread: joins the listening socket. */
    private void listenOn(ElasticThread thread) {
        PortTable.Reservation reserved = reservation;
        if (reserved != null && isOpen()) {
            IxIoHandler owner = (IxIoHandler) requireNonNull(thread.userHandle);
            Acceptor acceptor = new Acceptor(thread);
            try {
                acceptor.listener =
                        SharedListener.join(owner, reserved, config.getBacklog(), config.childOptions(), acceptor);
                acceptors.put(thread, acceptor);
                if (!isOpen()) {
                    acceptor.close();
                }
            } catch (BindException e) {
                LOGGER.warn("Elastic thread {} could not listen on {}", thread.index(), local, e);
            }
        }
        Binding binding = this.binding;
        if (binding != null && binding.waiting.remove(thread) && binding.waiting.isEmpty()) {
            eventLoop().execute(this::finishBinding);
        }
    }

    private void finishBinding() {
        Binding binding = this.binding;
        if (binding != null) {
            this.binding = null;
            if (!binding.waiting.isEmpty()) {
                LOGGER.warn("{} loops are too busy to listen on {} yet; they will", binding.waiting.size(), local);
            }
            ixUnsafe().bind(binding.localAddress, binding.promise);
        }
    }

    @Override
    protected void doBind(SocketAddress localAddress) throws Exception {
        active = true;
    }

    @Override
    void readWanted() {
        if (!acceptWanted) {
            acceptWanted = true;
            for (Acceptor acceptor : acceptors.values()) {
                acceptor.thread.execute(acceptor.takeTask);
            }
        }
        if (!accepted.isEmpty()) {
            scheduleAccept();
        }
    }

    /** Any thread. */
    private void acceptedSome(Acceptor acceptor) {
        if (acceptor.isHome()) {
            readAccepted();
        } else {
            scheduleAccept();
        }
    }

    private void scheduleAccept() {
        if (acceptScheduled.compareAndSet(false, true)) {
            try {
                eventLoop().execute(acceptTask);
            } catch (RejectedExecutionException loopEnded) {
                LOGGER.debug("Boss loop of {} has ended", this, loopEnded);
                acceptScheduled.set(false);
                closeAccepted();
            }
        }
    }

    @Override
    void readReady() {
        readAccepted();
    }

    /** The read loop of the boss: hands accepted channels to the pipeline. */
    private void readAccepted() {
        acceptScheduled.set(false);
        AbstractIxUnsafe unsafe = ixUnsafe();
        if (!isOpen()) {
            closeAccepted(); // another thread accepted while this one closed
            return;
        }
        if (!isOnLoop()) {
            return;
        }
        if (unsafe.shouldStopReading(config)) {
            acceptWanted = false;
            return;
        }
        if (accepted.isEmpty()) {
            return;
        }
        var handle = unsafe.recvBufAllocHandle();
        ChannelPipeline pipeline = pipeline();
        handle.reset(config);
        handle.attemptedBytesRead(1);
        do {
            IxSocketChannel child = accepted.poll();
            if (child == null) {
                handle.lastBytesRead(-1);
                break;
            }
            handle.lastBytesRead(1);
            handle.incMessagesRead(1);
            unsafe.readPending = false;
            pipeline.fireChannelRead(child);
        } while (isOpen() && handle.continueReading());
        handle.readComplete();
        pipeline.fireChannelReadComplete();
        if (unsafe.shouldStopReading(config)) {
            acceptWanted = false;
        } else if (!accepted.isEmpty()) {
            scheduleAccept();
        }
    }

    @Override
    protected void doClose() throws Exception {
        super.doClose();
        acceptWanted = false;
        IxIoHandler handler = this.handler;
        PortTable.Reservation reserved = reservation;
        if (handler != null && reserved != null) {
            handler.dataplane().removeOnEachThread(listenOnThread);
            for (Acceptor acceptor : acceptors.values()) {
                acceptor.closeSoon();
            }
            handler.dataplane().ports().release(reserved);
        }
        Binding binding = this.binding;
        this.binding = null;
        if (binding != null) {
            binding.promise.tryFailure(new ClosedChannelException());
        }
        closeAccepted();
        doDeregister();
    }

    /** Nobody will hear of these. The boss, and once its loop has ended any thread, one at a time: the queue has one reader. */
    private synchronized void closeAccepted() {
        for (IxSocketChannel child = accepted.poll(); child != null; child = accepted.poll()) {
            child.unsafe().closeForcibly();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        throw new UnsupportedOperationException("a server channel writes nothing");
    }

    @Override
    protected Object filterOutboundMessage(Object msg) {
        throw new UnsupportedOperationException("a server channel writes nothing");
    }

    /** A {@code bind} under way: the threads that do not listen yet. */
    private static final class Binding {
        final SocketAddress localAddress;
        final ChannelPromise promise;
        final Set<ElasticThread> waiting;

        Binding(SocketAddress localAddress, ChannelPromise promise, Set<ElasticThread> waiting) {
            this.localAddress = localAddress;
            this.promise = promise;
            this.waiting = waiting;
        }
    }

    /** This socket's part in a listener of one elastic thread. Thread rule: that thread. */
    private final class Acceptor implements SharedListener.Member {
        final ElasticThread thread;
        final Runnable takeTask = this::offer;
        /** Accepted by TCP, not yet by the server: {@link IxServerSocketChannelConfig#setTcpDeferAccept}. */
        private final Set<IxSocketChannel> deferred = new HashSet<>();

        private @Nullable SharedListener listener;

        Acceptor(ElasticThread thread) {
            this.thread = thread;
        }

        @Override
        public boolean isHome() {
            IxIoHandler boss = handler;
            return boss != null && boss.isStarted() && boss.thread() == thread;
        }

        private void offer() {
            SharedListener listener = this.listener;
            if (listener != null) {
                listener.offer();
            }
        }

        @Override
        public void take(SharedListener source) {
            boolean some = false;
            while (acceptWanted) {
                Tcb tcb = source.accept();
                if (tcb == null) {
                    break;
                }
                IxSocketChannel child = new IxSocketChannel(IxServerSocketChannel.this, source.handler(), tcb);
                int seconds = config.getTcpDeferAccept();
                if (seconds > 0 && deferred.size() < config.getBacklog()) {
                    defer(child, seconds);
                } else {
                    accepted.add(child);
                    some = true;
                }
            }
            if (some) {
                acceptedSome(this);
            }
        }

        /** TCP_DEFER_ACCEPT: the boss hears of {@code child} when data, its end, or the end of the time has come. */
        private void defer(IxSocketChannel child, int seconds) {
            deferred.add(child);
            child.connection().awaitData(() -> acceptDeferred(child), () -> deferred.remove(child));
            eventLoop().schedule(() -> thread.execute(() -> acceptDeferred(child)), seconds, TimeUnit.SECONDS);
        }

        private void acceptDeferred(IxSocketChannel child) {
            if (deferred.remove(child)) {
                child.connection().awaitNoData();
                accepted.add(child);
                acceptedSome(this);
            }
        }

        private void closeSoon() {
            if (thread.inThread()) {
                close();
            } else {
                thread.execute(this::close);
            }
        }

        private void close() {
            List.copyOf(deferred).forEach(child -> child.unsafe().closeForcibly());
            deferred.clear();
            SharedListener listener = this.listener;
            if (listener != null) {
                this.listener = null;
                listener.leave(this);
            }
        }
    }

    private final class ServerUnsafe extends AbstractIxUnsafe {
        final Unsafe facade = new DelegatingUnsafe(this) {
            @Override
            public void bind(SocketAddress localAddress, ChannelPromise promise) {
                bindLater(localAddress, promise);
            }
        };

        private void bindLater(SocketAddress localAddress, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            try {
                listen(localAddress, promise);
            } catch (Exception e) {
                safeSetFailure(promise, e);
            }
        }

        @Override
        public void connect(SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            safeSetFailure(promise, new UnsupportedOperationException("a server channel does not connect"));
        }
    }
}
