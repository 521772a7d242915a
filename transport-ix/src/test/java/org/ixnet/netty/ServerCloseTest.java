package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that closes on its boss's loop while another loop accepts for it. */
@Timeout(60)
class ServerCloseTest {
    private static final int CYCLES = 20;

    /** The first child lives, and holds its loop up with its second read; all others are closed as soon as they are served. */
    @ChannelHandler.Sharable
    private static final class Children extends ChannelInboundHandlerAdapter {
        final AtomicReference<Channel> first = new AtomicReference<>();
        final CountDownLatch served = new CountDownLatch(1);
        final CountDownLatch blocked = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (!first.compareAndSet(null, ctx.channel())) {
                ctx.close();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws InterruptedException {
            ReferenceCountUtil.release(message);
            if (served.getCount() > 0) {
                served.countDown();
            } else {
                blocked.countDown();
                go.await();
            }
        }
    }

    @Test
    void whatIsAcceptedWhileTheServerClosesIsClosedToo() throws Exception {
        var config = VirtualNetwork.config("serverclose", "10.1.9.2/24", 1);
        EventLoopGroup boss = new IxEventLoopGroup(1, config);
        EventLoopGroup worker = new IxEventLoopGroup(1, config);
        Children children = new Children();
        CountDownLatch together = new CountDownLatch(1);
        try {
            Channel server = new ServerBootstrap()
                    .group(boss, worker)
                    .channel(IxServerSocketChannel.class)
                    .option(IxChannelOption.TCP_DEFER_ACCEPT, 30)
                    .childHandler(children)
                    .bind("127.0.0.1", 0)
                    .sync()
                    .channel();
            Channel first = connect(boss, server);
            send(first);
            children.served.await();
            Channel second = connect(boss, server);
            // Data of both comes in one batch: the second is accepted when the first one's handler has returned.
            worker.next().execute(() -> awaitUninterrupted(together));
            send(first);
            send(second);
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                boss.next().submit(() -> {}).sync(); // it sends, and hands over to the other loop
            }
            together.countDown();
            children.blocked.await();

            server.close().sync();
            children.go.countDown();

            assertThat(second.closeFuture().await(20, TimeUnit.SECONDS))
                    .as("the client of a connection that nobody serves is told its end")
                    .isTrue();
            first.close().sync();
        } finally {
            together.countDown();
            children.go.countDown();
            boss.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            worker.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(Channel channel) throws InterruptedException {
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1])).sync();
    }

    private static Channel connect(EventLoopGroup group, Channel server) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(IxSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(server.localAddress())
                .sync()
                .channel();
    }
}
