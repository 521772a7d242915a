package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MessageSizeEstimator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the options that Netty gives every channel do on IX. */
@Timeout(60)
@SuppressWarnings("deprecation") // what Netty will drop is an option as long as it is there
class OptionsOfEveryChannelTest {
    private TappedHosts hosts;
    private EventRecorder client;
    private Sizes server;

    /** Writes down what comes with each read, and how many reads come in a round. */
    private static final class Sizes extends EventRecorder {
        final List<Integer> sizes = new ArrayList<>();
        final List<Integer> rounds = new ArrayList<>();
        private int round;

        Sizes() {
            super("server");
        }

        @Override
        public synchronized void channelRead(ChannelHandlerContext ctx, Object msg) {
            sizes.add(((ByteBuf) msg).readableBytes());
            round++;
            super.channelRead(ctx, msg);
        }

        @Override
        public synchronized void channelReadComplete(ChannelHandlerContext ctx) {
            rounds.add(round);
            round = 0;
            super.channelReadComplete(ctx);
        }
    }

    @BeforeEach
    void open() {
        hosts = TappedHosts.open(1);
        client = new EventRecorder("client");
        server = new Sizes();
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private Channel connect(ServerBootstrap serverBootstrap, Bootstrap clientBootstrap) throws InterruptedException {
        Channel listening = serverBootstrap
                .childHandler(server)
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel();
        Channel connected = clientBootstrap
                .handler(client)
                .connect(listening.localAddress())
                .sync()
                .channel();
        server.awaitEvent("active");
        return connected;
    }

    @Test
    void readsNoMoreMessagesAtOnceThanItMay() throws Exception {
        Channel connected = connect(
                hosts.server()
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.MAX_MESSAGES_PER_READ, 3),
                hosts.client());
        for (int i = 0; i < 7; i++) {
            int expected = i + 1;
            connected.writeAndFlush(TappedHosts.bytes(1448)).sync(); // small ones may be joined while they wait
            TappedHosts.await("a segment", () -> hosts.clientData().size() >= expected);
        }
        TappedHosts.await(
                "acknowledgement",
                () -> ((IxSocketChannel) connected)
                                .tcpInfo()
                                .syncUninterruptibly()
                                .getNow()
                                .info()
                                .unackedBytes()
                        == 0);
        server.channel().config().setAutoRead(true);
        server.awaitBytes(7 * 1448);
        server.awaitLast("readComplete");
        assertThat(server.rounds).allMatch(count -> count <= 3);
        assertThat(server.rounds.stream().filter(count -> count == 3)).isNotEmpty();
    }

    @Test
    void aFixedAllocatorBoundsEachRead() throws Exception {
        Channel connected = connect(
                hosts.server().childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(100)),
                hosts.client());
        connected.writeAndFlush(TappedHosts.bytes(1000));
        server.awaitBytes(1000);
        assertThat(server.sizes).hasSize(10).containsOnly(100);
    }

    @Test
    void writesNoMoreMessagesAtOnceThanItsSpinCountAllows() throws Exception {
        Channel connected = connect(hosts.server(), hosts.client().option(ChannelOption.WRITE_SPIN_COUNT, 1));
        List<Integer> left = new ArrayList<>();
        connected
                .eventLoop()
                .submit(() -> {
                    for (int i = 0; i < 1000; i++) {
                        connected.write(TappedHosts.bytes(1));
                    }
                    connected.flush();
                    left.add(connected.unsafe().outboundBuffer().size());
                    // Another task has its turn before the rest is written.
                    connected
                            .eventLoop()
                            .execute(() ->
                                    left.add(connected.unsafe().outboundBuffer().size()));
                })
                .sync();
        server.awaitBytes(1000);
        connected.eventLoop().submit(() -> {}).sync();
        assertThat(left).containsExactly(1000 - 256, 1000 - 512);
    }

    @Test
    void handlersGetTheAllocatorThatWasSet() throws Exception {
        ByteBufAllocator own = new UnpooledByteBufAllocator(true);
        Channel connected = connect(hosts.server(), hosts.client().option(ChannelOption.ALLOCATOR, own));
        assertThat(connected.alloc()).isSameAs(own);
        assertThat(connected.pipeline().firstContext().alloc()).isSameAs(own);
        ByteBuf heap = own.heapBuffer(5000).writeZero(5000);
        long before = ((UnpooledByteBufAllocator) own).metric().usedDirectMemory();
        hosts.cut();
        connected
                .eventLoop()
                .submit(() -> {
                    // What is sent from the heap is copied to memory of the allocator.
                    connected.writeAndFlush(heap);
                    assertThat(((UnpooledByteBufAllocator) own).metric().usedDirectMemory())
                            .isGreaterThanOrEqualTo(before + 5000);
                })
                .sync();
        hosts.mend();
        server.awaitBytes(5000);
        TappedHosts.await(
                "release", () -> ((UnpooledByteBufAllocator) own).metric().usedDirectMemory() == before);
    }

    @Test
    void messagesCountAsTheEstimatorSays() throws Exception {
        MessageSizeEstimator heavy = () -> message -> 1_000_000;
        Channel connected = connect(hosts.server(), hosts.client().option(ChannelOption.MESSAGE_SIZE_ESTIMATOR, heavy));
        connected
                .eventLoop()
                .submit(() -> {
                    connected.write(TappedHosts.bytes(1));
                    assertThat(connected.isWritable()).isFalse();
                    connected.flush();
                    assertThat(connected.isWritable()).isTrue();
                })
                .sync();
    }

    @Test
    void handlersOfAGroupMayHaveSeveralExecutors() throws Exception {
        DefaultEventExecutorGroup group = new DefaultEventExecutorGroup(2);
        try {
            for (boolean single : new boolean[] {true, false}) {
                for (Channel channel :
                        List.of(new IxSocketChannel(), new IxServerSocketChannel(), new IxDatagramChannel())) {
                    channel.config().setOption(ChannelOption.SINGLE_EVENTEXECUTOR_PER_GROUP, single);
                    Set<Object> executors = new HashSet<>();
                    for (int i = 0; i < 4; i++) {
                        EventRecorder added = new EventRecorder("handler " + i);
                        channel.pipeline().addLast(group, added);
                        executors.add(channel.pipeline().context(added).executor());
                    }
                    assertThat(executors).hasSize(single ? 1 : 2);
                }
            }
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }
}
