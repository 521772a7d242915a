package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The binary protocol, request by request; the layout of packets is spelled out here a second time, on purpose. */
class BinaryProtocolTest {
    private static final int OK = 0x00;
    private static final int NOT_FOUND = 0x01;
    private static final int EXISTS = 0x02;
    private static final int TOO_LARGE = 0x03;
    private static final int INVALID = 0x04;
    private static final int NOT_STORED = 0x05;
    private static final int NOT_A_NUMBER = 0x06;
    private static final int UNKNOWN = 0x81;
    private static final int OPAQUE = 0x12345678;

    private final TestServer server = new TestServer();
    private EmbeddedChannel channel;

    private record Answer(int opcode, int status, byte[] extras, String key, String value, long cas) {
        long number() {
            return ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)).getLong();
        }

        int flags() {
            return ByteBuffer.wrap(extras).getInt();
        }
    }

    @BeforeEach
    void connect() {
        channel = server.connect();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        server.close();
    }

    @Test
    void storesAndGets() {
        Answer stored = one(request(0x01, extras(7, 0), "key", "value", 0));
        assertThat(stored.status()).isEqualTo(OK);
        assertThat(stored.cas()).isNotZero();
        Answer got = one(request(0x00, none(), "key", "", 0));
        assertThat(got.status()).isEqualTo(OK);
        assertThat(got.value()).isEqualTo("value");
        assertThat(got.key()).isEmpty();
        assertThat(got.flags()).isEqualTo(7);
        assertThat(got.cas()).isEqualTo(stored.cas());
        assertThat(one(request(0x0c, none(), "key", "", 0)).key()).isEqualTo("key");
    }

    @Test
    void quietGetsAnswerHitsOnly() {
        one(request(0x01, extras(0, 0), "hit", "1", 0));
        List<Answer> answers = exchange(
                request(0x09, none(), "miss", "", 0),
                request(0x0d, none(), "hit", "", 0),
                request(0x0d, none(), "miss", "", 0),
                request(0x0a, none(), "", "", 0));
        assertThat(answers).extracting(Answer::opcode).containsExactly(0x0d, 0x0a);
        Answer miss = one(request(0x00, none(), "miss", "", 0));
        assertThat(miss.status()).isEqualTo(NOT_FOUND);
        assertThat(miss.value()).isEqualTo("Not found");
        assertThat(one(request(0x0c, none(), "miss", "", 0)).key()).isEqualTo("miss");
    }

    @Test
    void quietStoresAnswerFailuresOnly() {
        List<Answer> answers = exchange(
                request(0x11, extras(0, 0), "a", "1", 0),
                request(0x12, extras(0, 0), "a", "2", 0),
                request(0x13, extras(0, 0), "nope", "2", 0),
                request(0x19, none(), "a", "3", 0),
                request(0x1a, none(), "a", "0", 0),
                request(0x19, none(), "nope", "3", 0),
                request(0x00, none(), "a", "", 0),
                request(0x14, none(), "a", "", 0),
                request(0x14, none(), "a", "", 0));
        assertThat(answers).extracting(Answer::status).containsExactly(EXISTS, NOT_FOUND, NOT_STORED, OK, NOT_FOUND);
        assertThat(answers.get(3).value()).isEqualTo("013");
    }

    @Test
    void comparesUniques() {
        long cas = one(request(0x01, extras(0, 0), "k", "1", 0)).cas();
        assertThat(one(request(0x01, extras(0, 0), "k", "2", cas + 9999)).status())
                .isEqualTo(EXISTS);
        assertThat(one(request(0x01, extras(0, 0), "nope", "2", 5)).status()).isEqualTo(NOT_FOUND);
        assertThat(one(request(0x0e, none(), "k", "2", cas + 9999)).status()).isEqualTo(EXISTS);
        assertThat(one(request(0x04, none(), "k", "", cas + 9999)).status()).isEqualTo(EXISTS);
        Answer replaced = one(request(0x03, extras(0, 0), "k", "3", cas));
        assertThat(replaced.status()).isEqualTo(OK);
        assertThat(replaced.cas()).isNotEqualTo(cas);
        assertThat(one(request(0x04, none(), "k", "", replaced.cas())).status()).isEqualTo(OK);
    }

    @Test
    void counts() {
        assertThat(one(counting(0x05, 1, 10, -1)).status()).isEqualTo(NOT_FOUND);
        assertThat(one(counting(0x05, 1, 10, 0)).number()).isEqualTo(10);
        assertThat(one(counting(0x05, 5, 10, 0)).number()).isEqualTo(15);
        assertThat(one(counting(0x06, 16, 10, 0)).number()).isZero();
        assertThat(one(counting(0x05, -1, 10, 0)).number()).isEqualTo(-1);
        assertThat(one(counting(0x05, 2, 10, 0)).number()).isEqualTo(1);
        assertThat(exchange(counting(0x15, 1, 0, 0), counting(0x16, 1, 0, 0))).isEmpty();
        one(request(0x01, extras(0, 0), "count", "abc", 0));
        assertThat(one(counting(0x05, 1, 0, 0)).status()).isEqualTo(NOT_A_NUMBER);
    }

    @Test
    void touches() {
        one(request(0x01, extras(3, 10), "k", "v", 0));
        byte[] longer = ByteBuffer.allocate(4).putInt(100).array();
        Answer touched = one(request(0x1c, longer, "k", "", 0));
        assertThat(touched.status()).isEqualTo(OK);
        assertThat(touched.value()).isEmpty();
        server.unixSeconds.addAndGet(99);
        assertThat(one(request(0x1d, longer, "k", "", 0)).value()).isEqualTo("v");
        server.unixSeconds.addAndGet(99);
        Answer withKey = one(request(0x23, longer, "k", "", 0));
        assertThat(withKey.key() + "=" + withKey.value()).isEqualTo("k=v");
        server.unixSeconds.addAndGet(100);
        assertThat(one(request(0x1c, longer, "k", "", 0)).status()).isEqualTo(NOT_FOUND);
        assertThat(exchange(request(0x1e, longer, "k", "", 0), request(0x24, longer, "k", "", 0)))
                .isEmpty();
    }

    @Test
    void flushesAtOnceAndLater() {
        one(request(0x01, extras(0, 0), "k", "v", 0));
        assertThat(one(request(0x08, none(), "", "", 0)).status()).isEqualTo(OK);
        assertThat(one(request(0x00, none(), "k", "", 0)).status()).isEqualTo(NOT_FOUND);
        one(request(0x01, extras(0, 0), "k", "v", 0));
        assertThat(exchange(request(0x18, ByteBuffer.allocate(4).putInt(10).array(), "", "", 0)))
                .isEmpty();
        assertThat(one(request(0x00, none(), "k", "", 0)).status()).isEqualTo(OK);
        server.unixSeconds.addAndGet(10);
        assertThat(one(request(0x00, none(), "k", "", 0)).status()).isEqualTo(NOT_FOUND);
    }

    @Test
    void refusesWhatItMust() {
        assertThat(one(request(0x7f, none(), "", "", 0)).status()).isEqualTo(UNKNOWN);
        assertThat(one(request(0x20, none(), "", "", 0)).status()).isEqualTo(UNKNOWN);
        assertThat(one(request(0x00, none(), "", "", 0)).status()).isEqualTo(INVALID);
        assertThat(one(request(0x00, extras(0, 0), "k", "", 0)).status()).isEqualTo(INVALID);
        assertThat(one(request(0x01, none(), "k", "v", 0)).status()).isEqualTo(INVALID);
        assertThat(one(request(0x00, none(), "k".repeat(251), "", 0)).status()).isEqualTo(INVALID);
        assertThat(one(request(0x0a, none(), "", "body", 0)).status()).isEqualTo(INVALID);
        one(request(0x01, extras(0, 0), "k", "old", 0));
        assertThat(one(request(0x01, extras(0, 0), "k", "x".repeat(1 << 20), 0)).status())
                .isEqualTo(TOO_LARGE);
        assertThat(one(request(0x00, none(), "k", "", 0)).status()).isEqualTo(NOT_FOUND);
        assertThat(one(request(0x0a, none(), "", "", 0)).status()).isEqualTo(OK);
    }

    @Test
    void closesWhenTheNextRequestCannotBeFound() {
        byte[] lying = request(0x00, none(), "key", "", 0);
        lying[11] = 1;
        assertThat(one(lying).status()).isEqualTo(INVALID);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void quits() {
        assertThat(exchange(request(0x17, none(), "", "", 0))).isEmpty();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void tellsVersionAndStatistics() {
        assertThat(one(request(0x0b, none(), "", "", 0)).value()).startsWith("1.6.");
        one(request(0x01, extras(0, 0), "k", "v", 0));
        List<Answer> stats = exchange(request(0x10, none(), "", "", 0));
        assertThat(stats)
                .anyMatch(a -> a.key().equals("curr_items") && a.value().equals("1"));
        assertThat(stats.getLast().key()).isEmpty();
        assertThat(one(request(0x10, none(), "nonsense", "", 0)).status()).isEqualTo(NOT_FOUND);
    }

    @Test
    void answersTheSameCutAnywhere() {
        byte[] stream = concatenate(
                request(0x01, extras(1, 0), "key", "a value of some length", 0),
                request(0x11, extras(1, 0), "key2", "", 0),
                request(0x01, none(), "key", "without extras", 0),
                request(0x0e, none(), "key", "+", 0),
                request(0x0d, none(), "key", "", 0),
                request(0x0c, none(), "miss", "", 0),
                counting(0x05, 1, 1, 0),
                request(0x7f, none(), "", "unknown", 0),
                request(0x08, none(), "", "", 0));
        byte[] whole = TestServer.exchange(channel, stream);
        for (int cut = 1; cut < stream.length; cut++) {
            try (TestServer fresh = new TestServer()) {
                EmbeddedChannel other = fresh.connect();
                TestServer.send(other, stream, 0, cut);
                TestServer.send(other, stream, cut, stream.length);
                assertThat(TestServer.received(other)).as("cut at %d", cut).isEqualTo(whole);
                other.finishAndReleaseAll();
            }
        }
    }

    private static byte[] none() {
        return new byte[0];
    }

    private static byte[] extras(int flags, int expiration) {
        return ByteBuffer.allocate(8).putInt(flags).putInt(expiration).array();
    }

    private static byte[] counting(int opcode, long delta, long initial, int expiration) {
        byte[] extras = ByteBuffer.allocate(20)
                .putLong(delta)
                .putLong(initial)
                .putInt(expiration)
                .array();
        return request(opcode, extras, "count", "", 0);
    }

    private static byte[] request(int opcode, byte[] extras, String key, String value, long cas) {
        int bodyBytes = extras.length + key.length() + value.length();
        return ByteBuffer.allocate(24 + bodyBytes)
                .put((byte) 0x80)
                .put((byte) opcode)
                .putShort((short) key.length())
                .put((byte) extras.length)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(bodyBytes)
                .putInt(OPAQUE)
                .putLong(cas)
                .put(extras)
                .put(key.getBytes(StandardCharsets.ISO_8859_1))
                .put(value.getBytes(StandardCharsets.ISO_8859_1))
                .array();
    }

    private Answer one(byte[] request) {
        List<Answer> answers = exchange(request);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private List<Answer> exchange(byte[]... requests) {
        ByteBuffer in = ByteBuffer.wrap(TestServer.exchange(channel, concatenate(requests)));
        List<Answer> answers = new ArrayList<>();
        while (in.hasRemaining()) {
            assertThat(in.get() & 0xff).as("magic").isEqualTo(0x81);
            int opcode = in.get() & 0xff;
            int keyBytes = in.getShort();
            byte[] extras = new byte[in.get()];
            assertThat(in.get()).as("data type").isZero();
            int status = in.getShort();
            byte[] key = new byte[keyBytes];
            byte[] value = new byte[in.getInt() - extras.length - keyBytes];
            assertThat(in.getInt()).as("opaque").isEqualTo(OPAQUE);
            long cas = in.getLong();
            in.get(extras).get(key).get(value);
            answers.add(new Answer(opcode, status, extras, text(key), text(value), cas));
        }
        return answers;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] concatenate(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
