package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
    /** Of both servers together, for the comparison. */
    private static final int MESSAGES = 40_000;

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

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close(); // in the end the clients go while messages are under way
        }
    }

    /** Sends a message when the last one came back. */
    private static final class PingPong extends ChannelInboundHandlerAdapter {
        private static final int MESSAGE_BYTES = 1000;

        private final AtomicLong messages;
        private int received;

        PingPong(AtomicLong messages) {
            this.messages = messages;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(TappedHosts.bytes(MESSAGE_BYTES));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            received += data.readableBytes();
            data.release();
            if (received == MESSAGE_BYTES) {
                received = 0;
                messages.incrementAndGet();
                ctx.writeAndFlush(TappedHosts.bytes(MESSAGE_BYTES));
            }
        }
    }

    /** A server with an echo service and one that keeps everything, and a client that feeds the latter. */
    private static final class Hosts implements AutoCloseable {
        final TappedHosts hosts;
        final Hoarder hoarder = new Hoarder();
        final Channel fair;
        final IxIoHandler server;
        final IxSocketChannel feeder;
        long sent;

        Hosts() throws InterruptedException {
            var config = TappedHosts.serverConfig(1).toBuilder()
                    .mbufs(MBUFS)
                    .tcpReceiveBufferBytes(WINDOW_BYTES)
                    .build();
            hosts = new TappedHosts(1, config, TappedHosts.clientConfig(1));
            Channel hoarding = listen(hoarder);
            fair = listen(new Echo());
            server = hosts.servers.next().handler();
            feeder = (IxSocketChannel) connect(hoarding, new EventRecorder("feeder"));
        }

        private Channel listen(ChannelHandler handler) throws InterruptedException {
            return hosts.server()
                    .childHandler(handler)
                    .bind(TappedHosts.SERVER, 0)
                    .sync()
                    .channel();
        }

        Channel connect(Channel to, ChannelHandler handler) throws InterruptedException {
            return hosts.client()
                    .handler(handler)
                    .connect(to.localAddress())
                    .sync()
                    .channel();
        }

        long copiedReads() {
            return server.receiveBuffers().copiedReads();
        }

        /** A small segment at a time, so that each pins an mbuf, until the thread copies instead; then a window full. */
        void hoard(long more) throws InterruptedException {
            while (copiedReads() == 0) {
                assertThat(sent).as("mbufs pinned without pressure").isLessThan(64L * MBUFS);
                feeder.writeAndFlush(TappedHosts.bytes(64));
                sent += 64;
                TappedHosts.await("a message", () -> hoarder.bytes.get() >= sent);
            }
            feeder.writeAndFlush(TappedHosts.bytes((int) more));
            sent += more;
            TappedHosts.await("a closed window", () -> closed(feeder));
        }

        /** Gives everything back, and waits for the rest. */
        void release() throws InterruptedException {
            hoarder.release();
            TappedHosts.await("the rest of the data", () -> hoarder.bytes.get() == sent);
            TappedHosts.await("all mbufs back", () -> server.thread().heldMbufs() == 0);
        }

        @Override
        public void close() {
            hosts.close();
        }
    }

    @Test
    void whoKeepsBuffersMeetsAClosedWindowAndLaterHisData() throws Exception {
        try (Hosts hosts = new Hosts()) {
            hosts.hoard(3L * WINDOW_BYTES);
            assertThat(hosts.copiedReads()).isGreaterThan(1);
            long hoarded = hosts.hoarder.bytes.get();
            assertThat(hoarded).isBetween(WINDOW_BYTES - 2048L, WINDOW_BYTES + 2048L);

            EventRecorder received = new EventRecorder("polite");
            Channel polite = hosts.connect(hosts.fair, received);
            polite.writeAndFlush(Unpooled.directBuffer(1_000_000).writeZero(1_000_000));
            received.awaitBytes(1_000_000);
            assertThat(hosts.hoarder.bytes.get())
                    .as("more for the hoarder meanwhile")
                    .isEqualTo(hoarded);
            assertThat(closed(hosts.feeder)).isTrue();
            hosts.release();
        }
    }

    /** The same load at the same time on two servers, of which one has no mbufs but the last: messages are compared. */
    @Test
    void othersGoOnAtFullSpeedBesideWhoKeepsBuffers() throws Exception {
        try (Hosts poor = new Hosts();
                Hosts rich = new Hosts()) {
            poor.hoard(3L * WINDOW_BYTES);
            long copiedBefore = poor.copiedReads();
            AtomicLong poorMessages = new AtomicLong();
            AtomicLong richMessages = new AtomicLong();
            for (int i = 0; i < 8; i++) {
                poor.connect(poor.fair, new PingPong(poorMessages));
                rich.connect(rich.fair, new PingPong(richMessages));
            }
            TappedHosts.await("messages", () -> poorMessages.get() + richMessages.get() >= MESSAGES);
            long besideTheHoarder = poorMessages.get();
            long alone = richMessages.get();
            assertThat(closed(poor.feeder)).isTrue();
            assertThat(poor.copiedReads() - copiedBefore)
                    .as("what they sent was copied")
                    .isGreaterThanOrEqualTo(besideTheHoarder);
            assertThat(rich.copiedReads()).isZero();
            assertThat(besideTheHoarder)
                    .as("messages; without a hoarder %d", alone)
                    .isGreaterThan(alone / 2);
            poor.release();
        }
    }

    private static boolean closed(IxSocketChannel sender) {
        IxTcpInfo info = sender.tcpInfo().syncUninterruptibly().getNow();
        return info.info().sendWindowBytes() == 0 && info.info().notSentBytes() > 0;
    }
}
