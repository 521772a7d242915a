package org.ixnet.stack.tcp;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** Text both ways: Nagle, cork, delayed ACKs, PSH, reassembly, options on each segment (RFC 9293, 3.7.4, 3.8.6.3, 3.10.7.4). */
class DataScriptTest {
    @Test
    void nagleHoldsASecondSmallSegment() {
        Script.run("""
                passive plain
                write 10
                > P. 1:11(10) ack 1
                write 10
                write 10
                silence
                < . 1:1(0) ack 11 win 1000
                > P. 11:31(20) ack 1
                """);
    }

    @Test
    void nagleLetsFullSegmentsAndOneSmallOnePass() {
        Script.run("""
                passive plain
                write 2500
                > . 1:1001(1000) ack 1
                > . 1001:2001(1000) ack 1
                > P. 2001:2501(500) ack 1
                write 700
                silence
                write 300
                > P. 2501:3501(1000) ack 1
                """);
    }

    @Test
    void noDelaySendsAtOnce() {
        Script.run("""
                set noDelay=true
                passive plain
                write 10
                > P. 1:11(10) ack 1
                write 10
                > P. 11:21(10) ack 1
                """);
    }

    @Test
    void turningNoDelayOnReleasesWhatNagleHolds() {
        Script.run("""
                passive plain
                write 10
                > P. 1:11(10) ack 1
                write 10
                silence
                option noDelay=true
                > P. 11:21(10) ack 1
                """);
    }

    @Test
    void corkSendsFullSegmentsOnlyAndTheRestAfter200Ms() {
        Script.run("""
                set cork=true
                passive plain
                write 1500
                > . 1:1001(1000) ack 1
                < . 1:1(0) ack 1001 win 65535
                silence
                write 600
                > . 1001:2001(1000) ack 1
                < . 1:1(0) ack 2001 win 65535
                +200ms > P. 2001:2101(100) ack 1
                """);
    }

    @Test
    void uncorkingSends() {
        Script.run("""
                set cork=true
                passive plain
                write 100
                silence
                option cork=false
                > P. 1:101(100) ack 1
                """);
    }

    @Test
    void gathersSmallWritesOfOneCycleIntoOneSegment() {
        Script.run("""
                passive plain
                & write 10
                & write 20
                & write 30
                write 40
                > P. 1:101(100) ack 1
                """);
    }

    @Test
    void acknowledgesAtOnceInTheBeginningThenWithDelay() {
        Script.run("""
                passive plain
                < P. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                read 10
                write 5
                > P. 1:6(5) ack 11
                +1ms < P. 11:21(10) ack 6 win 1000
                > . 6:6(0) ack 21
                # an answer in the cycle of the question makes it interactive
                & < P. 21:31(10) ack 6 win 1000
                write 5
                > P. 6:11(5) ack 31
                +1ms < P. 31:41(10) ack 11 win 1000
                silence
                +40ms > . 11:11(0) ack 41
                """);
    }

    @Test
    void textThatComesSeldomIsAcknowledgedAtOnceOnceADelayWasInVain() {
        StringBuilder script = new StringBuilder("passive plain\n");
        int next = 1;
        for (int i = 0; i < 17; i++) { // more than are acknowledged at once in the beginning
            script.append("+1ms < P. " + next + ":" + (next + 10) + "(10) ack 1 win 1000\n");
            next += 10;
            script.append(i < 16 ? "> . 1:1(0) ack " + next + "\n" : "silence\n");
        }
        script.append("""
                +40ms > . 1:1(0) ack 171
                +1s < P. 171:181(10) ack 1 win 1000
                > . 1:1(0) ack 181
                # no longer seldom
                +39ms < P. 181:191(10) ack 1 win 1000
                silence
                +40ms > . 1:1(0) ack 191
                # seldom, but the user always answers
                & < P. 191:201(10) ack 1 win 1000
                write 5
                > P. 1:6(5) ack 201
                < . 201:201(0) ack 6 win 1000
                +1s < P. 201:211(10) ack 6 win 1000
                silence
                +40ms > . 6:6(0) ack 211
                """);
        Script.run(script.toString());
    }

    @Test
    void anAckThatEndsAFlightStopsTheTimerWhereTextComesSeldom() {
        Script.run("""
                passive plain
                & < P. 1:11(10) ack 1 win 1000
                write 5
                > P. 1:6(5) ack 11
                +10ms & < P. 11:21(10) ack 6 win 1000
                write 5
                > P. 6:11(5) ack 21
                +1ms < . 21:21(0) ack 11 win 1000
                timer armed
                +1s & < P. 21:31(10) ack 11 win 1000
                write 5
                > P. 11:16(5) ack 31
                timer armed
                +1ms < . 31:31(0) ack 16 win 1000
                timer off
                # it is started anew, and retransmits
                +1s write 5
                > P. 16:21(5) ack 31
                timer armed
                +201ms > P. 16:21(5) ack 31
                < . 31:31(0) ack 21 win 1000
                """);
    }

