package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Whatever a client sends, in whichever pieces: no exception, no item left behind, and the same answers as in one piece.
 * A failing seed is printed; give it as {@code -Dix.seed=} to see it again.
 */
class ParserFuzzTest {
    private static final String[] WORDS = {
        "get",
        "gets",
        "gat",
        "gats",
        "set",
        "add",
        "replace",
        "append",
        "prepend",
        "cas",
        "delete",
        "incr",
        "decr",
        "touch",
        "flush_all",
        "verbosity",
        "version",
        "mg",
        "ms",
        "md",
        "ma",
        "me",
        "mn",
        "noreply",
        "a",
        "b",
        "c",
        "YWI=",
        "0",
        "1",
        "2",
        "3",
        "-1",
        "100",
        "18446744073709551615",
        "99999999999",
        "v",
        "k",
        "q",
        "s",
        "t",
        "f",
        "I",
        "b",
        "O1",
        "T5",
        "N5",
        "C3",
        "MA",
        "M-",
        "D2",
        "J4",
        "R9",
        "F3",
        "!",
        "\u0001"
    };

    @RepeatedTest(25)
    void answersAnyTextTheSameHoweverItIsCut(RepetitionInfo repetition) {
        long seed = Long.getLong("ix.seed", System.nanoTime() * 31 + repetition.getCurrentRepetition());
        check(seed, text(new SplittableRandom(seed)));
    }

    @RepeatedTest(25)
    void answersAnyPacketsTheSameHoweverTheyAreCut(RepetitionInfo repetition) {
        long seed = Long.getLong("ix.seed", System.nanoTime() * 31 + repetition.getCurrentRepetition());
        check(seed, packets(new SplittableRandom(seed)));
    }

    private static void check(long seed, byte[] stream) {
        String label = "seed " + seed;
        SplittableRandom random = new SplittableRandom(seed ^ 1);
        byte[] whole = answers(stream, stream.length, random, label);
        assertThat(answers(stream, 1, random, label)).as(label).isEqualTo(whole);
        assertThat(answers(stream, 10, random, label)).as(label).isEqualTo(whole);
        assertThat(answers(stream, 100, random, label)).as(label).isEqualTo(whole);
    }

    private static byte[] answers(byte[] stream, int maxPiece, SplittableRandom random, String label) {
        try (TestServer server = new TestServer()) {
            EmbeddedChannel channel = server.connect();
            int at = 0;
            while (at < stream.length && channel.isOpen()) {
                int piece = maxPiece == stream.length ? maxPiece : 1 + random.nextInt(maxPiece);
                int end = Math.min(stream.length, at + piece);
                TestServer.send(channel, stream, at, end);
                at = end;
            }
            channel.checkException();
            byte[] answers = TestServer.received(channel);
            channel.finishAndReleaseAll();
            int now = server.store.clock().nowSeconds();
            server.store.clear();
            assertThat(server.store.stats(now).usedBlocks())
                    .as("%s: blocks left", label)
                    .isZero();
            return answers;
        }
    }

    /** Lines of likely words in unlikely orders, with data blocks of about the right length. */
    private static byte[] text(SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes("version\r\n"));
        for (int line = 0; line < 120; line++) {
            if (random.nextInt(3) == 0) {
                int length = random.nextInt(300);
                String command = random.nextBoolean()
                        ? "set " + key(random) + " " + random.nextInt(9) + " 0 " + length
                                + (random.nextInt(4) == 0 ? " noreply" : "")
                        : "ms " + key(random) + " " + length + " c k O7" + (random.nextBoolean() ? " MA" : "");
                out.writeBytes(bytes(command + "\r\n"));
                byte[] data = new byte[length + (random.nextInt(12) == 0 ? random.nextInt(3) : 0)];
                Arrays.fill(data, (byte) ('0' + random.nextInt(10)));
                out.writeBytes(data);
                out.writeBytes(bytes("\r\n"));
            } else {
                int words = 1 + random.nextInt(6);
                for (int i = 0; i < words; i++) {
                    String word = i == 1 ? key(random) : WORDS[random.nextInt(WORDS.length)];
                    out.writeBytes(bytes((i == 0 ? "" : " ") + word));
                }
                out.writeBytes(bytes(random.nextInt(10) == 0 ? "\n" : "\r\n"));
            }
        }
        return out.toByteArray();
    }

    /** Mostly sound packets of any opcode; some lie about their lengths. */
    private static byte[] packets(SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 80; i++) {
            int opcode = random.nextInt(0x26);
            BinaryOpcode known = BinaryOpcode.of(opcode);
            int extras = random.nextInt(15) == 0 || known == null ? random.nextInt(30) : known.extrasBytes;
            byte[] key = bytes(random.nextInt(12) == 0 ? "" : key(random));
            if (known != null && (known.kind == BinaryOpcode.Kind.STAT || known.kind == BinaryOpcode.Kind.QUIT)) {
                continue; // statistics differ from run to run
            }
            int value = known != null && known.kind.stores() ? random.nextInt(200) : 0;
            int body = extras + key.length + value;
            int lie = random.nextInt(200) == 0 ? random.nextInt(5) : 0;
            ByteBuffer packet = ByteBuffer.allocate(24 + body);
            packet.put((byte) 0x80)
                    .put((byte) opcode)
                    .putShort((short) (key.length + lie))
                    .put((byte) extras);
            packet.position(8);
            packet.putInt(body).putInt(i).putLong(random.nextInt(10) == 0 ? random.nextInt(20) : 0);
            for (int e = 0; e < extras; e++) {
                packet.put((byte) (e % 4 == 3 ? random.nextInt(20) : 0));
            }
            packet.put(key);
            while (packet.hasRemaining()) {
                packet.put((byte) ('0' + random.nextInt(10)));
            }
            out.writeBytes(packet.array());
        }
        return out.toByteArray();
    }

    private static String key(SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> "k".repeat(1 + random.nextInt(260));
            case 1 -> WORDS[random.nextInt(WORDS.length)];
            default -> "key" + random.nextInt(5);
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
