package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A handler that keeps every buffer for ever slows only its own connection. */
@Timeout(60)
class PressureTest {
    private static final int MBUFS = 4096;
    private static final int WINDOW_BYTES = 256 * 1024;

    /** Keeps what it reads, until it is told to give everything back. */
    private static final class Hoarder extends ChannelInboundHandlerAdapter {
        final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        final AtomicLong bytes = new AtomicLong();
        volatile boolean generous;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            bytes.addAndGet(data.readableBytes());
            if (generous) {
                data.release();
            } else {
                kept.add(data);
            }
        }

        void release() {
            generous = true;
            for (ByteBuf data = kept.poll(); data != null; data = kept.poll()) {
                data.release();
            }
        }
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }
    }

    @Test
    void whoKeepsBuffersMeetsAClosedWindowAndLaterHisData() throws Exception {
        var config = TappedHosts.serverConfig(1).toBuilder()
                .mbufs(MBUFS)
                .tcpReceiveBufferBytes(WINDOW_BYTES)
                .build();
        try (TappedHosts hosts = new TappedHosts(1, config, TappedHosts.clientConfig(1))) {
            Hoarder hoarder = new Hoarder();
            Channel hoarding = hosts.server()
                    .childHandler(hoarder)
                    .bind(TappedHosts.SERVER, 0)
                    .sync()
                    .channel();
            Channel fair = hosts.server()
                    .childHandler(new Echo())
                    .bind(TappedHosts.SERVER, 0)
                    .sync()
                    .channel();
            EventExecutor loop = hosts.servers.iterator().next();
            ReceiveBuffers buffers = ((IxEventLoop) loop).handler().receiveBuffers();
            IxSocketChannel feeder = (IxSocketChannel) hosts.client()
                    .handler(new EventRecorder("feeder"))
                    .connect(hoarding.localAddress())
                    .sync()
                    .channel();

            // A small segment at a time, so that each pins an mbuf, until the thread copies instead.
            long sent = 0;
            while (buffers.copiedReads() == 0) {
                assertThat(sent).as("mbufs pinned without pressure").isLessThan(64L * MBUFS);
                feeder.writeAndFlush(TappedHosts.bytes(64));
                sent += 64;
                long expected = sent;
                TappedHosts.await("a message", () -> hoarder.bytes.get() >= expected);
            }
            long more = 3L * WINDOW_BYTES;
            feeder.writeAndFlush(TappedHosts.bytes((int) more));
            TappedHosts.await("a closed window", () -> closed(feeder));
            assertThat(buffers.copiedReads()).isGreaterThan(1);
            long hoarded = hoarder.bytes.get();
            assertThat(hoarded).isBetween(WINDOW_BYTES - 2048L, WINDOW_BYTES + 2048L);

            EventRecorder received = new EventRecorder("polite");
            Channel polite = hosts.client()
                    .handler(received)
                    .connect(fair.localAddress())
                    .sync()
                    .channel();
            polite.writeAndFlush(Unpooled.directBuffer(1_000_000).writeZero(1_000_000));
            received.awaitBytes(1_000_000);
            assertThat(hoarder.bytes.get()).as("more for the hoarder meanwhile").isEqualTo(hoarded);
            assertThat(closed(feeder)).isTrue();

            hoarder.release();
            long all = sent + more;
            TappedHosts.await("the rest of the data", () -> hoarder.bytes.get() == all);
            TappedHosts.await(
                    "all mbufs back",
                    () -> ((IxEventLoop) loop).handler().thread().heldMbufs() == 0);
        }
    }

    private static boolean closed(IxSocketChannel sender) {
        IxTcpInfo info = sender.tcpInfo().syncUninterruptibly().getNow();
        return info.info().sendWindowBytes() == 0 && info.info().notSentBytes() > 0;
    }
}
