package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A channel that its user uses while its connection is still on its way from the loop that it has left. */
@Timeout(60)
class MovingChannelTest {
    private static final int ROUNDS = 200;
    private static final int END_SECONDS = 20;

    /** The peers: what they read, and how many ended. */
    @ChannelHandler.Sharable
    private static final class Peers extends ChannelInboundHandlerAdapter {
        final AtomicInteger bytes = new AtomicInteger();
        final Semaphore active = new Semaphore(0);
        final Semaphore ended = new Semaphore(0);

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            active.release();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            bytes.addAndGet(data.readableBytes());
            data.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ended.release();
        }
    }

    private final Peers peers = new Peers();
    private EventLoopGroup first;
    private EventLoopGroup second;
    private Channel listening;

    @BeforeEach
    void listen() throws Exception {
        var config = VirtualNetwork.config("moving", "10.1.7.2/24", 1);
        first = new IxEventLoopGroup(1, config);
        second = new MultiThreadIoEventLoopGroup(1, IxIoHandler.newFactory(config));
        second.next().submit(() -> {}).sync();
        listening = new ServerBootstrap()
                .group(first)
                .channel(IxServerSocketChannel.class)
                .childHandler(peers)
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    @AfterEach
    void end() {
        // A loop that a fault has ended may never say so.
        first.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(END_SECONDS, TimeUnit.SECONDS);
        second.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(END_SECONDS, TimeUnit.SECONDS);
    }

    private Channel connectAndDeregister() throws InterruptedException {
        Channel channel = new Bootstrap()
                .group(first)
                .channel(IxSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(listening.localAddress())
                .sync()
                .channel();
        peers.active.acquire();
        channel.deregister().sync();
        return channel;
    }

    @Test
    void aWriteWaitsForTheConnection() throws Exception {
        Channel channel = connectAndDeregister();
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch stuck = new CountDownLatch(1);
        first.next().execute(() -> {
            stuck.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        stuck.await();

        ChannelFuture registered;
        ChannelFuture written;
        try {
            registered = second.next().register(channel);
            written = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100]));
            second.next().submit(() -> {}).sync();
            assertThat(written.isDone())
                    .as("written by TCP of the loop that it has left")
                    .isFalse();
        } finally {
            go.countDown();
        }
        registered.sync();
        written.sync();
        channel.close().sync();
        peers.ended.acquire();
        assertThat(peers.bytes).hasValue(100);
    }

    @Test
    void aCloseFollowsTheConnection() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Channel channel = connectAndDeregister();
            second.next().register(channel);
            channel.close().sync();
        }
        assertThat(peers.ended.tryAcquire(ROUNDS, 30, TimeUnit.SECONDS)).isTrue();
        // Both loops are in order.
        Channel channel = connectAndDeregister();
        second.next().register(channel).sync();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[10])).sync();
        channel.close().sync();
        peers.ended.acquire();
        assertThat(peers.bytes).hasValue(10);
    }
}
