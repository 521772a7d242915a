package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One output buffer serves a loop for as long as its transport copies; none is lost, whatever the transport does. */
class WorkbenchTest {
    private static final String VALUE = "v".repeat(1000);

    /** A transport that is done with a buffer when it is flushed, or holds it until told. */
    private static final class Transport extends ChannelOutboundHandlerAdapter {
        final List<ByteBuf> seen = new ArrayList<>();
        final List<ByteBuf> held = new ArrayList<>();
        boolean holds;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            seen.add((ByteBuf) message);
            held.add((ByteBuf) message);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (!holds) {
                letGo();
            }
        }

        void letGo() {
            held.forEach(ByteBuf::release);
            held.clear();
        }
    }

    @Test
    void reusesTheBufferThatTheTransportHasCopied() {
        try (TestServer server = new TestServer()) {
            Transport transport = new Transport();
            EmbeddedChannel channel = connect(server, transport);
            for (int i = 0; i < 10; i++) {
                send(channel, "version\r\n");
            }
            assertThat(transport.seen).hasSize(10);
            for (ByteBuf each : transport.seen) {
                assertThat(each).isSameAs(transport.seen.getFirst());
            }
            assertThat(transport.seen.getFirst().refCnt()).isEqualTo(1);
            channel.finishAndReleaseAll();
            server.workbenches.close();
            assertThat(transport.seen.getFirst().refCnt()).isZero();
        }
    }

    @Test
    void leavesABufferToATransportThatHoldsIt() {
        try (TestServer server = new TestServer()) {
            Transport transport = new Transport();
            transport.holds = true;
            EmbeddedChannel channel = connect(server, transport);
            send(channel, "version\r\n");
            send(channel, "mn\r\n");
            assertThat(transport.held).hasSize(2);
            assertThat(transport.held.get(0).toString(StandardCharsets.US_ASCII))
                    .startsWith("VERSION ");
            assertThat(transport.held.get(1).toString(StandardCharsets.US_ASCII))
                    .isEqualTo("MN\r\n");
            transport.letGo();
            channel.finishAndReleaseAll();
            server.workbenches.close();
            assertThat(transport.seen).allMatch(each -> each.refCnt() == 0);
        }
    }

    @Test
    void keepsNoLargeBuffer() {
        try (TestServer server = new TestServer()) {
            Transport transport = new Transport();
            EmbeddedChannel channel = connect(server, transport);
            send(channel, "set key 0 0 1000\r\n" + VALUE + "\r\n");
            send(channel, "get key\r\n".repeat(300));
            send(channel, "version\r\n");
            channel.finishAndReleaseAll();
            server.workbenches.close();
            assertThat(transport.seen).hasSizeGreaterThan(4).allMatch(each -> each.refCnt() == 0);
        }
    }

    @Test
    void countsBytesFromTheLastResetOn() {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            EmbeddedChannel other = server.connect();
            TestServer.exchange(channel, "mn\r\nversion\r\n");
            TestServer.exchange(other, "mn\r\n");
            assertThat(server.stats.bytesRead()).isEqualTo(4 + 9 + 4);
            assertThat(server.stats.bytesWritten()).isEqualTo(4 + "VERSION 1.6.18-ix\r\n".length() + 4);
            server.stats.reset();
            assertThat(server.stats.bytesRead()).isZero();
            assertThat(server.stats.bytesWritten()).isZero();
            TestServer.exchange(channel, "mn\r\n");
            assertThat(server.stats.bytesRead()).isEqualTo(4);
            assertThat(server.stats.bytesWritten()).isEqualTo(4);
            channel.finishAndReleaseAll();
            other.finishAndReleaseAll();
        }
    }

    private static EmbeddedChannel connect(TestServer server, Transport transport) {
        return new EmbeddedChannel(transport, new MemcachedHandler(server.store, server.stats, server.workbenches));
    }

    private static void send(EmbeddedChannel channel, String request) {
        channel.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
    }
}
