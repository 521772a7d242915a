package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server channel that goes to another loop. */
@Timeout(60)
class MovingServerTest {
    private static final int LIMIT_SECONDS = 20;

    private static final class Accepts extends ChannelInboundHandlerAdapter {
        final Semaphore accepted = new Semaphore(0);

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((Channel) message).unsafe().closeForcibly();
            accepted.release();
        }

        void await() throws InterruptedException {
            assertThat(accepted.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private EventLoopGroup first;
    private EventLoopGroup second;

    @BeforeEach
    void open() throws Exception {
        var config = VirtualNetwork.config("moving-server", "10.1.9.2/24", 1);
        first = new IxEventLoopGroup(1, config);
        second = new MultiThreadIoEventLoopGroup(1, IxIoHandler.newFactory(config));
        second.next().submit(() -> {}).sync();
    }

    @AfterEach
    void close() {
        first.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        second.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Channel listen(Accepts accepts, boolean autoRead) throws InterruptedException {
        return new Bootstrap()
                .group(first)
                .channelFactory(IxServerSocketChannel::new)
                .option(ChannelOption.AUTO_READ, autoRead)
                .handler(accepts)
                .localAddress("127.0.0.1", 0)
                .bind()
                .sync()
                .channel();
    }

    private void connect(Channel listening) throws InterruptedException {
        new Bootstrap()
                .group(first)
                .channel(IxSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(listening.localAddress())
                .sync();
    }

    /** A {@code read()} that waits counts on the new loop too. */
    @Test
    void connectionsThatCameWhileNoLoopHadItAreRead() throws Exception {
        Accepts accepts = new Accepts();
        Accepts markers = new Accepts();
        Channel listening = listen(accepts, false);
        Channel markerListening = listen(markers, true);
        listening.read();
        listening.deregister().sync();
        connect(listening);
        connect(markerListening);
        markers.await(); // it came after the other
        assertThat(accepts.accepted.availablePermits()).isZero();
        second.next().register(listening).sync();
        accepts.await();
        listening.close().sync();
    }
}
