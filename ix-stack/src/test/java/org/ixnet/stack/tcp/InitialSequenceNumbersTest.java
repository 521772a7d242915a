package org.ixnet.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.ixnet.stack.tcp.script.Script;
import org.ixnet.stack.util.KeyedHash;
import org.junit.jupiter.api.Test;

/** RFC 9293, 3.4.1, and RFC 6528. */
class InitialSequenceNumbersTest {
    private static final long LOCAL = 0x0a000001;
    private static final long REMOTE = 0x0a000002;

    private final InitialSequenceNumbers numbers = new InitialSequenceNumbers(new KeyedHash(1, 2));

    private int iss(int localPort, int remotePort, long nowNanos) {
        return numbers.iss(0, LOCAL, localPort, 0, REMOTE, remotePort, nowNanos);
    }

    /** MUST-8: one every 4 microseconds; the space is gone through in 4.77 hours. */
    @Test
    void followAClockOfFourMicroseconds() {
        int first = iss(4711, 80, 0);
        assertThat(iss(4711, 80, 3_999) - first).isZero();
        assertThat(iss(4711, 80, 4_000) - first).isEqualTo(1);
        assertThat(iss(4711, 80, 1_000_000_000L) - first).isEqualTo(250_000);
        long cycleNanos = (1L << 32) * 4_000;
        assertThat(iss(4711, 80, cycleNanos - 4_000) - first).isEqualTo(-1);
        assertThat(iss(4711, 80, cycleNanos) - first).isZero();
    }

    /** SHLD-1: each part of the 4-tuple counts, and none of the differences is that of the ports. */
    @Test
    void differByTheFourTuple() {
        Set<Integer> seen = new HashSet<>();
        Set<Integer> distances = new HashSet<>();
        int before = iss(1, 80, 0);
        seen.add(before);
        for (int port = 2; port <= 1_000; port++) {
            int next = iss(port, 80, 0);
            seen.add(next);
            distances.add(next - before);
            before = next;
        }
        assertThat(seen).hasSize(1_000);
        assertThat(distances).hasSize(999);
        int base = iss(4711, 80, 0);
        assertThat(iss(80, 4711, 0)).isNotEqualTo(base);
        assertThat(iss(4711, 81, 0)).isNotEqualTo(base);
        assertThat(numbers.iss(0, LOCAL + 1, 4711, 0, REMOTE, 80, 0)).isNotEqualTo(base);
        assertThat(numbers.iss(0, LOCAL, 4711, 0, REMOTE + 1, 80, 0)).isNotEqualTo(base);
        assertThat(numbers.iss(1, LOCAL, 4711, 0, REMOTE, 80, 0)).isNotEqualTo(base);
        assertThat(numbers.iss(0, LOCAL, 4711, 1, REMOTE, 80, 0)).isNotEqualTo(base);
    }

    /** MUST-9: without the key nobody knows them, nor how far two lie apart. */
    @Test
    void dependOnTheKey() {
        InitialSequenceNumbers others = new InitialSequenceNumbers(new KeyedHash(1, 3));
        int a = others.iss(0, LOCAL, 4711, 0, REMOTE, 80, 0);
        int b = others.iss(0, LOCAL, 4712, 0, REMOTE, 80, 0);
        assertThat(a).isNotEqualTo(iss(4711, 80, 0));
        assertThat(b - a).isNotEqualTo(iss(4712, 80, 0) - iss(4711, 80, 0));
    }

    /** RFC 7323, 7.1: a secret of the pair of hosts, which tells nothing of the sequence numbers. */
    @Test
    void timestampOffsetsAreAnotherSecret() {
        int offset = numbers.timestampOffset(0, LOCAL, 0, REMOTE);
        assertThat(numbers.timestampOffset(0, LOCAL, 0, REMOTE + 1)).isNotEqualTo(offset);
        assertThat(iss(0, 0, 0)).isNotEqualTo(offset);
        assertThat(new InitialSequenceNumbers(new KeyedHash(1, 3)).timestampOffset(0, LOCAL, 0, REMOTE))
                .isNotEqualTo(offset);
    }

    /** What the layer takes them for: both kinds of open, each incarnation above the one before. */
    @Test
    void theNextIncarnationOfAConnectionStartsHigher() {
        try (Script s = new Script()) {
            s.play("""
                    connect 5000
                    > S 0:0(0) ack 0
                    < R. 0:0(0) ack 1 win 0
                    event dead REFUSED
                    """);
            int first = s.tcb().iss;
            s.play("""
                    +1s connect 5000
                    > S 250000:250000(0) ack 0
                    < R. 0:0(0) ack 250001 win 0
                    event dead REFUSED
                    conn 1
                    passive plain
                    < R 1:1(0) win 0
                    event dead RESET_BY_PEER
                    +8us < S 0:0(0) win 1000 <mss 1000>
                    > S. 2:2(0) ack 1
                    """);
            assertThat(s.tcb().iss).as("another 4-tuple").isNotEqualTo(first);
            s.finish();
        }
    }
}
