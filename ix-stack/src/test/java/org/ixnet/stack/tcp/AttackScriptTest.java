package org.ixnet.stack.tcp;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** RFC 5961, RFC 5927 and the attack checklist. */
class AttackScriptTest {
    @Test
    void blindResetInTheWindowIsChallenged() {
        Script.run("""
                passive plain
                < R 100:100(0) win 0
                > . 1:1(0) ack 1
                state ESTABLISHED
                < R 200:200(0) win 0
                silence
                +600ms < R 300:300(0) win 0
                > . 1:1(0) ack 1
                < R 100000:100000(0) win 0
                silence
                < R -1:-1(0) win 0
                silence
                < R 1:1(0) win 0
                event dead RESET_BY_PEER
                """);
    }

    /** RFC 9293, SHLD-2: it counts as a reset without; its text, which may say why, reaches nobody. */
    @Test
    void aResetMayCarryText() {
        Script.run("""
                passive plain
                < R 100:120(20) win 0
                > . 1:1(0) ack 1
                < R. 1:21(20) ack 1 win 0
                event dead RESET_BY_PEER
                noevent unread
                noevent readable
                conn 1
                passive plain
                < R 1:21(20) win 0
                event dead RESET_BY_PEER
                unlisten
                conn 2
                < R 5:25(20) win 0
                silence
                """);
    }

    @Test
    void blindSynIsChallenged() {
        Script.run("""
                passive plain
                < S 50:50(0) win 1000 <mss 1460>
                > . 1:1(0) ack 1
                +600ms < S 900000:900000(0) win 1000
                > . 1:1(0) ack 1
                +600ms < S 1:1(0) win 1000
                > . 1:1(0) ack 1
                state ESTABLISHED
                """);
    }

    @Test
    void acksOutsideOfWhatWasSentAreChallenged() {
        Script.run("""
                passive plain
                write 10
                > P. 1:11(10) ack 1
                < . 1:1(0) ack 12 win 1000
                > . 11:11(0) ack 1
                +600ms drain
                < P. 1:11(10) ack -70000 win 1000
                > . 11:11(0) ack 1
                < P. 1:11(10) ack 12 win 1000
                silence
                < P. 1:11(10) ack 11 win 1000
                > . 11:11(0) ack 11
                read 10
                """);
    }

    @Test
    void anAckLoopEnds() {
        Script.run("""
                passive plain
                < . 500000:500000(0) ack 1 win 1000
                > . 1:1(0) ack 1
                < . 500000:500000(0) ack 1 win 1000
                < . 500000:500000(0) ack 1 win 1000
                silence
                +501ms < . 500000:500000(0) ack 1 win 1000
                > . 1:1(0) ack 1
                """);
    }

    @Test
    void segmentsWithoutAckAreDropped() {
        Script.run("""
                passive plain
                < P 1:11(10) win 1000
                silence
                count DROPPED_NO_ACK 1
                """);
    }

    @Test
    void badChecksumsChangeNothing() {
        Script.run("""
                passive plain
                < P. 1:11(10) ack 1 win 1000 badsum
                silence
                < R 1:1(0) win 0 badsum
                state ESTABLISHED
                count DROPPED_CHECKSUM 2
                """);
    }

    @Test
    void aWrongQuoteInIcmpChangesNothing() {
        Script.run("""
                passive plain
                icmp 3 3 0 99
                count DROPPED_ICMP 1
                state ESTABLISHED
                """);
    }

    @Test
    void aSynFloodIsAnsweredByCookies() {
        StringBuilder script = new StringBuilder("listen 1\n");
        for (int i = 1; i <= 20; i++) {
            script.append("conn ").append(i).append("\n< S 0:0(0) win 1000 <mss 1000>\n> S. 0:0(0) ack 1\n");
        }
        script.append("""
                requests 9
                count SYN_COOKIES_SENT 11
                # a cookie comes back: a connection
                conn 15
                < . 1:1(0) ack 1 win 65535
                accept
                count SYN_COOKIES_ACCEPTED 1
                write 2000
                > . 1:537(536) ack 1
                > . 537:1073(536) ack 1
                drain
                # a forged one does not
                conn 16
                < . 1:1(0) ack 2 win 1000
                > R 2:2(0)
                < . 2:2(0) ack 1 win 1000
                > R 1:1(0)
                """);
        Script.run(script.toString());
    }

