package org.ixnet.stack.tcp;

import org.ixnet.stack.tcp.script.Script;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Segments of any flags, numbers around the edges and broken options reach a connection in any state, between random user
 * calls. The assertions of the stack must hold, it must come to rest after each, and no mbuf may be lost.
 */
class FuzzTest {
    private static final String[] FLAGS = {
        ".", "P.", "F.", "FP.", "S", "S.", "R", "R.", "FS", "U.", "SR.", "P", "F", "EC."
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void survivesAnything(long part) {
        for (long seed = part * 100; seed < part * 100 + Integer.getInteger("tcp.fuzz.seeds", 12); seed++) {
            RandomSource random = new RandomSource(seed);
            try (Script script =
                    new Script(TcpConfig.DEFAULT, random.nextInt(), 1_000_000_000L + random.nextLong(1L << 50))) {
                script.play("set receiveBuffer=" + (1_000 + random.nextInt(200_000)));
                script.play("set keepAlive=" + random.chance(0.3));
                script.play(random.chance(0.5) ? "passive " + kind(random) : "active " + kind(random));
                for (int i = 0; i < 150; i++) {
                    script.play(line(random, script.tcb()));
                }
                script.play("+1ms drain");
                script.finish();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static String kind(RandomSource random) {
        return new String[] {"plain", "sack", "ts"}[random.nextInt(3)];
    }

    private static String line(RandomSource random, Tcb tcb) {
        String time = random.chance(0.1) ? "+" + random.nextInt(400) + "ms " : "";
        if (random.chance(0.03)) {
            time = "+" + random.nextInt(100) + "s ";
        }
        int choice = random.nextInt(100);
        if (choice < 8) {
            return time + "offer " + (1 + random.nextInt(2_000));
        }
        if (choice == 8) {
            return time + "shutdown";
        }
        if (choice == 9 && random.chance(0.3)) {
            return time + "close";
        }
        if (choice == 10 && random.chance(0.3)) {
            return time + "icmp 3 4 " + random.nextInt(1_500) + " " + random.nextInt(3_000);
        }
        if (choice == 11 && random.chance(0.1)) {
            return time + "abort";
        }
        // Numbers that are right, or near an edge of what the connection expects, or anything.
        long sequence = tcb.rcvNxt - tcb.irs + near(random, tcb.rcvWnd());
        long ack = tcb.sndNxt - tcb.iss + near(random, -tcb.flightBytes());
        int length = random.chance(0.5) ? 0 : random.nextInt(1_200);
        String flags = random.chance(0.6) ? "." : FLAGS[random.nextInt(FLAGS.length)];
        String options = "";
        if (random.chance(0.5)) {
            options = " <nop,nop,TS " + (100 + random.nextInt(2_000)) + " " + (random.nextInt(100)) + ">";
        } else if (random.chance(0.3)) {
            long left = ack + random.nextInt(3_000);
            options =
                    " <nop,nop,sack " + left + ":" + (left + random.nextInt(3_000)) + " " + ack + ":" + (ack - 5) + ">";
        } else if (random.chance(0.2)) {
            options = " <raw " + String.format("%08x", random.nextInt()) + ">";
        }
        return time + (random.chance(0.3) ? "& " : "") + "< " + flags + " " + sequence + ":" + (sequence + length) + "("
                + length + ") ack " + ack + " win " + random.nextInt(65_536) + options;
    }

    private static long near(RandomSource random, int edge) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt(21) - 10;
            case 1 -> edge + random.nextInt(21) - 10;
            case 2 -> random.nextInt();
            case 3 -> random.nextInt(5_000) - 2_500;
            default -> 0;
        };
    }
}
