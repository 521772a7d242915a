package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A channel goes from one loop of its host to another, and its connection, its loops or its user end it before, on the way or
 * just after. The peer is another host.
 */
@Timeout(60)
class MovingEndsTest {
    private static final int LIMIT_SECONDS = 20;

    /** What the moving channel hears, except reads, and on which loop. */
    private static final class Events extends ChannelInboundHandlerAdapter {
        final List<String> names = new CopyOnWriteArrayList<>();
        final List<EventLoop> loops = new CopyOnWriteArrayList<>();
        final AtomicInteger bytes = new AtomicInteger();

        private void add(ChannelHandlerContext ctx, String name) {
            assertThat(ctx.executor().inEventLoop()).isTrue();
            loops.add(ctx.channel().eventLoop());
            names.add(name);
        }

        void forget() {
            names.clear();
            loops.clear();
        }

        @Override
        public void channelRegistered(ChannelHandlerContext ctx) {
            add(ctx, "registered");
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            add(ctx, "active");
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            bytes.addAndGet(((ByteBuf) message).readableBytes());
            ((ByteBuf) message).release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            add(ctx, "exception");
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            add(ctx, "inactive");
        }

        @Override
        public void channelUnregistered(ChannelHandlerContext ctx) {
            add(ctx, "unregistered");
        }
    }

    /** The other ends. */
    @ChannelHandler.Sharable
    private static final class Peers extends ChannelInboundHandlerAdapter {
        final LinkedBlockingQueue<Channel> active = new LinkedBlockingQueue<>();
        final AtomicInteger bytes = new AtomicInteger();
        final CountDownLatch ended = new CountDownLatch(1);

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            active.add(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            bytes.addAndGet(((ByteBuf) message).readableBytes());
            ((ByteBuf) message).release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ended.countDown();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // Resets are what these tests do.
        }
    }

    /** Keeps a loop from going on until it is closed. */
    private static final class Held implements AutoCloseable {
        private final CountDownLatch go = new CountDownLatch(1);