    @Test
    void theKeepAliveTimerStaysWhenAFlightEnds() {
        Script.run("""
                set keepAlive=true
                set keepIdle=10s
                passive plain
                +1s & < P. 1:11(10) ack 1 win 1000
                write 5
                > P. 1:6(5) ack 11
                < . 11:11(0) ack 6 win 1000
                timer armed
                +14s > . 5:5(0) ack 11
                < . 11:11(0) ack 6 win 1000
                """);
    }

    @Test
    void acknowledgesEverySecondFullSegment() {
        Script.run("""
                passive plain
                & < P. 1:11(10) ack 1 win 1000
                write 5
                > P. 1:6(5) ack 11
                < . 11:1011(1000) ack 6 win 1000
                silence
                < . 1011:2011(1000) ack 6 win 1000
                > . 6:6(0) ack 2011
                < . 2011:3011(1000) ack 6 win 1000
                +40ms > . 6:6(0) ack 3011
                """);
    }

    @Test
    void quickAckOptionAcknowledgesEach() {
        Script.run("""
                set quickAck=true
                passive plain
                & < P. 1:11(10) ack 1 win 1000
                write 5
                > P. 1:6(5) ack 11
                < P. 11:21(10) ack 6 win 1000
                > . 6:6(0) ack 21
                < P. 21:31(10) ack 6 win 1000
                > . 6:6(0) ack 31
                """);
    }

    @Test
    void oneAckForABatch() {
        Script.run("""
                passive plain
                & < . 1:1001(1000) ack 1 win 1000
                & < . 1001:2001(1000) ack 1 win 1000
                & < . 2001:3001(1000) ack 1 win 1000
                < P. 3001:3011(10) ack 1 win 1000
                > . 1:1(0) ack 3011
                read 3010
                """);
    }

    @Test
    void reassemblesAndReportsTheLatestBlockFirst() {
        Script.run("""
                passive sack
                < . 1001:2001(1000) ack 1 win 512
                > . 1:1(0) ack 1 <sack 1001:2001>
                < . 3001:4001(1000) ack 1 win 512
                > . 1:1(0) ack 1 <sack 3001:4001 1001:2001>
                < . 5001:6001(1000) ack 1 win 512
                > . 1:1(0) ack 1 <sack 5001:6001 3001:4001 1001:2001>
                < . 2001:3001(1000) ack 1 win 512
                > . 1:1(0) ack 1 <sack 1001:4001 5001:6001>
                < . 1:1001(1000) ack 1 win 512
                > . 1:1(0) ack 4001 <sack 5001:6001>
                read 4000
                < . 4001:5001(1000) ack 1 win 512
                > . 1:1(0) ack 6001 <>
                read 2000
                """);
    }

    @Test
    void reassemblesOverlaps() {
        Script.run("""
                passive plain
                < . 501:1501(1000) ack 1 win 1000
                > . 1:1(0) ack 1
                < . 1001:2001(1000) ack 1 win 1000
                > . 1:1(0) ack 1
                < . 301:1701(1400) ack 1 win 1000
                > . 1:1(0) ack 1
                < . 1801:2601(800) ack 1 win 1000
                > . 1:1(0) ack 1
                < . 601:701(100) ack 1 win 1000
                > . 1:1(0) ack 1
                < . 1:401(400) ack 1 win 1000
                > . 1:1(0) ack 2601
                read 2600
                """);
    }

    @Test
    void duplicatesAreReportedByDsack() {
        Script.run("""
                passive sack
                < . 1:1001(1000) ack 1 win 512
                > . 1:1(0) ack 1001 <>
                < . 1:1001(1000) ack 1 win 512
                > . 1:1(0) ack 1001 <sack 1:1001>
                < . 501:1501(1000) ack 1 win 512
                > . 1:1(0) ack 1501 <sack 501:1001>
                < . 2001:3001(1000) ack 1 win 512
                > . 1:1(0) ack 1501 <sack 2001:3001>
                < . 2001:3001(1000) ack 1 win 512
                > . 1:1(0) ack 1501 <sack 2001:3001 2001:3001>
                read 1500
                """);
    }

    @Test
    void smallSegmentsShareAnMbuf() {
        Script.run("""
                passive plain
                & < P. 1:11(10) ack 1 win 1000
                & < P. 11:21(10) ack 1 win 1000
                & < P. 21:31(10) ack 1 win 1000
                < P. 31:41(10) ack 1 win 1000
                > . 1:1(0) ack 41
                count COALESCED_SEGMENTS 3
                read 40
                """);
    }

    @Test
    void sendBufferLimitsAndTellsOfSpace() {
        Script.run("""
                set sendBuffer=1500
                passive plain
                write 2000 = 1500
                > . 1:1001(1000) ack 1
                > P. 1001:1501(500) ack 1
                write 10 = 0
                < . 1:1(0) ack 1001 win 65535
                event sent 1000
                write 2000 = 1000
                > P. 1501:2501(1000) ack 1
                """);
    }

