package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In steady state an echo allocates nothing on either loop: neither the stack, nor this transport, nor Netty around it. */
@Timeout(90)
class EchoAllocationTest {
    private static final int WARM_UP_MESSAGES = 30_000;
    private static final int MESSAGES = 10_000;
    /** A table that grows now and then, or the JIT's own, is not "per message". */
    private static final long ALLOWED_BYTES = 16 * 1024;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private ResourceLeakDetector.Level level;

    @BeforeEach
    void stopTracking() {
        // Tracking a buffer allocates, on purpose.
        level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void track() {
        ResourceLeakDetector.setLevel(level);
    }

    /** Sends back what it reads; notes what its thread allocated in between. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        final CountDownLatch done = new CountDownLatch(1);
        private int reads;
        private long before;
        private volatile long allocatedBytes;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            reads++;
            if (reads == WARM_UP_MESSAGES) {
                before = THREADS.getCurrentThreadAllocatedBytes();
            } else if (reads == WARM_UP_MESSAGES + MESSAGES) {
                allocatedBytes = THREADS.getCurrentThreadAllocatedBytes() - before;
                done.countDown();
            }
            ctx.write(msg, ctx.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1400})
    void echoAllocatesNothing(int messageBytes) throws Exception {
        String wire = "echo-allocation-" + messageBytes;
        IxEventLoopGroup servers = new IxEventLoopGroup(1, VirtualNetwork.config(wire, "10.1.9.2/24", 1));
        IxEventLoopGroup clients = new IxEventLoopGroup(1, VirtualNetwork.config(wire, "10.1.9.1/24", 1));
        Echo server = new Echo();
        Echo client = new Echo();
        try {
            Channel listening = new ServerBootstrap()
                    .group(servers)
                    .channel(IxServerSocketChannel.class)
                    .childHandler(server)
                    .bind("10.1.9.2", 0)
                    .sync()
                    .channel();
            Channel connected = new Bootstrap()
                    .group(clients)
                    .channel(IxSocketChannel.class)
                    .handler(client)
                    .connect(listening.localAddress())
                    .sync()
                    .channel();
            connected.writeAndFlush(TappedHosts.bytes(messageBytes)).sync();
            assertThat(client.done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(client.allocatedBytes).as("by the client's loop").isLessThan(ALLOWED_BYTES);
            assertThat(server.allocatedBytes).as("by the server's loop").isLessThan(ALLOWED_BYTES);
        } finally {
            clients.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            servers.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
