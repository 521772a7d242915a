package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One server class runs on every transport; only the group and the channel class that it is given differ. */
@Timeout(60)
class SameServerTest {

    /** The server: it names no transport. */
    private static final class UpperCaseServer {
        private final Channel listening;

        UpperCaseServer(EventLoopGroup group, Class<? extends ServerChannel> channel) throws InterruptedException {
            listening = new ServerBootstrap()
                    .group(group)
                    .channel(channel)
                    .childHandler(new UpperCase())
                    .bind("127.0.0.1", 0)
                    .sync()
                    .channel();
        }
    }

    @ChannelHandler.Sharable
    private static final class UpperCase extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            for (int i = data.readerIndex(); i < data.writerIndex(); i++) {
                data.setByte(i, Character.toUpperCase(data.getByte(i)));
            }
            ctx.write(data);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }
    }

    private static void serves(Supplier<Transport> open) throws InterruptedException {
        try (Transport transport = open.get()) {
            UpperCaseServer server = new UpperCaseServer(transport.group(), transport.serverChannel());
            EventRecorder client = new EventRecorder("client");
            Channel connected = transport
                    .client()
                    .handler(client)
                    .connect(server.listening.localAddress())
                    .sync()
                    .channel();
            for (int i = 0; i < 100; i++) {
                connected.writeAndFlush(Unpooled.copiedBuffer("line " + i + ";", StandardCharsets.US_ASCII));
            }
            client.awaitReceived("LINE 99;");
            assertThat(client.received()).startsWith("LINE 0;LINE 1;");
            connected.close().sync();
            server.listening.close().sync();
        }
    }

    @Test
    void onNio() throws InterruptedException {
        serves(Transport::nio);
    }

    @Test
    void onEpoll() throws InterruptedException {
        Assumptions.assumeTrue(Epoll.isAvailable(), "no epoll here");
        serves(Transport::epoll);
    }

    @Test
    void onIoUring() throws InterruptedException {
        Assumptions.assumeTrue(IoUring.isAvailable(), "no io_uring here");
        serves(Transport::ioUring);
    }

    @Test
    void onIx() throws InterruptedException {
        serves(() -> Transport.ix("same-server"));
    }
}
