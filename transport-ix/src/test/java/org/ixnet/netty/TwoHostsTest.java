package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.IllegalReferenceCountException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ixnet.stack.dataplane.Dataplane;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client host and a server host, each a dataplane of its own, on one wire in memory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(90)
class TwoHostsTest {
    private static final String SERVER = "10.8.0.2";
    private static final int LOOPS = 2;

    @TempDir
    Path directory;

    private IxEventLoopGroup servers;
    private IxEventLoopGroup clients;

    @BeforeAll
    void open() {
        servers = new IxEventLoopGroup(LOOPS, VirtualNetwork.config("two-hosts", SERVER + "/24", LOOPS));
        clients = new IxEventLoopGroup(LOOPS, VirtualNetwork.config("two-hosts", "10.8.0.1/24", LOOPS));
    }

    @AfterAll
    void close() {
        clients.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        servers.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.write(msg);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }
    }

    private static Channel listen(EventLoopGroup boss, EventLoopGroup workers, ChannelHandler child)
            throws InterruptedException {
        return new ServerBootstrap()
                .group(boss, workers)
                .channel(IxServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        ch.pipeline().addLast(child);
                    }
                })
                .bind(SERVER, 0)
                .sync()
                .channel();
    }

    private Channel connect(Channel listening, ChannelHandler handler) throws InterruptedException {
        return new Bootstrap()
                .group(clients)
                .channel(IxSocketChannel.class)
                .handler(handler)
                .connect(listening.localAddress())
                .sync()
                .channel();
    }

    /** Hashes what it reads. */
    private static final class Digest extends ChannelInboundHandlerAdapter {
        final CountDownLatch complete = new CountDownLatch(1);
        private final MessageDigest digest;
        private final long expectedBytes;
        private long bytes;

        Digest(long expectedBytes) throws NoSuchAlgorithmException {
            this.expectedBytes = expectedBytes;
            digest = MessageDigest.getInstance("SHA-256");
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            bytes += data.readableBytes();
            digest.update(data.nioBuffer());
            data.release();
            if (bytes >= expectedBytes) {
                complete.countDown();
            }
        }

        byte[] await() throws InterruptedException {
            assertThat(complete.await(60, TimeUnit.SECONDS))
                    .as("%d of %d bytes", bytes, expectedBytes)
                    .isTrue();
            assertThat(bytes).isEqualTo(expectedBytes);
            return digest.digest();
        }
    }

    @Test
    void everyKindOfWriteArrivesWhole() throws Exception {
        Random random = new Random(7);
        byte[] content = new byte[3_000_000];
        random.nextBytes(content);
        Path file = Files.write(directory.resolve("content"), content);
        Channel listening = listen(servers, servers, new Echo());
        MessageDigest expected = MessageDigest.getInstance("SHA-256");
        int each = 4;
        Digest received = new Digest((long) each * content.length);
        Channel connected = connect(listening, received);
        for (int i = 0; i < each; i++) {
            expected.update(content);
        }
        connected.write(Unpooled.wrappedBuffer(content));
        connected.write(Unpooled.directBuffer(content.length).writeBytes(content));
        CompositeByteBuf composite = connected.alloc().compositeBuffer(1000);
        for (int at = 0; at < content.length; ) {
            int length = Math.min(content.length - at, 1 + random.nextInt(20_000));
            composite.addComponent(true, Unpooled.copiedBuffer(content, at, length));
            at += length;
        }
        connected.write(composite);
        try (FileChannel channel = FileChannel.open(file)) {
            connected
                    .writeAndFlush(new DefaultFileRegion(channel, 0, content.length))
                    .sync();
            assertThat(received.await()).isEqualTo(expected.digest());
        }
        connected.close().sync();
        listening.close().sync();
    }

    @Test
    void manySmallWritesArriveInOrder() throws Exception {
        Channel listening = listen(servers, servers, new Echo());
        int count = 20_000;
        MessageDigest expected = MessageDigest.getInstance("SHA-256");
        byte[][] messages = new byte[count][];
        long bytes = 0;
        Random random = new Random(11);
        for (int i = 0; i < count; i++) {
            messages[i] = new byte[1 + random.nextInt(i % 50 == 0 ? 3000 : 60)];
            random.nextBytes(messages[i]);
            expected.update(messages[i]);
            bytes += messages[i].length;
        }
        Digest received = new Digest(bytes);
        Channel connected = connect(listening, received);
        connected.eventLoop().execute(() -> {
            for (byte[] message : messages) {
                connected.write(connected.alloc().buffer(message.length).writeBytes(message), connected.voidPromise());
            }
            connected.flush();
        });
        assertThat(received.await()).isEqualTo(expected.digest());
        connected.close().sync();
        listening.close().sync();
    }

    /** Notes which loop each child lives on, and whether its flow's owner is the same. */
    private static final class Where extends ChannelInboundHandlerAdapter {
        final Set<IxIoHandler> loops = ConcurrentHashMap.newKeySet();
        final Queue<String> strays = new ConcurrentLinkedQueue<>();
        final CountDownLatch active;

        Where(int connections) {
            active = new CountDownLatch(connections);
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            IxIoHandler owner = ((IxSocketChannel) ctx.channel()).owner();
            if (!owner.executor().equals(ctx.channel().eventLoop())
                    || !owner.thread().inThread()) {
                strays.add(ctx.channel() + " is on " + ctx.channel().eventLoop());
            }
            loops.add(owner);
            active.countDown();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }
    }

    private Set<IxIoHandler> place(EventLoopGroup boss, EventLoopGroup workers) throws Exception {
        int connections = 32;
        Where where = new Where(connections);
        Channel listening = listen(boss, workers, where);
        Set<Channel> opened = new HashSet<>();
        for (int i = 0; i < connections; i++) {
            EventRecorder client = new EventRecorder("client");
            Channel connected = connect(listening, client);
            connected
                    .writeAndFlush(Unpooled.copiedBuffer("ping", StandardCharsets.US_ASCII))
                    .sync();
            client.awaitReceived("ping");
            opened.add(connected);
        }
        assertThat(where.active.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(where.strays).isEmpty();
        for (Channel channel : opened) {
            channel.close().sync();
        }
        listening.close().sync();
        return where.loops;
    }

    @Test
    void childrenLiveOnTheLoopsThatOwnTheirFlows() throws Exception {
        assertThat(place(servers, servers)).hasSize(LOOPS);
    }

    @Test
    void childrenOfASeparateBossLiveOnTheWorkers() throws Exception {
        var config = VirtualNetwork.config("boss-and-workers", "10.7.0.2/24", LOOPS);
        try (Groups groups = new Groups(new IxEventLoopGroup(1, config), new IxEventLoopGroup(LOOPS, config))) {
            Where where = new Where(16);
            Channel listening = new ServerBootstrap()
                    .group(groups.first, groups.second)
                    .channel(IxServerSocketChannel.class)
                    .childHandler(where)
                    .bind("127.0.0.1", 0)
                    .sync()
                    .channel();
            for (int i = 0; i < 16; i++) {
                new Bootstrap()
                        .group(groups.second)
                        .channel(IxSocketChannel.class)
                        .handler(new EventRecorder("client"))
                        .connect(listening.localAddress())
                        .sync();
            }
            assertThat(where.active.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(where.strays).isEmpty();
            Set<Object> workers = new HashSet<>();
            groups.second.forEach(workers::add);
            assertThat(where.loops).allMatch(handler -> workers.contains(handler.executor()));
        }
    }

    @Test
    void connectionsFollowTheirChannelsToAForeignGroup() throws Exception {
        var config = VirtualNetwork.config("plain-group", "10.6.0.2/24", LOOPS);
        try (Groups groups = new Groups(
                new IxEventLoopGroup(1, config),
                new MultiThreadIoEventLoopGroup(LOOPS, IxIoHandler.newFactory(config)))) {
            Where where = new Where(16);
            Channel listening = new ServerBootstrap()
                    .group(groups.second)
                    .channel(IxServerSocketChannel.class)
                    .childHandler(where)
                    .bind("127.0.0.1", 0)
                    .sync()
                    .channel();
            for (int i = 0; i < 16; i++) {
                EventRecorder client = new EventRecorder("client");
                Channel connected = new Bootstrap()
                        .group(groups.first)
                        .channel(IxSocketChannel.class)
                        .handler(client)
                        .connect(listening.localAddress())
                        .sync()
                        .channel();
                connected.writeAndFlush(Unpooled.copiedBuffer("moved", StandardCharsets.US_ASCII));
                client.awaitReceived("moved");
            }
            assertThat(where.strays).isEmpty();
            assertThat(where.loops).hasSizeGreaterThan(1);
        }
    }

    private record Groups(EventLoopGroup first, EventLoopGroup second) implements AutoCloseable {
        @Override
        public void close() {
            second.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            first.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void buffersMayBeReleasedByOtherThreadsAndAfterTheChannelClosed() throws Exception {
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        CountDownLatch three = new CountDownLatch(3);
        Channel listening = listen(servers, servers, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                kept.add((ByteBuf) msg);
                three.countDown();
                ctx.writeAndFlush(Unpooled.copiedBuffer("k", StandardCharsets.US_ASCII));
            }
        });
        EventRecorder client = new EventRecorder("client");
        Channel connected = connect(listening, client);
        for (int i = 1; i <= 3; i++) {
            connected
                    .writeAndFlush(Unpooled.copiedBuffer("keep" + i, StandardCharsets.US_ASCII))
                    .sync();
            client.awaitBytes(i);
        }
        assertThat(three.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(held()).isEqualTo(3);
        kept.remove().release();
        await(2);
        connected.close().sync();
        ByteBuf second = kept.remove();
        assertThat(second.toString(StandardCharsets.US_ASCII)).isEqualTo("keep2");
        second.release();
        await(1);
        ByteBuf third = kept.remove();
        third.release();
        await(0);
        assertThatThrownBy(() -> third.getByte(0)).isInstanceOf(IllegalReferenceCountException.class);
        listening.close().sync();
    }

    private long held() {
        long held = 0;
        for (var loop : servers) {
            held += ((IxEventLoop) loop).handler().thread().heldMbufs();
        }
        return held;
    }

    private void await(long held) throws InterruptedException {
        for (int i = 0; i < 1000 && held() != held; i++) {
            Thread.sleep(5); // another thread's release is seen by the loop's next cycle
        }
        assertThat(held()).isEqualTo(held);
    }

    @Test
    void bufferOutlivesItsLoopAndDevice() throws Exception {
        var config = VirtualNetwork.config("outlive", "10.5.0.2/24", 1);
        IxEventLoopGroup group = new IxEventLoopGroup(1, config);
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        CountDownLatch read = new CountDownLatch(1);
        Channel listening = new ServerBootstrap()
                .group(group)
                .channel(IxServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                        kept.add((ByteBuf) msg);
                        read.countDown();
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        Channel connected = new Bootstrap()
                .group(group)
                .channel(IxSocketChannel.class)
                .handler(new EventRecorder("client"))
                .connect(listening.localAddress())
                .sync()
                .channel();
        connected
                .writeAndFlush(Unpooled.copiedBuffer("late", StandardCharsets.US_ASCII))
                .sync();
        assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        ByteBuf late = kept.remove();
        assertThat(late.toString(StandardCharsets.US_ASCII)).isEqualTo("late");
        assertThat(late.release()).isTrue();
        assertThat(late.refCnt()).isZero();
        // The device is free again, under the same name and the same addresses.
        new IxEventLoopGroup(1, config)
                .shutdownGracefully(0, 5, TimeUnit.SECONDS)
                .sync();
    }

    @RepeatedTest(10) // the order in which the two loops end is chance
    void shutdownWithOpenConnectionsEndsEveryThread() throws Exception {
        var config = VirtualNetwork.config("shutdown", "10.4.0.2/24", LOOPS);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        IxEventLoopGroup group = new IxEventLoopGroup(
                LOOPS,
                task -> {
                    Thread thread = new Thread(task, "shutdown-test");
                    threads.add(thread);
                    return thread;
                },
                config);
        Channel listening = new ServerBootstrap()
                .group(group)
                .channel(IxServerSocketChannel.class)
                .childHandler(new Echo())
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        EventRecorder client = new EventRecorder("client");
        Channel connected = new Bootstrap()
                .group(group)
                .channel(IxSocketChannel.class)
                .handler(client)
                .connect(listening.localAddress())
                .sync()
                .channel();
        connected
                .writeAndFlush(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII))
                .sync();
        client.awaitReceived("x");
        Dataplane dataplane = ((IxSocketChannel) connected).owner().dataplane();
        AtomicBoolean closedInTime = new AtomicBoolean();
        group.terminationFuture().addListener(ended -> closedInTime.set(dataplane.isClosed()));
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        client.awaitEnd();
        assertThat(connected.isOpen()).isFalse();
        assertThat(listening.isOpen()).isFalse();
        // The device is closed before anybody hears of the end: the JVM may exit at once.
        assertThat(dataplane.isClosed()).isTrue();
        TappedHosts.await("the listener", closedInTime::get);
        for (Thread thread : threads) {
            thread.join(10_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void datagramsGoBothWays() throws Exception {
        EventRecorder server = new EventRecorder("server") {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                DatagramPacket packet = (DatagramPacket) msg;
                ctx.writeAndFlush(new DatagramPacket(packet.content(), packet.sender()));
            }
        };
        Channel bound = new Bootstrap()
                .group(servers)
                .channel(IxDatagramChannel.class)
                .handler(server)
                .bind(SERVER, 0)
                .sync()
                .channel();
        EventRecorder client = new EventRecorder("client") {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                super.channelRead(ctx, ((DatagramPacket) msg).content());
            }
        };
        Channel connected = new Bootstrap()
                .group(clients)
                .channel(IxDatagramChannel.class)
                .handler(client)
                .connect(bound.localAddress())
                .sync()
                .channel();
        connected
                .writeAndFlush(Unpooled.copiedBuffer("datagram", StandardCharsets.US_ASCII))
                .sync();
        client.awaitReceived("datagram");
        bound.close().sync();
        connected.close().sync();
    }

    @Test
    void tcpInfoTellsOfTheConnection() throws Exception {
        Channel listening = listen(servers, servers, new Echo());
        EventRecorder client = new EventRecorder("client");
        IxSocketChannel connected = (IxSocketChannel) connect(listening, client);
        connected
                .writeAndFlush(Unpooled.copiedBuffer("info", StandardCharsets.US_ASCII))
                .sync();
        client.awaitReceived("info");
        IxTcpInfo info = connected.tcpInfo().sync().getNow();
        assertThat(info.state()).isEqualTo(1);
        assertThat(info.rtt()).isPositive();
        assertThat(info.info().bytesReceived()).isEqualTo(4);
        assertThat(connected.remoteAddress()).isEqualTo(listening.localAddress());
        connected.close().sync();
        assertThatThrownBy(() -> connected.tcpInfo().sync()).isInstanceOf(IOException.class);
        listening.close().sync();
    }

    @Test
    void metersCountReadsAndConnections() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new IxMetrics(servers).bindTo(registry);
        double before = reads(registry);
        Channel listening = listen(servers, servers, new Echo());
        EventRecorder client = new EventRecorder("client");
        Channel connected = connect(listening, client);
        connected
                .writeAndFlush(Unpooled.copiedBuffer("meter", StandardCharsets.US_ASCII))
                .sync();
        client.awaitReceived("meter");
        assertThat(reads(registry)).isEqualTo(before + 1);
        double connections = registry.find("ix.connections").gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
        assertThat(connections).isPositive();
        assertThat(registry.find("ix.mbufs.held").gauges()).hasSize(LOOPS);
        connected.close().sync();
        listening.close().sync();
    }

    private static double reads(SimpleMeterRegistry registry) {
        return registry.find("ix.reads").tag("copied", "false").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    @Test
    void serverThatDoesNotReadAcceptsNothing() throws Exception {
        Where where = new Where(1);
        Channel listening = new ServerBootstrap()
                .group(servers)
                .channel(IxServerSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .childHandler(where)
                .bind(SERVER, 0)
                .sync()
                .channel();
        EventRecorder client = new EventRecorder("client");
        Channel connected = connect(listening, client);
        connected
                .writeAndFlush(Unpooled.copiedBuffer("early", StandardCharsets.US_ASCII))
                .sync();
        assertThat(where.active.await(200, TimeUnit.MILLISECONDS)).isFalse();
        listening.read();
        // What came before the connection was accepted is not lost.
        client.awaitReceived("early");
        assertThat(where.active.getCount()).isZero();
        connected.close().sync();
        listening.close().sync();
    }

    @Test
    void unreachableHostFailsTheConnect() {
        assertThatThrownBy(() -> new Bootstrap()
                        .group(clients)
                        .channel(IxSocketChannel.class)
                        .handler(new EventRecorder("client"))
                        .connect(new InetSocketAddress("203.0.113.9", 80))
                        .sync())
                .isInstanceOf(java.net.NoRouteToHostException.class);
    }
}
