package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts hold, and wherever the network cuts the stream, the answers stay the same. */
class ProtocolScriptTest {
    @ParameterizedTest
    @ValueSource(strings = {"text.script", "meta.script", "expiry.script"})
    void answersAsScripted(String name) throws Exception {
        Script script = Script.load(name);
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            for (Script.Part part : script.parts()) {
                check(part, TestServer.exchange(channel, part.request()));
                server.unixSeconds.addAndGet(part.thenSeconds());
            }
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text.script", "meta.script", "expiry.script"})
    void answersTheSameByteByByte(String name) throws Exception {
        Script script = Script.load(name);
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            for (Script.Part part : script.parts()) {
                for (int i = 0; i < part.request().length; i++) {
                    TestServer.send(channel, part.request(), i, i + 1);
                }
                check(part, TestServer.received(channel));
                server.unixSeconds.addAndGet(part.thenSeconds());
            }
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text.script", "meta.script"})
    void answersTheSameCutAnywhere(String name) throws Exception {
        Script.Part part = Script.load(name).parts().getFirst();
        try (TestServer server = new TestServer()) {
            for (int cut = 1; cut < part.request().length; cut++) {
                EmbeddedChannel channel = server.connect();
                TestServer.send(channel, part.request(), 0, cut);
                TestServer.send(channel, part.request(), cut, part.request().length);
                byte[] answer = TestServer.received(channel);
                assertThat(part.matches(answer)).as("cut at %d", cut).isTrue();
                channel.finishAndReleaseAll();
                server.store.flush(0, server.store.clock().nowSeconds());
            }
        }
    }

    private static void check(Script.Part part, byte[] answer) {
        if (!part.matches(answer)) {
            String masked = part.answerText().replace("{n}", "");
            String actual = new String(answer, StandardCharsets.ISO_8859_1);
            // The first difference, as far as {n} lets it be seen.
            assertThat(actual).as("expected %s", masked).isEqualTo(part.answerText());
        }
    }
}
