package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Plays the same scenes on IX and on the kernel's transports and compares what the pipelines hear. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class SceneComparison {
    List<Transport> kernel;
    Transport ix;

    @BeforeAll
    void open() {
        kernel = references();
        ix = Transport.ix(getClass().getSimpleName());
    }

    /** What IX is compared with: epoll. Where nio does as epoll does, it may be compared with too. */
    List<Transport> references() {
        assumeTrue(Epoll.isAvailable(), () -> "epoll is not available: " + Epoll.unavailabilityCause());
        return List.of(Transport.epoll());
    }

    @AfterAll
    void close() {
        if (ix != null) {
            ix.close();
            kernel.forEach(Transport::close);
        }
    }

    interface Scene {
        void play(Stage stage) throws Exception;
    }

    /** How the two channels of a scene are made. */
    record Setup(
            boolean halfClosure,
            boolean serverReads,
            Function<String, EventRecorder> server,
            Function<String, EventRecorder> client,
            UnaryOperator<Bootstrap> options) {
        static final Setup PLAIN =
                new Setup(false, true, EventRecorder::new, EventRecorder::new, UnaryOperator.identity());

        Setup withHalfClosure() {
            return new Setup(true, serverReads, server, client, options);
        }

        /** The server does not read until its scene says so. */
        Setup withSilentServer() {
            return new Setup(halfClosure, false, server, client, options);
        }

        Setup withServer(Function<String, EventRecorder> recorder) {
            return new Setup(halfClosure, serverReads, recorder, client, options);
        }

        Setup withClient(Function<String, EventRecorder> recorder) {
            return new Setup(halfClosure, serverReads, server, recorder, options);
        }

        <T> Setup withClientOption(ChannelOption<T> option, T value) {
            return new Setup(
                    halfClosure,
                    serverReads,
                    server,
                    client,
                    bootstrap -> options.apply(bootstrap).option(option, value));
        }
    }

    /** A server and a client of one transport, connected, with a recorder at each end. */
    static final class Stage implements AutoCloseable {
        final EventRecorder server;
        final EventRecorder client;
        final Channel listening;
        final Channel connected;
        private final boolean halfClosure;

        Stage(Transport transport, Setup setup) throws Exception {
            halfClosure = setup.halfClosure();
            server = setup.server().apply("server");
            client = setup.client().apply("client");
            listening = transport
                    .server()
                    .childOption(ChannelOption.AUTO_READ, setup.serverReads())
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, setup.halfClosure())
                    .childHandler(server)
                    .bind(InetAddress.getByName("127.0.0.1"), 0)
                    .sync()
                    .channel();
            connected = setup.options()
                    .apply(transport.client())
                    .option(ChannelOption.ALLOW_HALF_CLOSURE, setup.halfClosure())
                    .handler(client)
                    .connect(listening.localAddress())
                    .sync()
                    .channel();
            server.awaitEvent("active");
            client.awaitEvent("active");
        }

        boolean halfClosure() {
            return halfClosure;
        }

        /** The client's loop does it: from another thread, what is heard of a write in between is chance. */
        void onClient(Runnable action) throws InterruptedException {
            connected.eventLoop().submit(action).sync();
        }

        void onServer(Runnable action) throws InterruptedException {
            server.channel().eventLoop().submit(action).sync();
        }

        /** The accounting of what the client still has to send: what Netty counts, and what is said of it. */
        String pending() {
            return pending(connected);
        }

        static String pending(Channel channel) {
            var buffer = channel.unsafe().outboundBuffer();
            return buffer == null
                    ? "no outbound buffer"
                    : buffer.totalPendingWriteBytes() + " bytes and " + buffer.size() + " messages pending, "
                            + channel.bytesBeforeUnwritable() + " before unwritable, "
                            + channel.bytesBeforeWritable() + " before writable";
        }

        @Override
        public void close() {
            connected.close().syncUninterruptibly();
            server.channel().close().syncUninterruptibly();
            listening.close().syncUninterruptibly();
        }
    }

    void compare(Scene scene) throws Exception {
        compare(Setup.PLAIN, scene);
    }

    void compare(Setup setup, Scene scene) throws Exception {
        List<String> onIx = play(ix, setup, scene);
        for (Transport transport : kernel) {
            List<String> onKernel = play(transport, setup, scene);
            if (transport.name().equals("nio")) {
                assertThat(loose(onIx)).as("events on ix, compared with nio").isEqualTo(loose(onKernel));
            } else {
                assertThat(onIx).as("events on ix, compared with %s", transport).isEqualTo(onKernel);
            }
        }
    }

    /** Without that in which nio itself differs from epoll, or from run to run: when reads complete, repetitions. */
    private static List<String> loose(List<String> events) {
        return events.stream()
                .filter(event -> !event.endsWith("readComplete"))
                .distinct()
                .toList();
    }

    private static List<String> play(Transport transport, Setup setup, Scene scene) throws Exception {
        List<String> events;
        try (Stage stage = new Stage(transport, setup)) {
            try {
                scene.play(stage);
            } catch (Throwable t) {
                t.addSuppressed(new AssertionError("on " + transport + ": " + stage.client.events() + " and "
                        + stage.server.events() + ", " + stage.pending()));
                throw t;
            }
            events = new ArrayList<>(stage.client.events());
            events.addAll(stage.server.events());
        }
        return events;
    }

    static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    static ByteBuf big(int bytes) {
        return Unpooled.directBuffer(bytes).writerIndex(bytes);
    }
}
