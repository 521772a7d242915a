package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ixnet.examples.Server;
import org.ixnet.examples.Service;
import org.ixnet.examples.Transport;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.StoreConfig;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxSocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In steady state a request allocates nothing on the server's loop, on IX. */
@Timeout(120)
class RequestAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP_REQUESTS = 30_000;
    private static final int REQUESTS = 10_000;
    /** What the JIT or a table that grows now and then may cost; one object a request would be 160,000. */
    private static final long ALLOWED_BYTES = 16 * 1024;

    /** What the requests are about. */
    private static final String PREPARATION = "set key 0 0 2\r\nvv\r\nset other 0 0 300\r\n" + "o".repeat(300)
            + "\r\nset number 0 0 20 noreply\r\n10000000000000000000\r\n";

    private ResourceLeakDetector.Level level;

    @BeforeEach
    void configure() {
        System.setProperty("ix.device", "virtual");
        // Tracking a buffer allocates, on purpose.
        level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void restore() {
        System.clearProperty("ix.device");
        ResourceLeakDetector.setLevel(level);
    }

    /** In front of the server's handler: notes what its thread allocated between two of its reads. */
    private static final class Meter extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Long> allocatedBytes = new CompletableFuture<>();
        private int reads;
        private long before;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            reads++;
            if (reads == WARM_UP_REQUESTS) {
                before = THREADS.getCurrentThreadAllocatedBytes();
            } else if (reads == WARM_UP_REQUESTS + REQUESTS) {
                allocatedBytes.complete(THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            ctx.fireChannelRead(message);
        }
    }

    /** Asks again whenever it was answered. */
    private static final class Asker extends ChannelInboundHandlerAdapter {
        private final ByteBuf request;

        Asker(String request) {
            this.request = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(Unpooled.copiedBuffer(PREPARATION, StandardCharsets.US_ASCII), ctx.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
            ctx.writeAndFlush(request.duplicate(), ctx.voidPromise());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get key\r\n",
                "get none\r\n",
                "gets key other\r\n",
                "mg key v c k O7\r\n",
                "set key 0 0 2\r\nvv\r\n",
                "ms other 2 c k\r\nww\r\n",
                "incr number 1\r\n"
            })
    void aRequestAllocatesNothing(String request) throws Exception {
        StoreConfig config = new StoreConfig(8 << 20, 1 << 20, 42);
        Service memcached = MemcachedCommand.service(config, CacheClock.system(), 1);
        Meter meter = new Meter();
        Service metered = new Service() {
            @Override
            public void initialize(ChannelPipeline pipeline) {
                pipeline.addLast(meter);
                memcached.initialize(pipeline);
            }

            @Override
            public void close() {
                memcached.close();
            }
        };
        EventLoopGroup clients = null;
        try (Server server = Server.start(Transport.IX, 1, new InetSocketAddress("127.0.0.1", 0), true, metered)) {
            clients = new IxEventLoopGroup(1);
            Channel channel = new Bootstrap()
                    .group(clients)
                    .channel(IxSocketChannel.class)
                    .handler(new Asker(request))
                    .connect(server.address())
                    .sync()
                    .channel();
            assertThat(meter.allocatedBytes.get(90, TimeUnit.SECONDS))
                    .as("bytes allocated for %d requests", REQUESTS)
                    .isLessThan(ALLOWED_BYTES);
            channel.close().sync();
        } finally {
            if (clients != null) {
                clients.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            }
        }
    }
}
