package org.ixnet.netty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.AbstractEventExecutorGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.dataplane.ThreadCounter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The kinds of event loops and groups that a program may bring, and what they do with connections. */
@Timeout(60)
class LoopsTest {
    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        final Set<EventExecutor> loops = ConcurrentHashMap.newKeySet();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            assertThat(((IxSocketChannel) ctx.channel()).owner().thread().inThread())
                    .isTrue();
            loops.add(ctx.executor());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static Channel listen(EventLoopGroup group, Echo echo) throws InterruptedException {
        return new ServerBootstrap()
                .group(group)
                .channel(IxServerSocketChannel.class)
                .childHandler(echo)
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    private static Channel connect(EventLoopGroup group, Channel listening, ChannelHandler client)
            throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(IxSocketChannel.class)
                .handler(client)
                .connect(listening.localAddress())
                .sync()
                .channel();
    }

    private static void end(EventLoopGroup... groups) {
        for (EventLoopGroup group : groups) {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void callersThreadMayDriveAManualLoop() throws Exception {
        var config = VirtualNetwork.config("manual", "10.1.1.2/24", 1);
        // The loop is made for a thread that starts later.
        ManualIoEventLoop[] made = new ManualIoEventLoop[1];
        Thread driver = new Thread(
                () -> {
                    while (!made[0].isTerminated()) {
                        made[0].run(TimeUnit.MILLISECONDS.toNanos(1));
                    }
                },
                "manual-loop");
        ManualIoEventLoop loop = new ManualIoEventLoop(driver, IxIoHandler.newFactory(config));
        made[0] = loop;
        driver.start();
        Echo echo = new Echo();
        Channel listening = listen(loop, echo);
        EventRecorder client = new EventRecorder("client");
        Channel connected = connect(loop, listening, client);
        connected.writeAndFlush(text("by hand")).sync();
        client.awaitReceived("by hand");
        assertThat(echo.loops).containsExactly(loop);
        assertThat(connected.eventLoop()).isEqualTo(loop);
        end(loop);
        driver.join(10_000);
        assertThat(driver.isAlive()).isFalse();
        client.awaitEnd();
    }

    @Test
    void deregisteredChannelGoesOnWhereItIsRegisteredNext() throws Exception {
        var config = VirtualNetwork.config("again", "10.1.2.2/24", 2);
        IxEventLoopGroup group = new IxEventLoopGroup(2, config);
        EventLoopGroup plain = new MultiThreadIoEventLoopGroup(1, IxIoHandler.newFactory(config));
        Echo echo = new Echo();
        Channel listening = listen(group, echo);
        EventRecorder client = new EventRecorder("client");
        IxSocketChannel connected = (IxSocketChannel) connect(group, listening, client);
        EventLoop first = connected.eventLoop();
        IxEventLoop other = group.next() == first ? group.next() : group.next();
        connected.writeAndFlush(text("one,")).sync();
        client.awaitReceived("one,");

        connected.deregister().sync();
        assertThat(connected.isRegistered()).isFalse();
        other.register(connected).sync();
        // Within the group a connection stays with the loop that its flow hashes to.
        assertThat(connected.eventLoop()).isEqualTo(first);
        connected.writeAndFlush(text("two,")).sync();
        client.awaitReceived("one,two,");

        // What comes while no loop has the channel is read by the next one.
        connected.writeAndFlush(text("three,")).sync();
        connected.deregister().sync();
        plain.register(connected).sync();
        assertThat(connected.eventLoop()).isEqualTo(plain.next());
        assertThat(connected.owner().executor()).isEqualTo(plain.next());
        client.awaitReceived("one,two,three,");
        connected.writeAndFlush(text("four")).sync();
        client.awaitReceived("one,two,three,four");
        connected.close().sync();
        client.awaitEnd();
        listening.close().sync();
        end(plain, group);
    }

    /** Reads when it is told to, and holds every byte against its place in the stream. */
    private static final class Collector extends ChannelInboundHandlerAdapter {
        final CountDownLatch all = new CountDownLatch(1);
        private final int expected;
        private int received;
        volatile int wrongAt = -1;
        volatile @Nullable Channel channel;
        final CountDownLatch active = new CountDownLatch(1);

        Collector(int expected) {
            this.expected = expected;
        }

        static byte byteAt(int position) {
            return (byte) (position * 31 + (position >> 10));
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            channel = ctx.channel();
            active.countDown();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf in = (ByteBuf) msg;
            for (int i = in.readerIndex(); i < in.writerIndex(); i++, received++) {
                if (in.getByte(i) != byteAt(received) && wrongAt < 0) {
                    wrongAt = received;
                }
            }
            in.release();
            if (received >= expected) {
                all.countDown();
            }
        }
    }

    private static void writePieces(Channel channel, int pieces, int pieceBytes) throws InterruptedException {
        channel.eventLoop()
                .submit(() -> {
                    for (int piece = 0; piece < pieces; piece++) {
                        ByteBuf buffer = Unpooled.directBuffer(pieceBytes);
                        for (int i = 0; i < pieceBytes; i++) {
                            buffer.writeByte(Collector.byteAt(piece * pieceBytes + i));
                        }
                        channel.write(buffer);
                    }
                    channel.flush();
                })
                .sync();
    }

    /**
     * Small writes are copied to memory of the loop. A connection that moves while the peer has not acknowledged them still
     * sends from there, and the loop goes on to write for others.
     */
    @Test
    void smallWritesInFlightMoveWithTheirConnectionToAnotherLoop() throws Exception {
        int pieceBytes = 1000;
        int pieces = 500;
        var config = VirtualNetwork.config("moved", "10.1.5.2/24", 2);
        IxEventLoopGroup group = new IxEventLoopGroup(2, config);
        EventLoopGroup plain = new MultiThreadIoEventLoopGroup(1, IxIoHandler.newFactory(config));
        Collector collector = new Collector(pieces * pieceBytes);
        // Its TCP takes little: the rest of what the send buffer has accepted waits, however fast the peer
        // acknowledges.
        Channel slow = new ServerBootstrap()
                .group(group)
                .channel(IxServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_RCVBUF, 32 * 1024)
                .childHandler(collector)
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        Channel echoing = listen(group, new Echo());
        Channel moving = connect(group, slow, new EventRecorder("moving"));
        EventLoop from = moving.eventLoop();
        assertThat(collector.active.await(10, TimeUnit.SECONDS)).isTrue();
        writePieces(moving, pieces, pieceBytes);
        moving.deregister().sync();
        plain.register(moving).sync();
        assertThat(moving.eventLoop()
                        .submit(() -> ((IxSocketChannel) moving).hasUnacknowledged())
                        .get())
                .isTrue();

        // The loop that it left fills and reuses its memory meanwhile.
        Collector other = new Collector(pieces * pieceBytes);
        Channel stays = connect(group, echoing, other);
        while (!stays.eventLoop().equals(from)) {
            stays.close().sync();
            other = new Collector(pieces * pieceBytes);
            stays = connect(group, echoing, other);
        }
        writePieces(stays, pieces, pieceBytes);
        assertThat(other.all.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(other.wrongAt).isEqualTo(-1);

        requireNonNull(collector.channel).config().setAutoRead(true);
        assertThat(collector.all.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(collector.wrongAt).isEqualTo(-1);
        moving.close().sync();
        stays.close().sync();
        end(plain, group);
    }

    /** As frameworks wrap groups: only the interface, and each call passed on. */
    private static final class Wrapper extends AbstractEventExecutorGroup implements EventLoopGroup {
        private final EventLoopGroup wrapped;

        Wrapper(EventLoopGroup wrapped) {
            this.wrapped = wrapped;
        }

        @Override
        public EventLoop next() {
            return wrapped.next();
        }

        @Override
        public ChannelFuture register(Channel channel) {
            return next().register(channel);
        }

        @Override
        public ChannelFuture register(ChannelPromise promise) {
            return next().register(promise);
        }

        @Override
        @Deprecated
        public ChannelFuture register(Channel channel, ChannelPromise promise) {
            return next().register(channel, promise);
        }

        @Override
        public Iterator<EventExecutor> iterator() {
            return wrapped.iterator();
        }

        @Override
        public boolean isShuttingDown() {
            return wrapped.isShuttingDown();
        }

        @Override
        public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
            return wrapped.shutdownGracefully(quietPeriod, timeout, unit);
        }

        @Override
        public Future<?> terminationFuture() {
            return wrapped.terminationFuture();
        }

        @Override
        @Deprecated
        public void shutdown() {
            wrapped.shutdownGracefully();
        }

        @Override
        public boolean isShutdown() {
            return wrapped.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return wrapped.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return wrapped.awaitTermination(timeout, unit);
        }
    }

    @Test
    void childrenBehindAWrapperLiveOnTheLoopsThatOwnTheirFlows() throws Exception {
        Wrapper group = new Wrapper(new IxEventLoopGroup(2, VirtualNetwork.config("wrapped", "10.1.3.2/24", 2)));
        Echo echo = new Echo();
        Channel listening = listen(group, echo);
        for (int i = 0; i < 24; i++) {
            EventRecorder client = new EventRecorder("client");
            Channel connected = connect(group, listening, client);
            connected.writeAndFlush(text("wrapped")).sync();
            client.awaitReceived("wrapped");
        }
        // Echo checks each one's thread itself.
        assertThat(echo.loops).hasSize(2);
        end(group);
    }

    @Test
    void connectionCannotMoveToAnotherDataplane() throws Exception {
        IxEventLoopGroup one = new IxEventLoopGroup(1, VirtualNetwork.config("plane-one", "10.1.4.2/24", 1));
        IxEventLoopGroup two = new IxEventLoopGroup(1, VirtualNetwork.config("plane-two", "10.1.5.2/24", 1));
        Channel listening = listen(one, new Echo());
        Channel listeningToo = listen(two, new Echo());
        EventRecorder client = new EventRecorder("client");
        Channel connected = connect(one, listening, client);
        connected.writeAndFlush(text("one")).sync();
        client.awaitReceived("one");
        EventRecorder clientOfTwo = new EventRecorder("client of two");
        connect(two, listeningToo, clientOfTwo).writeAndFlush(text("two")).sync();
        clientOfTwo.awaitReceived("two");

        connected.deregister().sync();
        assertThatThrownBy(() -> two.register(connected).sync())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another dataplane")
                .hasMessageContaining("equal IxConfig");
        end(one, two);
    }

    @Test
    void groupsOnOneDataplaneComeAndGo() throws Exception {
        var config = VirtualNetwork.config("several", "10.1.6.2/24", 1);
        IxEventLoopGroup servers = new IxEventLoopGroup(1, config);
        IxEventLoopGroup clients = new IxEventLoopGroup(1, config);
        IxEventLoopGroup others = new IxEventLoopGroup(1, config);
        Channel listening = listen(servers, new Echo());
        EventRecorder client = new EventRecorder("client");
        Channel connected = connect(clients, listening, client);
        connected.writeAndFlush(text("first")).sync();
        client.awaitReceived("first");
        EventRecorder other = new EventRecorder("other");
        connect(others, listening, other).writeAndFlush(text("other")).sync();
        other.awaitReceived("other");
        var dataplane = ((IxSocketChannel) connected).owner().dataplane();
        end(others);
        other.awaitEnd();
        connected.writeAndFlush(text(" second")).sync();
        client.awaitReceived("first second");
        EventRecorder next = new EventRecorder("next");
        connect(clients, listening, next).writeAndFlush(text("still here")).sync();
        next.awaitReceived("still here");
        IxEventLoopGroup late = new IxEventLoopGroup(1, config);
        EventRecorder lateClient = new EventRecorder("late");
        connect(late, listening, lateClient).writeAndFlush(text("late")).sync();
        lateClient.awaitReceived("late");
        connected.writeAndFlush(text(" third")).sync();
        client.awaitReceived("first second third");
        end(late);
        connected.writeAndFlush(text(" fourth")).sync();
        client.awaitReceived("first second third fourth");
        end(clients);
        assertThat(dataplane.isClosed()).isFalse();
        end(servers);
        assertThat(dataplane.isClosed()).isTrue();
    }

    /** Tasks that take 20 us each; which of them ran, and in which cycle of the dataplane. */
    private static final class Slow {
        private static final int TASKS = 1000;

        final List<Integer> order = new ArrayList<>();
        final CountDownLatch done = new CountDownLatch(TASKS);
        private final ElasticThread thread;
        private long firstCycle;
        private long lastCycle;

        Slow(IxEventLoop loop) {
            thread = loop.handler().thread();
        }

        Runnable task(int number) {
            return () -> {
                lastCycle = thread.counters().get(ThreadCounter.CYCLES);
                firstCycle = order.isEmpty() ? lastCycle : firstCycle;
                order.add(number);
                long end = System.nanoTime() + 20_000;
                while (System.nanoTime() - end < 0) {
                    Thread.onSpinWait();
                }
                done.countDown();
            };
        }

        /** No more than a few of them between two polls of the device, however slow this machine is. */
        void check() throws InterruptedException {
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(order).isEqualTo(IntStream.range(0, TASKS).boxed().toList());
            assertThat(lastCycle - firstCycle).as("cycles").isGreaterThan(TASKS / 4);
        }
    }

    @Test
    void deviceIsPolledDuringAFloodOfTasks() throws Exception {
        IxEventLoopGroup group = new IxEventLoopGroup(1, VirtualNetwork.config("flood", "10.1.7.2/24", 1));
        IxEventLoop loop = group.next();
        Slow handedIn = new Slow(loop);
        Slow due = new Slow(loop);
        loop.execute(() -> {
            for (int i = 0; i < Slow.TASKS; i++) {
                loop.execute(handedIn.task(i));
            }
        });
        handedIn.check();
        loop.execute(() -> {
            for (int i = 0; i < Slow.TASKS; i++) {
                loop.schedule(due.task(i), 1, TimeUnit.NANOSECONDS);
            }
        });
        due.check();
        end(group);
    }
}
