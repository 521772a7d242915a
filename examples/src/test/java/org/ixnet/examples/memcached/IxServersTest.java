package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ixnet.examples.Server;
import org.ixnet.examples.Service;
import org.ixnet.examples.Transport;
import org.ixnet.examples.echo.EchoCommand;
import org.ixnet.examples.http.HttpCommand;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.StoreConfig;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxSocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The servers on IX, with clients on IX: they meet on the internal loopback of the stack, so that this needs no privileges
 * and no DPDK. The device is one end of a virtual link that nothing is plugged into.
 */
@Timeout(120)
class IxServersTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    private EventLoopGroup clients;

    @BeforeEach
    void configure() {
        System.setProperty("ix.device", "virtual");
    }

    @AfterEach
    void restore() {
        System.clearProperty("ix.device");
        if (clients != null) {
            clients.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void memcachedHoldsTheScripts() throws Exception {
        StoreConfig config = new StoreConfig(8 << 20, 1 << 20, 42);
        try (Server server = start(MemcachedCommand.service(config, CacheClock.system(), 1))) {
            for (String name : new String[] {"text.script", "meta.script"}) {
                Script.Part part = Script.load(name).parts().getFirst();
                byte[] answer = converse(server, part.request());
                assertThat(part.matches(answer))
                        .as("%s answered%n%s", name, new String(answer, StandardCharsets.ISO_8859_1))
                        .isTrue();
            }
        }
    }

    @Test
    void echoSendsEverythingBack() throws Exception {
        byte[] sent = new byte[8 << 20];
        new SplittableRandom(3).nextBytes(sent);
        try (Server server = start(EchoCommand.service())) {
            assertThat(converse(server, sent)).isEqualTo(sent);
        }
    }

    @Test
    void httpAnswersInOrder() throws Exception {
        try (Server server = start(HttpCommand.service(1 << 20))) {
            String request = "GET / HTTP/1.1\r\nhost: x\r\n\r\nGET /bytes/3000000 HTTP/1.1\r\nhost: x\r\n\r\n"
                    + "GET /json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
            String answer = new String(
                    converse(server, request.getBytes(StandardCharsets.US_ASCII)), StandardCharsets.US_ASCII);
            assertThat(answer.length()).isGreaterThan(3_000_000);
            assertThat(answer).startsWith("HTTP/1.1 200 OK").endsWith("{\"message\":\"Hello from IX\"}");
        }
    }

    private Server start(Service service) throws Exception {
        Server server = Server.start(Transport.IX, 1, ANY_PORT, true, service);
        clients = new IxEventLoopGroup(1);
        return server;
    }

    /** Sends all, ends its side, and returns what comes until the server ends its own. */
    private byte[] converse(Server server, byte[] request) throws Exception {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        Channel channel = new Bootstrap()
                .group(clients)
                .channel(IxSocketChannel.class)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        ByteBuf in = (ByteBuf) message;
                        while (in.isReadable()) {
                            received.write(in.readByte());
                        }
                        in.release();
                    }

                    @Override
                    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        if (event instanceof ChannelInputShutdownEvent) {
                            answer.complete(received.toByteArray());
                        }
                    }

                    @Override
                    public void channelInactive(ChannelHandlerContext ctx) {
                        answer.complete(received.toByteArray());
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        answer.completeExceptionally(cause);
                    }
                })
                .connect(server.address())
                .sync()
                .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(request)).sync();
        ((DuplexChannel) channel).shutdownOutput().sync();
        byte[] all = answer.get(60, TimeUnit.SECONDS);
        channel.close().sync();
        return all;
    }
}
