package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Half-closure in every order, as epoll does it. */
class HalfClosureSequenceTest extends SceneComparison {
    private static final String INPUT_OVER = "ChannelInputShutdownReadComplete";
    private static final String OUTPUT_OVER = "ChannelOutputShutdownEvent";
    private static final int BIG = 32 << 20;

    private static DuplexChannel client(Stage stage) {
        return (DuplexChannel) stage.connected;
    }

    private static DuplexChannel server(Stage stage) {
        return (DuplexChannel) stage.server.channel();
    }

    /** Writes down what the channels say of themselves. */
    private static void states(Stage stage) throws InterruptedException {
        stage.onClient(() -> stage.client.record(state(client(stage))));
        stage.onServer(() -> stage.server.record(state(server(stage))));
    }

    private static String state(DuplexChannel channel) {
        return "input " + (channel.isInputShutdown() ? "shut" : "open") + ", output "
                + (channel.isOutputShutdown() ? "shut" : "open") + (channel.isShutdown() ? ", all shut" : "")
                + (channel.isActive() ? ", active" : "") + (channel.isOpen() ? ", open" : "");
    }

    private static void send(Channel from, EventRecorder to, String text) throws InterruptedException {
        from.writeAndFlush(text(text)).sync();
        to.awaitReceived(text);
        to.awaitLast("readComplete");
    }

    private static void closeBoth(Stage stage) throws InterruptedException {
        stage.connected.close().sync();
        if (server(stage).isOpen() && stage.halfClosure()) {
            stage.server.awaitEvent(INPUT_OVER);
            server(stage).close().sync();
        }
        stage.client.awaitEnd();
        stage.server.awaitEnd();
        stage.client.record(state(client(stage)));
    }

