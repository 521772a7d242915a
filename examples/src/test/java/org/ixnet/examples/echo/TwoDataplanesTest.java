package org.ixnet.examples.echo;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ixnet.dpdk.Dpdk;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxServerSocketChannel;
import org.ixnet.netty.IxSocketChannel;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.dataplane.IxConfigBuilder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two dataplanes, each with a device, a stack and event loops of its own, over the DPDK wires that are memory. Says on
 * standard output which it used; {@code ./ix test} reads that.
 */
@Timeout(180)
class TwoDataplanesTest {
    private static final int CONNECTIONS = 8;
    private static final int BYTES = 4 << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void ringCarriesTcp(int loops) throws Exception {
        requires("ring");
        echoBetween(
                base(1).device("ring")
                        .interfaceName("tcp" + loops + ".0")
                        .queues(loops)
                        .build(),
                base(2).device("ring")
                        .interfaceName("tcp" + loops + ".1")
                        .queues(loops)
                        .build(),
                loops);
        System.out.println("IX-DATAPLANES exercised ring");
    }

    @Test
    void memifCarriesTcp() throws Exception {
        requires("memif");
        String socket = directory.resolve("tcp.sock").toString();
        echoBetween(
                base(1).device("memif")
                        .interfaceName(socket)
                        .deviceArguments(Map.of("role", "server"))
                        .build(),
                base(2).device("memif")
                        .interfaceName(socket)
                        .deviceArguments(Map.of("role", "client"))
                        .build(),
                1);
        System.out.println("IX-DATAPLANES exercised memif");
    }

    private static IxConfigBuilder base(int host) {
        return IxConfig.builder()
                .hugepages("off")
                .mbufs(8192)
                .address("10.77.0." + host + "/24")
                .hostAddress(null);
    }

    private static void requires(String kind) {
        Throwable cause = Dpdk.unavailabilityCause(kind);
        if (cause != null) {
            System.out.println("IX-DATAPLANES skipped " + kind + ": " + cause.getMessage());
            Assumptions.abort(kind + ": " + cause.getMessage());
        }
    }

    private static void echoBetween(IxConfig left, IxConfig right, int loops) throws Exception {
        EventLoopGroup servers = new IxEventLoopGroup(loops, left);
        EventLoopGroup clients = null;
        try {
            clients = new IxEventLoopGroup(loops, right);
            new ServerBootstrap()
                    .group(servers)
                    .channel(IxServerSocketChannel.class)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline().addLast(new EchoHandler());
                        }
                    })
                    .bind("10.77.0.1", 7007)
                    .sync();
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            List<byte[]> expected = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                byte[] data = new byte[BYTES];
                new SplittableRandom(i).nextBytes(data);
                expected.add(sha256().digest(data));
                answers.add(send(clients, data));
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                assertThat(answers.get(i).get(120, TimeUnit.SECONDS)).isEqualTo(expected.get(i));
            }
        } finally {
            if (clients != null) {
                clients.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
            }
            servers.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /** Sends {@code data}, ends its side, and completes with the digest of what came back until the server ended its own. */
    private static CompletableFuture<byte[]> send(EventLoopGroup clients, byte[] data) throws Exception {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        MessageDigest digest = sha256();
        Channel channel = new Bootstrap()
                .group(clients)
                .channel(IxSocketChannel.class)
                .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, ByteBuf in) {
                        digest.update(in.nioBuffer());
                    }

                    @Override
                    public void channelInactive(ChannelHandlerContext context) {
                        answer.complete(digest.digest());
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        answer.completeExceptionally(cause);
                    }
                })
                .connect("10.77.0.1", 7007)
                .sync()
                .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(data)).addListener(written -> {
            if (written.isSuccess()) {
                ((DuplexChannel) channel).shutdownOutput();
            } else {
                answer.completeExceptionally(written.cause());
            }
        });
        return answer;
    }

    private static MessageDigest sha256() throws Exception {
        return MessageDigest.getInstance("SHA-256");
    }
}
