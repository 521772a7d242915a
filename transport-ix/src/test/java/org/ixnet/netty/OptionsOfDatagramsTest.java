package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ixnet.netty.TappedHosts.Seen;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each option of datagram channels does, seen on the wire or in behaviour. */
@Timeout(60)
@SuppressWarnings("deprecation") // what Netty will drop is an option as long as it is there
class OptionsOfDatagramsTest {
    private TappedHosts hosts;
    private Recorder server;
    private Channel receiving;
    private Channel sending;

    /** Writes down the sizes of datagrams. */
    private static final class Recorder extends EventRecorder {
        private final List<Integer> sizes = new ArrayList<>();

        Recorder(String name) {
            super(name);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = ((DatagramPacket) msg).content();
            synchronized (this) {
                sizes.add(data.readableBytes());
                super.channelRead(ctx, data);
            }
        }

        synchronized List<Integer> sizes() {
            return List.copyOf(sizes);
        }

        void awaitDatagrams(int count) {
            await(count + " datagrams", () -> sizes.size() >= count);
        }
    }

    @BeforeEach
    void open() {
        hosts = TappedHosts.open(1);
        server = new Recorder("server");
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private Bootstrap server() {
        return new Bootstrap().group(hosts.servers).channel(IxDatagramChannel.class);
    }

    private Bootstrap client() {
        return new Bootstrap()
                .group(hosts.clients)
                .channel(IxDatagramChannel.class)
                .handler(new EventRecorder("client"));
    }

    private void connect(Bootstrap serverBootstrap, Bootstrap clientBootstrap) throws InterruptedException {
        receiving = serverBootstrap
                .handler(server)
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel();
        sending = clientBootstrap.connect(receiving.localAddress()).sync().channel();
    }

    private ChannelFuture send(int bytes) throws InterruptedException {
        return sending.writeAndFlush(TappedHosts.bytes(bytes)).sync();
    }

    /** What was sent before has come as far as it can: another datagram came after it, by a second socket. */
    private void settle() throws InterruptedException {
        Recorder other = new Recorder("other");
        Channel to = server().handler(other).bind(TappedHosts.SERVER, 0).sync().channel();
        Channel from = client().connect(to.localAddress()).sync().channel();
        from.writeAndFlush(TappedHosts.bytes(1)).sync();
        other.awaitDatagrams(1);
        from.close().sync();
        to.close().sync();
    }

    @Test
    void autoReadOffReadsOnlyWhenAsked() throws Exception {
        connect(
                server().option(ChannelOption.AUTO_READ, false).option(ChannelOption.MAX_MESSAGES_PER_READ, 1),
                client());
        send(10);
        send(20);
        settle();
        assertThat(server.sizes()).isEmpty();
        receiving.read();
        server.awaitDatagrams(1);
        settle();
        assertThat(server.sizes()).containsExactly(10);
        receiving.config().setAutoRead(true);
        server.awaitDatagrams(2);
        receiving.config().setAutoRead(false);
        settle();
        send(30);
        settle();
        // A read that was asked for before AUTO_READ went off may still take one.
        assertThat(server.sizes()).hasSizeBetween(2, 3);
    }

    @Test
    void receiveBufferBoundsWhatWaits() throws Exception {
        connect(server().option(ChannelOption.AUTO_READ, false).option(ChannelOption.SO_RCVBUF, 20_000), client());
        for (int i = 0; i < 50; i++) {
            send(1000);
        }
        settle();
        receiving.config().setAutoRead(true);
        server.awaitDatagrams(20_000 / 1512);
        send(7);
        TappedHosts.await("the last", () -> server.sizes().contains(7));
        // Each counts 512 bytes more than it carries; as on Linux the one that crosses the bound may still be taken.
        assertThat(server.sizes()).hasSizeBetween(1 + 20_000 / 1512, 2 + 20_000 / 1512);
    }

    @Test
    void trafficClassIsInEveryDatagram() throws Exception {
        connect(server(), client().option(ChannelOption.IP_TOS, 0x28));
        send(10);
        server.awaitDatagrams(1);
        assertThat(hosts.datagrams(Seen::fromClient)).isNotEmpty().allMatch(seen -> seen.trafficClass() == 0x28);
        sending.config().setOption(ChannelOption.IP_TOS, 0x10);
        send(20);
        server.awaitDatagrams(2);
        assertThat(hosts.datagrams(Seen::fromClient).getLast().trafficClass()).isEqualTo(0x10);
    }

    @Test
    void broadcastNeedsItsOption() throws Exception {
        receiving = server().handler(server)
                .bind(new InetSocketAddress("0.0.0.0", 0))
                .sync()
                .channel();
        sending = client().bind("10.2.0.1", 0).sync().channel();
        InetSocketAddress all =
                new InetSocketAddress("10.2.0.255", ((InetSocketAddress) receiving.localAddress()).getPort());
        assertThatThrownBy(() -> sending.writeAndFlush(new DatagramPacket(TappedHosts.bytes(5), all))
                        .sync())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("SO_BROADCAST");
        sending.config().setOption(ChannelOption.SO_BROADCAST, true);
        sending.writeAndFlush(new DatagramPacket(TappedHosts.bytes(6), all)).sync();
        server.awaitDatagrams(1);
        assertThat(server.sizes()).containsExactly(6);
    }

    @Test
    void reusePortSharesTheFlowsBetweenLoops() throws Exception {
        hosts.close();
        hosts = TappedHosts.open(2);
        Set<Channel> reached = new HashSet<>();
        List<Channel> sharing = new ArrayList<>();
        InetSocketAddress address = new InetSocketAddress(TappedHosts.SERVER, 4711);
        for (EventExecutor loop : hosts.servers) {
            sharing.add(new Bootstrap()
                    .group((IxEventLoop) loop)
                    .channel(IxDatagramChannel.class)
                    .option(IxChannelOption.SO_REUSEPORT, true)
                    .handler(new EventRecorder("sharing") {
                        @Override
                        public void channelRead(ChannelHandlerContext ctx, Object msg) {
                            synchronized (reached) {
                                reached.add(ctx.channel());
                            }
                            ((DatagramPacket) msg).release();
                        }
                    })
                    .bind(address)
                    .sync()
                    .channel());
        }
        assertThatThrownBy(() -> server().handler(server).bind(address).sync()).isInstanceOf(BindException.class);
        TappedHosts.await("both are reached", () -> {
            Channel from = client().connect(address).syncUninterruptibly().channel();
            from.writeAndFlush(Unpooled.copyInt(1)).syncUninterruptibly();
            from.close().syncUninterruptibly();
            synchronized (reached) {
                return reached.size() == 2;
            }
        });
        assertThat(reached).containsExactlyInAnyOrderElementsOf(sharing);
    }

    @Test
    void activeOnRegistrationIfWanted() throws Exception {
        for (boolean wanted : new boolean[] {false, true}) {
            EventRecorder recorder = new EventRecorder("registered");
            Channel registered = server().option(ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION, wanted)
                    .handler(recorder)
                    .register()
                    .sync()
                    .channel();
            registered.eventLoop().submit(() -> {}).sync();
            assertThat(registered.isActive()).isEqualTo(wanted);
            assertThat(recorder.events().contains("registered active")).isEqualTo(wanted);
            registered.bind(new InetSocketAddress(TappedHosts.SERVER, 0)).sync();
            recorder.awaitEvent("active");
            assertThat(recorder.events()).containsOnlyOnce("registered active");
            registered.close().sync();
        }
    }

    @Test
    void aSegmentedPacketLeavesAsManyDatagrams() throws Exception {
        connect(server(), client());
        InetSocketAddress to = (InetSocketAddress) receiving.localAddress();
        ByteBuf direct = TappedHosts.bytes(2500);
        sending.writeAndFlush(new SegmentedDatagramPacket(direct, 1000, to)).sync();
        server.awaitDatagrams(3);
        assertThat(direct.refCnt()).isZero();
        ByteBuf heap = Unpooled.wrappedBuffer(new byte[2000]);
        sending.writeAndFlush(new SegmentedDatagramPacket(heap, 1000, to)).sync();
        server.awaitDatagrams(5);
        sending.writeAndFlush(new SegmentedDatagramPacket(TappedHosts.bytes(10), 1000, to))
                .sync();
        server.awaitDatagrams(6);
        assertThat(server.sizes()).containsExactly(1000, 1000, 500, 1000, 1000, 10);
        assertThat(hosts.datagrams(Seen::fromClient).stream().map(Seen::payloadBytes))
                .containsExactly(1000, 1000, 500, 1000, 1000, 10);
        // More than one datagram may hold, but not more than its segments may.
        sending.writeAndFlush(new SegmentedDatagramPacket(TappedHosts.bytes(100_000), 1400, to))
                .sync();
        server.awaitDatagrams(6 + 72);
        assertThat(server.sizes().getLast()).isEqualTo(100_000 - 71 * 1400);
    }

    @Test
    void writesNoMoreAtOnceThanItMay() throws Exception {
        connect(server(), client().option(ChannelOption.MAX_MESSAGES_PER_WRITE, 3));
        List<Integer> left = new ArrayList<>();
        sending.eventLoop()
                .submit(() -> {
                    for (int i = 0; i < 8; i++) {
                        sending.write(TappedHosts.bytes(10));
                    }
                    sending.flush();
                    left.add(sending.unsafe().outboundBuffer().size());
                })
                .sync();
        assertThat(left).containsExactly(5);
        server.awaitDatagrams(8);
    }

    @Test
    void readsNoMoreAtOnceThanItMay() throws Exception {
        List<Integer> rounds = new ArrayList<>();
        int[] count = {0};
        receiving = server().option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.MAX_MESSAGES_PER_READ, 4)
                .handler(new EventRecorder("server") {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                        count[0]++;
                        ((DatagramPacket) msg).release();
                    }

                    @Override
                    public void channelReadComplete(ChannelHandlerContext ctx) {
                        synchronized (rounds) {
                            rounds.add(count[0]);
                        }
                        count[0] = 0;
                    }
                })
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel();
        sending = client().connect(receiving.localAddress()).sync().channel();
        for (int i = 0; i < 10; i++) {
            send(10);
        }
        settle();
        receiving.config().setAutoRead(true);
        TappedHosts.await("all", () -> {
            synchronized (rounds) {
                return rounds.stream().mapToInt(Integer::intValue).sum() == 10;
            }
        });
        assertThat(rounds).startsWith(4, 4, 2);
    }

    @Test
    void messagesCountAsTheEstimatorSaysAgainstTheWaterMarks() throws Exception {
        MessageSizeEstimator heavy = () -> message -> 1000;
        connect(
                server(),
                client().option(ChannelOption.MESSAGE_SIZE_ESTIMATOR, heavy)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(500, 1500)));
        List<Boolean> writable = new ArrayList<>();
        sending.eventLoop()
                .submit(() -> {
                    for (int i = 0; i < 2; i++) {
                        sending.write(TappedHosts.bytes(1));
                        writable.add(sending.isWritable());
                    }
                    sending.flush();
                    writable.add(sending.isWritable());
                })
                .sync();
        assertThat(writable).containsExactly(true, false, true);
        server.awaitDatagrams(2);
    }

    @Test
    void copiesWhatIsOnTheHeapToItsAllocator() throws Exception {
        UnpooledByteBufAllocator own = new UnpooledByteBufAllocator(true);
        connect(server(), client().option(ChannelOption.ALLOCATOR, own));
        sending.eventLoop()
                .submit(() -> {
                    sending.write(Unpooled.wrappedBuffer(new byte[900]));
                    assertThat(own.metric().usedDirectMemory()).isGreaterThanOrEqualTo(900);
                    sending.flush();
                })
                .sync();
        server.awaitDatagrams(1);
        assertThat(own.metric().usedDirectMemory()).isZero();
    }
}
