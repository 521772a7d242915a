package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import org.ixnet.examples.memcached.store.Counter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short way to answer a get gives the same bytes as the long one, which a second blank asks for. */
class QuickGetTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 8, 9, 10, 31, 32, 33, 79, 80, 81, 100, 127, 128, 129, 999, 1023, 1024, 1025, 5000})
    void answersValuesOfAnyLength(int valueBytes) {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            StringBuilder value = new StringBuilder();
            for (int i = 0; i < valueBytes; i++) {
                value.append((char) ('a' + i % 26));
            }
            for (String flags : new String[] {"0", "9", "10", "4294967295"}) {
                TestServer.exchange(channel, "set key " + flags + " 0 " + valueBytes + "\r\n" + value + "\r\n");
                String answer = "VALUE key " + flags + " " + valueBytes + "\r\n" + value + "\r\nEND\r\n";
                assertThat(TestServer.exchange(channel, "get key\r\n")).isEqualTo(answer);
                assertThat(TestServer.exchange(channel, "get  key\r\n")).isEqualTo(answer);
            }
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void answersAnyKey() {
        String[] keys = {
            "k", "k".repeat(249), "k".repeat(250), "k".repeat(251), "\t", "\u0001k", "\u00e9", "k\r", "!", "~"
        };
        for (String key : keys) {
            try (TestServer server = new TestServer()) {
                EmbeddedChannel channel = server.connect();
                for (String end : new String[] {"\r\n", "\n"}) {
                    String miss = TestServer.exchange(channel, "get  " + key + end);
                    assertThat(TestServer.exchange(channel, "get " + key + end)).isEqualTo(miss);
                }
                TestServer.exchange(channel, "set " + key + " 3 0 2\r\nvv\r\n");
                for (String end : new String[] {"\r\n", "\n"}) {
                    String hit = TestServer.exchange(channel, "get  " + key + end);
                    assertThat(TestServer.exchange(channel, "get " + key + end)).isEqualTo(hit);
                }
                channel.finishAndReleaseAll();
            }
        }
    }

    @Test
    void seesAnyByteAtAnyPlaceOfAKey() {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            for (int place = 0; place < 25; place++) {
                for (char other : new char[] {0, '\t', '\n', '\r', ' ', '!', '~', 0x7f, 0x80, 0xa1, 0xff}) {
                    StringBuilder text = new StringBuilder("k".repeat(25));
                    text.setCharAt(place, other);
                    TestServer.exchange(channel, "set " + text + " 0 0 2\r\nvv\r\n");
                    String answer = TestServer.exchange(channel, "get  " + text + "\r\n");
                    assertThat(TestServer.exchange(channel, "get " + text + "\r\n"))
                            .as("0x%x at %d", (int) other, place)
                            .isEqualTo(answer);
                }
            }
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void tellsKeysApartThatDifferInOneByte() {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            for (int length = 1; length <= 130; length++) {
                String key = "k".repeat(length);
                TestServer.exchange(channel, "set " + key + " 0 0 1\r\n=\r\n");
                for (int place = 0; place < length; place++) {
                    String other = key.substring(0, place) + 'o' + key.substring(place + 1);
                    assertThat(TestServer.exchange(channel, "get " + other + "\r\n"))
                            .isEqualTo("END\r\n");
                }
                assertThat(TestServer.exchange(channel, "get " + key + "\r\n"))
                        .isEqualTo("VALUE " + key + " 0 1\r\n=\r\nEND\r\n");
            }
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void aQuestionThatIsCutOffDoesNotEndWhereALongerOneDid() {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            TestServer.exchange(channel, "set k 0 0 1\r\n1\r\nset kk 0 0 1\r\n2\r\nset kkkkkkkkk 0 0 1\r\n9\r\n");
            TestServer.exchange(channel, "get kkkkkkkkk\r\n");
            assertThat(TestServer.exchange(channel, "get k")).isEmpty();
            assertThat(TestServer.exchange(channel, "k\r")).isEmpty();
            assertThat(TestServer.exchange(channel, "\n")).isEqualTo("VALUE kk 0 1\r\n2\r\nEND\r\n");
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void answersSeveralThatCameTogether() {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            TestServer.exchange(channel, "set key 0 0 2\r\nvv\r\n");
            String answers =
                    TestServer.exchange(channel, "get key\r\nget none\r\nget key key\r\nget key\r\nversion\r\nget ");
            String value = "VALUE key 0 2\r\nvv\r\n";
            assertThat(answers)
                    .isEqualTo(value + "END\r\nEND\r\n" + value + value + "END\r\n" + value
                            + "END\r\nVERSION 1.6.18-ix\r\n");
            assertThat(TestServer.exchange(channel, "key\r\n")).isEqualTo(value + "END\r\n");
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void countsAndExpiresAsTheLongWay() {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            TestServer.exchange(channel, "set key 0 10 2\r\nvv\r\nget key\r\nget none\r\n");
            server.unixSeconds.addAndGet(10);
            assertThat(TestServer.exchange(channel, "get key\r\n")).isEqualTo("END\r\n");
            var stats = server.store.stats(server.store.clock().nowSeconds());
            assertThat(stats.counted(Counter.CMD_GET)).isEqualTo(3);
            assertThat(stats.counted(Counter.GET_HITS)).isEqualTo(1);
            assertThat(stats.counted(Counter.GET_MISSES)).isEqualTo(2);
            assertThat(stats.counted(Counter.GET_EXPIRED)).isEqualTo(1);
            // A fetch is seen as one by those who ask.
            TestServer.exchange(channel, "set key 0 0 2\r\nvv\r\n");
            assertThat(TestServer.exchange(channel, "mg key h u\r\n")).isEqualTo("HD h0\r\n");
            TestServer.exchange(channel, "get key\r\n");
            assertThat(TestServer.exchange(channel, "mg key h\r\n")).isEqualTo("HD h1\r\n");
            channel.finishAndReleaseAll();
        }
    }
}