    @Test
    void shutsItsOutputAndThenThePeerDoes() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            stage.onClient(() -> stage.client.watch("shutdown", client(stage).shutdownOutput()));
            stage.server.awaitEvent(INPUT_OVER);
            stage.client.awaitEvent(OUTPUT_OVER);
            states(stage);
            send(server(stage), stage.client, "answer");
            server(stage).shutdownOutput().sync();
            stage.client.awaitEvent(INPUT_OVER);
            stage.server.awaitEvent(OUTPUT_OVER);
            states(stage);
            closeBoth(stage);
        });
    }

    @Test
    void shutsItsOutputAfterThePeerDid() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            server(stage).shutdownOutput().sync();
            stage.client.awaitEvent(INPUT_OVER);
            stage.server.awaitEvent(OUTPUT_OVER);
            states(stage);
            send(stage.connected, stage.server, "still");
            stage.onClient(() -> stage.client.watch("shutdown", client(stage).shutdownOutput()));
            stage.server.awaitEvent(INPUT_OVER);
            states(stage);
            closeBoth(stage);
        });
    }

    @Test
    void bothShutTheirOutputAtOnce() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            send(stage.connected, stage.server, "hello");
            // Neither loop hears of the other's end before it has shut down its own.
            Runnable one = () -> client(stage).shutdownOutput();
            Runnable other = () -> server(stage).shutdownOutput();
            if (client(stage).eventLoop().equals(server(stage).eventLoop())) {
                stage.onClient(() -> {
                    one.run();
                    other.run();
                });
            } else {
                CyclicBarrier together = new CyclicBarrier(2);
                var first = client(stage).eventLoop().submit(() -> {
                    together.await(10, TimeUnit.SECONDS);
                    one.run();
                    return null;
                });
                server(stage)
                        .eventLoop()
                        .submit(() -> {
                            together.await(10, TimeUnit.SECONDS);
                            other.run();
                            return null;
                        })
                        .sync();
                first.sync();
            }
            stage.client.awaitEvent(INPUT_OVER);
            stage.server.awaitEvent(INPUT_OVER);
            stage.client.awaitEvent(OUTPUT_OVER);
            stage.server.awaitEvent(OUTPUT_OVER);
            states(stage);
            stage.client.record("after both");
            closeBoth(stage);
        });
    }

    @Test
    void shutsDownBothAtOnceAndStaysOpen() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            stage.onClient(() -> stage.client.watch("shutdown", client(stage).shutdown()));
            stage.server.awaitEvent(INPUT_OVER);
            stage.client.awaitEvent(INPUT_OVER);
            states(stage);
            server(stage).shutdown().sync();
            stage.server.awaitEvent(OUTPUT_OVER);
            states(stage);
            closeBoth(stage);
        });
    }

    @Test
    void shutsItsInputAndGoesOnWriting() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            stage.onClient(() -> stage.client.watch("shutdown", client(stage).shutdownInput()));
            stage.client.awaitEvent(INPUT_OVER);
            stage.client.awaitEvent("shutdown done");
            states(stage);
            send(stage.connected, stage.server, "one way");
            stage.onClient(() -> stage.client.watch("again", client(stage).shutdownInput()));
            stage.client.awaitEvent("again done");
            client(stage).shutdownOutput().sync();
            stage.server.awaitEvent(INPUT_OVER);
            states(stage);
            closeBoth(stage);
        });
    }

    @Test
    void shutsItsInputWithoutHalfClosure() throws Exception {
        compare(stage -> {
            client(stage).shutdownInput().sync();
            send(stage.connected, stage.server, "one way");
            states(stage);
            closeBoth(stage);
        });
    }

    @Test
    void shutsItsInputAfterThePeersEnd() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            server(stage).shutdownOutput().sync();
            stage.client.awaitEvent(INPUT_OVER);
            stage.onClient(() -> stage.client.watch("shutdown", client(stage).shutdownInput()));
            stage.client.awaitEvent("shutdown done");
            states(stage);
            send(stage.connected, stage.server, "still");
            closeBoth(stage);
        });
    }

    @Test
    void shutsTheSameSideTwice() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            client(stage).shutdownOutput().sync();
            stage.server.awaitEvent(INPUT_OVER);
            stage.onClient(() -> stage.client.watch("again", client(stage).shutdownOutput()));
            stage.client.await(
                    "an end of the second",
                    () -> stage.client.events().stream().anyMatch(event -> event.contains("again")));
            states(stage);
            closeBoth(stage);
            stage.client.watch("after close", client(stage).shutdownOutput());
            stage.client.watch("after close, input", client(stage).shutdownInput());
            stage.client.awaitEvent("after close, input failed: ClosedChannelException");
        });
    }

    @Test
    void failsToShutWhatIsNotConnected() throws Exception {
        compare(stage -> {
            EventRecorder idle = new EventRecorder("idle");
            var transport = stage.connected.eventLoop();
            DuplexChannel channel = (DuplexChannel)
                    stage.connected.getClass().getDeclaredConstructor().newInstance();
            channel.pipeline().addLast(idle);
            transport.register(channel).sync();
            channel.eventLoop()
                    .submit(() -> stage.client.watch("input", channel.shutdownInput()))
                    .sync();
            stage.client.await(
                    "the first", () -> stage.client.events().stream().anyMatch(event -> event.contains("input ")));
            channel.close().sync();
        });
    }

    @Test
    void closesWhenThePeerEndsWithoutHalfClosure() throws Exception {
        compare(stage -> {
            send(stage.connected, stage.server, "last");
            client(stage).shutdownOutput().sync();
            stage.server.awaitEnd();
            stage.client.awaitEnd();
            stage.client.record(state(client(stage)));
            stage.server.record(state(server(stage)));
        });
    }

    @Test
    void tellsOfTheEndOnlyAfterTheData() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            stage.onClient(() -> {
                stage.connected.writeAndFlush(text("unread"));
                client(stage).shutdownOutput();
            });
            stage.server.awaitEvent(INPUT_OVER);
            stage.server.record("received " + stage.server.received());
            states(stage);
            closeBoth(stage);
        });
    }

    @Test
    void shutsItsOutputInMidWrite() throws Exception {
        compare(Setup.PLAIN.withHalfClosure().withSilentServer(), stage -> {
            stage.onClient(() -> {
                stage.client.watch("small", stage.connected.writeAndFlush(text("small")));
                stage.client.watch("big", stage.connected.writeAndFlush(big(BIG)));
                stage.client.watch("flushed", stage.connected.writeAndFlush(text("flushed")));
                stage.client.watch("unflushed", stage.connected.write(text("unflushed")));
                stage.client.watch("shutdown", client(stage).shutdownOutput());
            });
            stage.client.awaitEvent(OUTPUT_OVER);
            server(stage).config().setAutoRead(true);
            stage.server.awaitEvent(INPUT_OVER);
            states(stage);
            closeBoth(stage);
        });
    }

    @Test
    void isResetAfterHalfClosure() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            client(stage).shutdownOutput().sync();
            stage.server.awaitEvent(INPUT_OVER);
            server(stage).config().setOption(ChannelOption.SO_LINGER, 0);
            server(stage).close().sync();
            stage.server.awaitEnd();
            // As long as half a connection is wanted, the user closes.
            stage.client.awaitEvent(INPUT_OVER);
            stage.client.record(state(client(stage)));
            stage.onClient(() -> stage.client.watch("close", client(stage).close()));
            stage.client.awaitEnd();
        });
    }

    @Test
    void failsToWriteAfterAResetWithHalfClosure() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            server(stage).config().setOption(ChannelOption.SO_LINGER, 0);
            server(stage).close().sync();
            stage.client.awaitEvent(INPUT_OVER);
            stage.client.record(state(client(stage)));
            stage.onClient(() -> stage.client.watch("write", stage.connected.writeAndFlush(text("to nobody"))));
            stage.client.awaitEnd();
            stage.server.awaitEnd();
        });
    }

    /** Not compared: epoll hands one read to a channel that does not read, and fails when more are asked for. */
    @Test
    void readsWhatCameBeforeTheInputWasShut() throws Exception {
        try (Stage stage = new Stage(ix, Setup.PLAIN.withHalfClosure().withSilentServer())) {
            stage.connected.writeAndFlush(text("unread")).sync();
            IxSocketChannel receiving = (IxSocketChannel) server(stage);
            TappedHosts.await(
                    "text",
                    () -> receiving
                                    .tcpInfo()
                                    .syncUninterruptibly()
                                    .getNow()
                                    .info()
                                    .bytesReceived()
                            == 6);
            server(stage).shutdownInput().sync();
            stage.server.awaitReceived("unread");
            server(stage).read();
            stage.server.awaitEvent(INPUT_OVER);
        }
    }

    /** Not compared: epoll hands one read to a channel that does not read as soon as the peer ends. */
    @Test
    void readsWhatCameBeforeBothEnds() throws Exception {
        try (Stage stage = new Stage(ix, Setup.PLAIN.withHalfClosure().withSilentServer())) {
            stage.connected.writeAndFlush(text("unread")).sync();
            client(stage).shutdownOutput().sync();
            server(stage).shutdownOutput().sync();
            stage.client.awaitEvent(INPUT_OVER);
            stage.connected.close().sync();
            // The connection is over, for TCP as well; a round trip through the server's loop lets it say so.
            stage.onServer(() -> {});
            assertThat(stage.server.receivedBytes()).isZero();
            assertThat(server(stage).isActive()).isTrue();
            server(stage).read();
            stage.server.awaitReceived("unread");
            server(stage).read();
            stage.server.awaitEvent(INPUT_OVER);
            assertThat(stage.server.events()).containsSubsequence("server read", "server " + INPUT_OVER);
        }
    }

    @Test
    void resetsWhatCameAfterTheInputWasShut() throws Exception {
        compare(Setup.PLAIN.withHalfClosure(), stage -> {
            client(stage).shutdownInput().sync();
            stage.client.awaitEvent(INPUT_OVER);
            server(stage).writeAndFlush(text("nobody reads")).sync();
            // Only when it has come is it left unread.
            stage.onServer(() -> {});
            stage.onClient(() -> {});
            stage.connected.close().sync();
            stage.client.awaitEnd();
            stage.server.awaitEvent("exception IOException");
            stage.server.awaitEvent(INPUT_OVER);
        });
    }
}
