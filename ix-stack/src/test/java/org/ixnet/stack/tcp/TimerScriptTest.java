package org.ixnet.stack.tcp;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** Keepalive, idle restart, numbers that wrap: RFC 9293, 3.8.4; RFC 5681, 4.1. */
class TimerScriptTest {
    @Test
    void keepsAlive() {
        Script.run("""
                set keepAlive=true
                set keepIdle=10s
                set keepInterval=2s
                set keepCount=3
                passive plain
                +10s > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 1000
                +10s > . 0:0(0) ack 1
                +2s > . 0:0(0) ack 1
                +2s > . 0:0(0) ack 1
                +2s > R. 1:1(0) ack 1
                event dead TIMED_OUT
                """);
    }

    @Test
    void keepAliveIsOffByDefault() {
        Script.run("""
                passive plain
                +20000s silence
                state ESTABLISHED
                """);
    }

    /** RFC 9293, MUST-28: two hours, and not before. */
    @Test
    void keepAliveWaitsTwoHoursByDefault() {
        Script.run("""
                set keepAlive=true
                passive plain
                +7199s silence
                +1s > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 1000
                +7199s silence
                +1s > . 0:0(0) ack 1
                """);
    }

    @Test
    void keepAliveStartsWhenItIsTurnedOn() {
        Script.run("""
                passive plain
                +100s silence
                option keepIdle=5s
                option keepAlive=true
                +5s > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 1000
                option keepAlive=false
                +100s silence
                """);
    }

    @Test
    void answersThePeersKeepAlive() {
        Script.run("""
                passive plain
                < P. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                +10s < . 10:10(0) ack 1 win 1000
                > . 1:1(0) ack 11
                +10s < . 10:11(1) ack 1 win 1000
                > . 1:1(0) ack 11
                read 10
                """);
    }

    @Test
    void restartsFromTheInitialWindowAfterIdling() {
        Script.run("""
                passive plain
                write 20000
                drain
                < . 1:1(0) ack 10001 win 65535
                drain
                < . 1:1(0) ack 20001 win 65535
                cwnd 20000
                +10s write 12000
                cwnd 10000
                drain
                """);
    }

    @Test
    void sequenceNumbersWrap() {
        // ISN of the peer just below 2^32; data crosses it both in order and out of order.
        try (Script s = new Script(TcpConfig.DEFAULT, -1500, 10_000_000_000L)) {
            s.play("""
                    passive sack
                    < . 1:1001(1000) ack 1 win 512
                    > . 1:1(0) ack 1001
                    < . 2001:3001(1000) ack 1 win 512
                    > . 1:1(0) ack 1001 <sack 2001:3001>
                    < . 1001:2001(1000) ack 1 win 512
                    > . 1:1(0) ack 3001
                    read 3000
                    < F. 3001:3001(0) ack 1 win 512
                    > . 1:1(0) ack 3002
                    finished
                    """);
            s.finish();
        }
    }

    @Test
    void ownSequenceNumbersAndTimestampsWrap() {
        // The clocks of ISS (4 us) and timestamps (1 ms) turn over at 2^32 ticks; start a little before either.
        for (long start : new long[] {4_000L * 0xffff_ffffL - 2_000_000L, 1_000_000L * 0xffff_ffffL - 20_000_000L}) {
            for (long shift = 0; shift < 4; shift++) {
                try (Script s = new Script(TcpConfig.DEFAULT, 5, start + (shift << 42))) {
                    s.play("""
                            passive ts
                            write 3000
                            > . 1:1001(1000) ack 1
                            > . 1001:2001(1000) ack 1
                            > P. 2001:3001(1000) ack 1
                            +30ms < . 1:1(0) ack 1001 win 512 <nop,nop,TS 130 0>
                            +200ms > . 1001:2001(1000) ack 1
                            """.replace("+200ms > . 1001:2001(1000) ack 1\n", "")
                            + "< . 1:1(0) ack 3001 win 512 <nop,nop,TS 131 0>\nevent sent 2000\n");
                    s.finish();
                }
            }
        }
    }

    /** Only text counts as sending (RFC 5681, 4.1): an ACK between does not keep a window alive. */
    @Test
    void acksAreNoActivityOfTheSender() {
        Script.run("""
                passive plain
                write 30000
                drain
                < . 1:1(0) ack 10001 win 65535
                drain
                < . 1:1(0) ack 30001 win 65535
                cwnd 40000
                +10s < P. 1:11(10) ack 30001 win 65535
                > . 30001:30001(0) ack 11
                read 10
                write 1000
                cwnd 10000
                drain
                """);
    }

    @Test
    void whatCameSinceTheProbeCountsAsItsAnswer() {
        Script.run("""
                set keepAlive=true
                set keepIdle=5s
                set keepInterval=10s
                set keepCount=1
                passive plain
                +5s > . 0:0(0) ack 1
                +1s < P. 1:101(100) ack 1 win 1000
                > . 1:1(0) ack 101
                +9s > . 0:0(0) ack 101
                state ESTABLISHED
                """);
    }
}