    @Test
    void cookiesCarryTheOptionsInTimestamps() {
        StringBuilder script = new StringBuilder("listen 1\n");
        for (int i = 1; i <= 9; i++) {
            script.append("conn ").append(i).append("\n< S 0:0(0) win 1000 <mss 1000>\n> S. 0:0(0) ack 1\n");
        }
        script.append("""
                conn 30
                < S 0:0(0) win 1000 <mss 1460,sackOK,TS 700 0,nop,wscale 3>
                > S. 0:0(0) ack 1 <mss 1460,sackOK,TS 0 700,wscale 7>
                +70ms < . 1:1(0) ack 1 win 500 <nop,nop,TS 770 4294967296>
                """);
        // 2^32 echoes the host's first timestamp: 0 would be no echo.
        Script.run(script + """
                accept
                < . 101:201(100) ack 1 win 500 <nop,nop,TS 771 4294967296>
                > . 1:1(0) ack 1 <TS * 770,sack 101:201>
                write 3000
                > . 1:1437(1436) ack 1
                > . 1437:2873(1436) ack 1
                > P. 2873:3001(128) ack 1
                """);
    }

    @Test
    void everyOtherByteIsBounded() {
        StringBuilder script = new StringBuilder("passive plain\n");
        for (int i = 0; i < 600; i++) {
            int at = 2 + 2 * i;
            script.append("& < . " + at + ":" + (at + 1) + "(1) ack 1 win 1000\n");
            if (i % 50 == 49) {
                script.append("drain\n");
            }
        }
        script.append("drain\n");
        try (Script s = new Script()) {
            s.play(script.toString());
            int held = s.host.tcp.reassemblyMbufs();
            if (held > ReassemblyQueue.MAX_BLOCKS) {
                throw new AssertionError(held + " mbufs held");
            }
            s.play("""
                    < . 1:3(2) ack 1 win 1000
                    > . 1:1(0) ack 3
                    """);
            s.finish();
        }
    }

    @Test
    void crowdedTimeWaitLetsTheOldestGo() {
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            script.append("conn " + i + "\npassive plain\nclose\n> F. 1:1(0) ack 1\n< F. 1:1(0) ack 2 win 1000\n"
                    + "> . 2:2(0) ack 2\n");
        }
        try (Script s = new Script(TcpConfig.DEFAULT.withLimits(10, 4, 10), 1_000_000, 10_000_000_000L)) {
            s.play(script.toString()).play("timewaits 4\ncount TIME_WAITS_RECYCLED 2");
            s.finish();
        }
    }

    @Test
    void tooManyOrphansAreReset() {
        try (Script s = new Script(TcpConfig.DEFAULT.withLimits(1, 4, 10), 1_000_000, 10_000_000_000L)) {
            s.play("""
                    passive plain
                    close
                    > F. 1:1(0) ack 1
                    conn 1
                    passive plain
                    close
                    > R. 1:1(0) ack 1
                    event dead NO_RESOURCES
                    """);
            s.finish();
        }
    }

    /** TS.Recent may only come from a segment whose ACK fits: else one guess within the window stops the peer by PAWS. */
    @Test
    void timestampsAreNotSetBlindly() {
        Script.run("""
                passive ts
                < R 0:0(0) win 0 <nop,nop,TS 900000 0>
                drain
                < . 1:1(0) ack 100000 win 512 <nop,nop,TS 900000 0>
                +600ms drain
                < S 1:1(0) win 512 <nop,nop,TS 900000 0>
                +600ms drain
                < P. 1:11(10) ack 1 win 512 <nop,nop,TS 200 0>
                > . 1:1(0) ack 11 <TS 1200 200>
                count DROPPED_PAWS 0
                read 10
                """);
    }

    @Test
    void aFinBelowTheWindowIsNotTheEnd() {
        Script.run("""
                passive plain
                < P. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                < F. 5:10(5) ack 1 win 1000
                drain
                < F. 10:10(0) ack 1 win 1000
                drain
                state ESTABLISHED
                read 10
                < P. 11:21(10) ack 1 win 1000
                > . 1:1(0) ack 21
                read 10
                < F. 21:21(0) ack 1 win 1000
                > . 1:1(0) ack 22
                state CLOSE_WAIT
                """);
    }
}