    @Test
    void notSentLowWaterTellsOfSpaceWhenDataLeaves() {
        Script.run("""
                set notSentLowWater=1000
                passive plain
                & write 3000 = 1000
                silence
                event sent 0
                > P. 1:1001(1000) ack 1
                write 1000
                > P. 1001:2001(1000) ack 1
                """);
    }

    @Test
    void timestampsEchoWhatRfc7323Says() {
        Script.run("""
                passive ts
                +10ms < P. 1:11(10) ack 1 win 512 <nop,nop,TS 110 0>
                > . 1:1(0) ack 11 <TS 10 110>
                # a gap: the echo stays that of the last in-order segment
                +10ms < P. 21:31(10) ack 1 win 512 <nop,nop,TS 130 0>
                > . 1:1(0) ack 11 <TS 20 110,sack 21:31>
                +10ms < P. 11:21(10) ack 1 win 512 <nop,nop,TS 120 0>
                > . 1:1(0) ack 31 <TS 30 120>
                read 30
                """);
    }

    @Test
    void pawsRefusesOldTimestamps() {
        Script.run("""
                passive ts
                +10ms < P. 1:11(10) ack 1 win 512 <nop,nop,TS 200 0>
                > . 1:1(0) ack 11 <TS 10 200>
                < P. 11:21(10) ack 1 win 512 <nop,nop,TS 199 0>
                > . 1:1(0) ack 11
                count DROPPED_PAWS 1
                < P. 11:21(10) ack 1 win 512 <nop,nop,TS 200 0>
                > . 1:1(0) ack 21
                read 20
                # after 24 days an old timestamp means nothing
                +2100000s < P. 21:31(10) ack 1 win 512 <nop,nop,TS 5 0>
                > . 1:1(0) ack 31 <TS * 5>
                read 10
                """);
    }

    @Test
    void urgentDataComesInLine() {
        Script.run("""
                passive plain
                < UP. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                read 10
                """);
    }

    /** RFC 9293, MUST-48, SHLD-21: from the SYN on, changed on the way; RFC 3168, 6.1.1: ECN's bits are not the user's. */
    @Test
    void theTrafficClassIsTheUsersButForItsEcnBits() {
        Script.run("""
                set tos=0xbb
                passive plain
                tos 0xb8
                write 10
                > P. 1:11(10) ack 1
                tos 0xb8
                option tos=0x29
                write 10
                < . 1:11(10) ack 11 win 1000
                > P. 11:21(10) ack 11
                tos 0x28
                +200ms > P. 11:21(10) ack 11
                tos 0x28
                < . 11:21(10) ack 21 win 1000
                +40ms > . 21:21(0) ack 21
                tos 0x28
                read 20
                abort
                > R. 21:21(0) ack 21
                tos 0x28
                conn 1
                connect
                > S 0:0(0) ack 0
                tos 0xb8
                < S. 0:0(0) ack 1 win 1000 <mss 1000>
                > . 1:1(0) ack 1
                tos 0xb8
                # in TIME-WAIT, and of a half-open connection
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                tos 0xb8
                timewaits 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                tos 0xb8
                conn 2
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                < S 5:5(0) win 1000 <mss 1000>
                > . 1:1(0) ack 1
                tos 0xb8
                """);
    }

    /** A block that finds no room is dropped: to report it would keep the peer from sending it again. */
    @Test
    void textThatFindsNoRoomIsNotReported() {
        try (Script s = new Script()) {
            s.play("passive sack");
            for (int i = 0; i < ReassemblyQueue.MAX_BLOCKS; i++) {
                s.play("< . " + (10 + 10 * i) + ":" + (15 + 10 * i) + "(5) ack 1 win 512");
            }
            s.play("""
                    drain
                    < . 10000:10005(5) ack 1 win 512
                    > . 1:1(0) ack 1 <sack 2560:2565 2550:2555 2540:2545 2530:2535>
                    count DROPPED_REASSEMBLY_FULL 1
                    count DROPPED_DUPLICATE 0
                    < . 2560:2565(5) ack 1 win 512
                    > . 1:1(0) ack 1 <sack 2560:2565 2560:2565 2550:2555 2540:2545>
                    count DROPPED_DUPLICATE 1
                    """);
            s.finish();
        }
    }

    @Test
    void whatTheWindowKeepsBackFromAnExpiredCorkIsProbedFor() {
        Script.run("""
                passive plain
                < . 1:1(0) ack 1 win 1100
                option cork=true
                write 1000
                > P. 1:1001(1000) ack 1
                write 50
                < . 1:1(0) ack 1001 win 100
                write 500
                +0.3s silence
                timer armed
                +0.1s > . 1001:1101(100) ack 1
                """);
    }
}
