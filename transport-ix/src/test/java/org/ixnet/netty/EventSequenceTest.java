package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the pipelines hear in the life of a connection: see {@link WriteSequenceTest} for writes, {@link HalfClosureSequenceTest}. */
class EventSequenceTest extends SceneComparison {
    @Override
    List<Transport> references() {
        return Transport.ofTheKernel();
    }

    /** From another thread, a big write is counted twice for a moment, and how often that is heard of is chance. */
    private static void writeOnLoop(Stage stage, ByteBuf data) throws InterruptedException {
        stage.connected
                .eventLoop()
                .submit(() -> stage.client.watch("write", stage.connected.writeAndFlush(data)))
                .sync();
    }

    @Test
    void writesReadsAndClosesAsTheKernelDoes() throws Exception {
        compare(stage -> {
            writeOnLoop(stage, text("hello"));
            stage.server.awaitReceived("hello");
            stage.server.awaitLast("readComplete");
            stage.server.channel().writeAndFlush(text("answer")).sync();
            stage.client.awaitReceived("answer");
            stage.client.awaitLast("readComplete");
            stage.connected.close().sync();
            stage.client.awaitEnd();
            stage.server.awaitEnd();
        });
    }

    @Test
    void serverClosesFirstAsTheKernelDoes() throws Exception {
        compare(stage -> {
            stage.connected.writeAndFlush(text("bye")).sync();
            stage.server.awaitReceived("bye");
            stage.server.awaitLast("readComplete");
            stage.server.channel().close().sync();
            stage.server.awaitEnd();
            stage.client.awaitEnd();
        });
    }

    @Test
    void halfClosesAsTheKernelDoes() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            stage.connected.writeAndFlush(text("request")).sync();
            stage.server.awaitReceived("request");
            stage.server.awaitLast("readComplete");
            ((DuplexChannel) stage.connected).shutdownOutput().sync();
            stage.server.awaitEvent("ChannelInputShutdownReadComplete");
            assertThat(stage.server.channel().isActive()).isTrue();
            stage.server.channel().writeAndFlush(text("response")).sync();
            stage.client.awaitReceived("response");
            stage.client.awaitLast("readComplete");
            stage.server.channel().close().sync();
            stage.server.awaitEnd();
            stage.client.awaitEvent("ChannelInputShutdownReadComplete");
            stage.connected.close().sync();
            stage.client.awaitEnd();
        });
    }

    @Test
    void reportsResetAsTheKernelDoes() throws Exception {
        compare(stage -> {
            stage.connected.writeAndFlush(text("x")).sync();
            stage.server.awaitReceived("x");
            stage.server.awaitLast("readComplete");
            stage.connected.config().setOption(ChannelOption.SO_LINGER, 0);
            stage.connected.close().sync();
            stage.client.awaitEnd();
            stage.server.awaitEnd();
        });
    }

    @Test
    void readsOnlyWhenAskedAsTheKernelDoes() throws Exception {
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            stage.connected.writeAndFlush(text("wait")).sync();
            // Nothing may come before read(); a round trip through the server's loop shows that.
            stage.server.channel().eventLoop().submit(() -> {}).sync();
            assertThat(stage.server.receivedBytes()).isZero();
            stage.server.channel().read();
            stage.server.awaitReceived("wait");
            stage.connected.writeAndFlush(text("more")).sync();
            stage.server.channel().eventLoop().submit(() -> {}).sync();
            assertThat(stage.server.received()).isEqualTo("wait");
            stage.server.channel().read();
            stage.server.awaitReceived("more");
            stage.server.awaitLast("readComplete");
        });
    }

    @Test
    void becomesUnwritableAndWritableAsTheKernelDoes() throws Exception {
        int bytes = 32 << 20;
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            ByteBuf big = Unpooled.directBuffer(bytes).writerIndex(bytes);
            writeOnLoop(stage, big);
            stage.client.awaitEvent("not writable");
            stage.server.channel().config().setAutoRead(true);
            stage.server.awaitBytes(bytes);
            stage.server.awaitLast("readComplete");
            stage.client.awaitEvent("write done");
            stage.client.awaitEvent("writable");
        });
    }

    @Test
    void failsWaitingWritesAtCloseAsTheKernelDoes() throws Exception {
        int bytes = 32 << 20;
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            ByteBuf big = Unpooled.directBuffer(bytes).writerIndex(bytes);
            writeOnLoop(stage, big);
            stage.client.awaitEvent("not writable");
            stage.connected.close().sync();
            stage.client.awaitEvent("write failed: ClosedChannelException");
            stage.client.awaitEnd();
        });
    }

    @Test
    void failsWritesAfterShutdownAsTheKernelDoes() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            ((DuplexChannel) stage.connected).shutdownOutput().sync();
            stage.client.watch("write", stage.connected.writeAndFlush(text("late")));
            stage.client.awaitEvent("write failed: ClosedChannelException");
            stage.server.awaitEvent("ChannelInputShutdownReadComplete");
        });
    }

    @Test
    void closesInTheMiddleOfReadAsTheKernelDoes() throws Exception {
        compare(
                Setup.PLAIN.withServer(name -> new EventRecorder(name) {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                        super.channelRead(ctx, msg);
                        ctx.close();
                    }
                }),
                stage -> {
                    stage.connected.writeAndFlush(text("close me")).sync();
                    stage.server.awaitEnd();
                    stage.client.awaitEnd();
                });
    }

    @Test
    void refusedConnectionFailsAsWithTheKernel() throws Exception {
        List<String> onIx = refused(ix);
        for (Transport transport : kernel) {
            assertThat(onIx).as("compared with %s", transport).isEqualTo(refused(transport));
        }
    }

    private static List<String> refused(Transport transport) throws Exception {
        EventRecorder client = new EventRecorder("client");
        InetSocketAddress nobody = new InetSocketAddress("127.0.0.1", 1);
        var connecting = transport.client().handler(client).connect(nobody);
        assertThatThrownBy(connecting::sync)
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("Connection refused")
                .hasMessageContaining("127.0.0.1:1");
        client.awaitEnd();
        return client.events();
    }

    @Test
    void secondBindFailsAsWithTheKernel() throws Exception {
        Channel first = ix.server()
                .childHandler(new EventRecorder("server"))
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        try {
            assertThatThrownBy(() -> ix.server()
                            .childHandler(new EventRecorder("server"))
                            .bind(first.localAddress())
                            .sync())
                    .isInstanceOf(java.net.BindException.class)
                    .hasMessageContaining("Address already in use");
            assertThatThrownBy(() -> ix.server()
                            .childHandler(new EventRecorder("server"))
                            .bind("192.0.2.1", 0)
                            .sync())
                    .isInstanceOf(java.net.BindException.class)
                    .hasMessageContaining("Cannot assign requested address");
        } finally {
            first.close().sync();
        }
        Channel again = ix.server()
                .childHandler(new EventRecorder("server"))
                .bind(first.localAddress())
                .sync()
                .channel();
        again.close().sync();
    }
}