        /** @param before what the loop does before it stops */
        Held(EventLoop loop, Runnable before) throws InterruptedException {
            CountDownLatch stopped = new CountDownLatch(1);
            loop.execute(() -> {
                before.run();
                stopped.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(stopped.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public void close() {
            go.countDown();
        }
    }

    private final Events events = new Events();
    private final Peers peers = new Peers();
    private TappedHosts hosts;
    private EventLoop first;
    private EventLoopGroup group;
    private EventLoop second;
    private IxSocketChannel channel;
    private Channel peer;

    @BeforeEach
    void open() throws Exception {
        hosts = TappedHosts.open(1);
        first = hosts.clients.next();
        group = new MultiThreadIoEventLoopGroup(1, IxIoHandler.newFactory(hosts.clientDataplane()));
        second = group.next();
        second.submit(() -> {}).sync();
    }

    @AfterEach
    void close() throws Exception {
        hosts.mend();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        assertThat(group.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        hosts.close();
        assertThat(hosts.clientDataplane().isClosed()).as("all mbufs are back").isTrue();
        assertThat(hosts.serverDataplane().isClosed())
                .as("all mbufs of the peer are back")
                .isTrue();
    }

    private InetSocketAddress listen(boolean reading) throws InterruptedException {
        return (InetSocketAddress) hosts.server()
                .childHandler(peers)
                .childOption(ChannelOption.AUTO_READ, reading)
                .option(ChannelOption.SO_RCVBUF, 32 * 1024)
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel()
                .localAddress();
    }

    private void connect(boolean peerReads) throws InterruptedException {
        channel = (IxSocketChannel)
                hosts.client().handler(events).connect(listen(peerReads)).sync().channel();
        peer = peers.active.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(peer).isNotNull();
    }

    private void connectAndDeregister() throws InterruptedException {
        connect(true);
        channel.deregister().sync();
        events.forget();
    }

    private void resetByPeer() throws InterruptedException {
        peer.config().setOption(ChannelOption.SO_LINGER, 0);
        peer.close().sync();
    }

    /** Whether the connection has ended for TCP of the client. */
    private boolean isDead() {
        CountDownLatch asked = new CountDownLatch(1);
        boolean[] dead = new boolean[1];
        channel.owner().thread().execute(() -> {
            dead[0] = channel.connection().tcb == null;
            asked.countDown();
        });
        awaitLatch(asked);
        return dead[0];
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitEvents(String... names) throws InterruptedException {
        String last = names[names.length - 1];
        TappedHosts.await(List.of(names) + ", heard " + events.names, () -> events.names.contains(last));
        second.submit(() -> {}).await(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(events.names).containsExactly(names);
        assertThat(events.loops).as("the loop of each event").containsOnly(second);
    }

    private static void awaitSuccess(Future<?> future) {
        assertThat(future.awaitUninterruptibly(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(future.cause()).isNull();
    }

    /** With a quiet period, without which a loop of Netty's own may end before its channels have told all. */
    private void endSecond() {
        group.shutdownGracefully(50, 5000, TimeUnit.MILLISECONDS);
    }

    // ---- the user

    @Test
    void aCloseOnTheWayIsHeardOf() throws Exception {
        connectAndDeregister();
        ChannelFuture registered;
        ChannelFuture closed;
        try (Held _ = new Held(first, () -> {})) {
            registered = second.register(channel);
            closed = channel.close();
        }
        awaitSuccess(registered);
        awaitSuccess(closed);
        awaitEvents("registered", "inactive", "unregistered");
        awaitLatch(peers.ended);
    }

    @Test
    void whatWasWrittenOnTheWayComesBeforeTheClose() throws Exception {
        writtenOnTheWayComesBefore(() -> channel.close());
    }

    @Test
    void whatWasWrittenOnTheWayComesBeforeTheEndOfOutput() throws Exception {
        writtenOnTheWayComesBefore(() -> channel.shutdownOutput());
    }

    private void writtenOnTheWayComesBefore(Supplier<ChannelFuture> end) throws Exception {
        connectAndDeregister();
        ChannelFuture written;
        ChannelFuture ended;
        try (Held _ = new Held(first, () -> {})) {
            second.register(channel);
            written = channel.writeAndFlush(TappedHosts.bytes(3000));
            ended = end.get();
        }
        awaitSuccess(written);
        awaitSuccess(ended);
        awaitLatch(peers.ended);
        assertThat(peers.bytes).hasValue(3000);
    }

    @Test
    void aDeregisterOnTheWayFollowsTheRegistration() throws Exception {
        connectAndDeregister();
        ChannelFuture registered;
        ChannelFuture deregistered;
        try (Held _ = new Held(first, () -> {})) {
            registered = second.register(channel);
            deregistered = channel.deregister();
            second.submit(() -> {}).sync();
            assertThat(deregistered.isDone()).isFalse();
            assertThatThrownBy(() -> second.register(channel).sync()).isInstanceOf(IllegalStateException.class);
        }
        awaitSuccess(registered);
        awaitSuccess(deregistered);
        awaitEvents("registered", "unregistered");
        assertThat(channel.isRegistered()).isFalse();
        // And back.
        awaitSuccess(first.register(channel));
        awaitSuccess(channel.writeAndFlush(TappedHosts.bytes(10)));
        awaitSuccess(channel.close());
        awaitLatch(peers.ended);
        assertThat(peers.bytes).hasValue(10);
    }

    @Test
    void aPendingConnectIsToldByTheNewLoop() throws Exception {
        InetSocketAddress to = listen(true);
        channel = (IxSocketChannel)
                hosts.client().handler(events).register().sync().channel();
        ChannelFuture[] connected = new ChannelFuture[1];
        // In one go: the answer comes later.
        first.submit(() -> {
                    connected[0] = channel.connect(to);
                    channel.deregister();
                })
                .sync();
        assertThat(peers.active.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
        assertThat(isDead()).isFalse();
        assertThat(connected[0].isDone()).as("told while it has no loop").isFalse();
        events.forget();
        awaitSuccess(second.register(channel));
        awaitSuccess(connected[0]);
        awaitEvents("registered", "active");
        awaitSuccess(channel.writeAndFlush(TappedHosts.bytes(10)));
        awaitSuccess(channel.close());
        awaitLatch(peers.ended);
        assertThat(peers.bytes).hasValue(10);
    }

    @Test
    void aConnectTimeoutMovesWithTheChannel() throws Exception {
        InetSocketAddress to = listen(true);
        hosts.cut();
        channel = (IxSocketChannel) hosts.client()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1000)
                .handler(events)
                .register()
                .sync()
                .channel();
        ChannelFuture connected = channel.connect(to);
        channel.deregister().sync();
        events.forget();
        awaitSuccess(second.register(channel));
        assertThat(connected.isDone()).isFalse();
        hosts.clients.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        assertThat(connected.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(connected.cause()).isInstanceOf(ConnectTimeoutException.class);
        awaitSuccess(channel.closeFuture());
        TappedHosts.await("unregistered", () -> events.names.contains("unregistered"));
        assertThat(events.names).containsExactly("registered", "unregistered");
    }

    @Test
    void theTimeToLingerMovesWithTheChannel() throws Exception {
        connect(false);
        channel.config().setSoLinger(2);
        channel.writeAndFlush(TappedHosts.bytes(200_000));
        first.submit(() -> {}).sync();
        ChannelFuture closed = channel.close();
        channel.deregister().sync();
        events.forget();
        awaitSuccess(second.register(channel));
        assertThat(closed.isDone()).isFalse();
        hosts.clients.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        awaitSuccess(closed);
        awaitEvents("registered", "inactive", "unregistered");
    }

    // ---- statistics

    @Test
    void statisticsOnTheWayAreToldWhenTheConnectionHasCome() throws Exception {
        connectAndDeregister();
        Future<IxTcpInfo> asked;
        Future<Future<IxTcpInfo>> askedOnLoop;
        try (Held _ = new Held(first, () -> {})) {
            second.register(channel);
            second.submit(() -> {}).sync();
            asked = channel.tcpInfo();
            askedOnLoop = second.submit(channel::tcpInfo).sync();
        }
        awaitSuccess(asked);
        assertThat(asked.getNow().state()).as("ESTABLISHED").isEqualTo(1);
        awaitSuccess(askedOnLoop.getNow());
        assertThat(askedOnLoop.getNow().getNow().state()).as("ESTABLISHED").isEqualTo(1);
    }

    /** Asked of the old loop, which gets to it when the channel has left. */
    @Test
    void statisticsAskedBeforeTheMoveAreTold() throws Exception {
        connectAndDeregister();
        Future<IxTcpInfo> asked;
        try (Held _ = new Held(first, () -> {})) {
            asked = channel.tcpInfo();
            second.register(channel);
            second.submit(() -> {}).sync();
        }
        awaitSuccess(asked);
        assertThat(asked.getNow().state()).as("ESTABLISHED").isEqualTo(1);
    }

    @Test
    void statisticsOfAnEndedLoopFail() throws Exception {
        connect(true);
        hosts.clients.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        Future<IxTcpInfo> asked = channel.tcpInfo();
        assertThat(asked.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(asked.cause()).isInstanceOf(ClosedChannelException.class);
    }

    // ---- the peer

    @Test
    void aResetBeforeTheMoveIsToldAfterIt() throws Exception {
        connectAndDeregister();
        awaitSuccess(peer.writeAndFlush(TappedHosts.bytes(1000)));
        resetByPeer();
        TappedHosts.await("the reset", this::isDead);
        awaitSuccess(second.register(channel));
        awaitEvents("registered", "exception", "inactive", "unregistered");
        assertThat(events.bytes).hasValue(1000);
    }

    @Test
    void aResetFollowsTheConnection() throws Exception {
        connectAndDeregister();
        try (Held _ = new Held(second, () -> second.register(channel))) {
            CountDownLatch gone = new CountDownLatch(1);
            hosts.clientDataplane().threads().getFirst().execute(gone::countDown); // behind the connection
            awaitLatch(gone);
            awaitSuccess(peer.writeAndFlush(TappedHosts.bytes(1000)));
            resetByPeer();
        }
        awaitEvents("registered", "exception", "inactive", "unregistered");
        assertThat(events.bytes).hasValue(1000);
    }

    @Test
    void anEndOfInputBeforeTheMoveIsToldAfterIt() throws Exception {
        connectAndDeregister();
        awaitSuccess(peer.writeAndFlush(TappedHosts.bytes(1000)));
        peer.close().sync();
        awaitSuccess(second.register(channel));
        awaitEvents("registered", "inactive", "unregistered");
        assertThat(events.bytes).hasValue(1000);
    }

    // ---- the loops

    @Test
    void theLoopThatAConnectionGoesToEnds() throws Exception {
        connectAndDeregister();
        awaitSuccess(peer.writeAndFlush(TappedHosts.bytes(1000)));
        ChannelFuture registered;
        ChannelFuture written;
        try (Held _ = new Held(first, () -> {})) {
            registered = second.register(channel);
            written = channel.writeAndFlush(TappedHosts.bytes(10));
            second.submit(() -> {}).sync();
            endSecond();
            awaitSuccess(channel.closeFuture());
            TappedHosts.await("unregistered", () -> events.names.contains("unregistered"));
        }
        assertThat(group.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        awaitSuccess(registered);
        assertThat(written.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(events.names).containsExactly("registered", "inactive", "unregistered");
        assertThat(events.loops).containsOnly(second);
        awaitLatch(peers.ended);
    }

    @Test
    void theLoopThatAConnectionGoesToHasEnded() throws Exception {
        connectAndDeregister();
        ChannelFuture registered;
        try (Held _ = new Held(first, () -> {})) {
            registered = second.register(channel);
            second.submit(() -> {}).sync();
            endSecond();
            assertThat(group.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        awaitSuccess(registered);
        awaitSuccess(channel.closeFuture());
        assertThat(events.names).containsExactly("registered", "inactive", "unregistered");
        awaitLatch(peers.ended);
        TappedHosts.await("the end", this::isDead);
    }

    @Test
    void theLoopThatAConnectionComesFromHasEnded() throws Exception {
        connectAndDeregister();
        hosts.clients.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        awaitSuccess(second.register(channel));
        awaitEvents("registered", "exception", "inactive", "unregistered");
        awaitLatch(peers.ended);
    }

    @Test
    void theLoopThatAConnectionComesFromEnds() throws Exception {
        connectAndDeregister();
        ChannelFuture registered;
        ChannelFuture closed;
        try (Held _ = new Held(first, () -> {})) {
            hosts.clients.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            registered = second.register(channel);
            second.submit(() -> {}).sync();
            closed = channel.close();
        }
        awaitSuccess(registered);
        awaitSuccess(closed);
        awaitEvents("registered", "inactive", "unregistered");
        awaitLatch(peers.ended);
    }

    /** Neither registered again nor closed: the device's memory goes back all the same, as {@link #close} checks. */
    @Test
    void aChannelThatIsLeftBehindKeepsNoMbufs() throws Exception {
        connectAndDeregister();
        awaitSuccess(peer.writeAndFlush(TappedHosts.bytes(1000)));
        resetByPeer();
        TappedHosts.await("the reset", this::isDead);
        assertThat(channel.isOpen()).isTrue();
    }
}
