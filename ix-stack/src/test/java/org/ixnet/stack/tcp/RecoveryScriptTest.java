package org.ixnet.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** Retransmission and loss recovery: RFC 6298, 5681, 6582, 6675, 3042, 6937; RFC 1191. */
class RecoveryScriptTest {
    @Test
    void startsWithTenSegments() {
        Script.run("""
                passive plain
                write 20000
                > . 1:1001(1000) ack 1
                > . 1001:2001(1000) ack 1
                > . 2001:3001(1000) ack 1
                > . 3001:4001(1000) ack 1
                > . 4001:5001(1000) ack 1
                > . 5001:6001(1000) ack 1
                > . 6001:7001(1000) ack 1
                > . 7001:8001(1000) ack 1
                > . 8001:9001(1000) ack 1
                > . 9001:10001(1000) ack 1
                cwnd 10000
                < . 1:1(0) ack 2001 win 65535
                cwnd 12000
                > . 10001:11001(1000) ack 1
                > . 11001:12001(1000) ack 1
                > . 12001:13001(1000) ack 1
                > . 13001:14001(1000) ack 1
                """);
    }

    @Test
    void timesOutAndBacksOff() {
        Script.run("""
                passive plain
                write 100
                > P. 1:101(100) ack 1
                +200ms > P. 1:101(100) ack 1
                +400ms > P. 1:101(100) ack 1
                +800ms > P. 1:101(100) ack 1
                cwnd 1000
                < . 1:1(0) ack 101 win 65535
                event sent 100
                # Karn: the ACK of what was sent again is no sample, so the backing off stays
                write 100
                > P. 101:201(100) ack 1
                < . 1:1(0) ack 201 win 65535
                write 100
                > P. 201:301(100) ack 1
                +200ms > P. 201:301(100) ack 1
                +400ms > P. 201:301(100) ack 1
                < . 1:1(0) ack 301 win 65535
                write 100
                > P. 301:401(100) ack 1
                +799ms silence
                +1ms > P. 301:401(100) ack 1
                """);
    }

    /** RFC 6298, 5.7: Karn leaves no sample of a handshake that lost its SYN, so the RTO starts from 3 s. */
    @Test
    void aLostSynWithoutASampleMakesTheTimeoutThreeSeconds() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                +1s > S 0:0(0) ack 0
                < S. 0:0(0) ack 1 win 65535 <mss 1000>
                > . 1:1(0) ack 1
                write 100
                > P. 1:101(100) ack 1
                +2998ms silence
                +2ms > P. 1:101(100) ack 1
                +6s > P. 1:101(100) ack 1
                < . 1:1(0) ack 101 win 65535
                conn 1
                listen
                < S 0:0(0) win 65535 <mss 1000>
                > S. 0:0(0) ack 1
                +1s > S. 0:0(0) ack 1
                < . 1:1(0) ack 1 win 65535
                accept
                write 100
                > P. 1:101(100) ack 1
                +2998ms silence
                +2ms > P. 1:101(100) ack 1
                """);
    }

    /** As Linux: the sample that timestamps give of such a handshake is better than the 3 s. */
    @Test
    void timestampsGiveASampleOfAHandshakeThatLostItsSyn() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                +1s > S 0:0(0) ack 0
                +50ms < S. 0:0(0) ack 1 win 65535 <mss 1012,sackOK,TS 100 1000,nop,wscale 7>
                > . 1:1(0) ack 1
                cwnd 1000
                write 100
                > P. 1:101(100) ack 1
                # SRTT 50 ms, and the floor of 200 ms
                +248ms silence
                +2ms > P. 1:101(100) ack 1
                """);
    }

    @Test
    void measuresTheRoundTrip() {
        Script.run("""
                passive plain
                write 100
                > P. 1:101(100) ack 1
                +100ms < . 1:1(0) ack 101 win 65535
                write 100
                > P. 101:201(100) ack 1
                # SRTT 12.5 ms, RTTVAR 25 ms: the floor of 200 ms is put under the variance
                +212500us > P. 101:201(100) ack 1
                """);
    }

    @Test
    void givesUpAfterFifteenTimeouts() {
        Script.run("""
                passive plain
                write 100
                +900s noevent dead
                +100s event dead TIMED_OUT
                count RETRANSMITTED_SEGMENTS 15
                drain
                """);
    }

    @Test
    void userTimeoutEndsEarlier() {
        Script.run("""
                set userTimeout=1s
                passive plain
                write 100
                > P. 1:101(100) ack 1
                +200ms > P. 1:101(100) ack 1
                +400ms > P. 1:101(100) ack 1
                +399ms noevent dead
                +2ms event dead TIMED_OUT
                """);
    }

    @Test
    void fastRetransmitAfterThreeDuplicates() {
        Script.run("""
                passive plain
                write 10000
                drain
                < . 1:1(0) ack 1 win 65535
                < . 1:1(0) ack 1 win 65535
                silence
                < . 1:1(0) ack 1 win 65535
                > . 1:1001(1000) ack 1
                < . 1:1(0) ack 1 win 65535
                < . 1:1(0) ack 10001 win 65535
                event sent 10000
                cwnd 7000
                """);
    }

    /**
     * RFC 6937, 3: 22 segments were in flight, 14 may be, so while pipe is larger 14 leave for 22 delivered. Once it has come
     * down to ssthresh it stays there, one for one.
     */
    @Test
    void recoveryReleasesInProportionToWhatIsDelivered() {
        try (Script s = new Script()) {
            s.play("""
                    passive sack
                    write 60000
                    drain
                    < . 1:1(0) ack 10001 win 512
                    cwnd 20000
                    drain
                    """);
            // Limited transmit; the third duplicate sends the lost segment; ceil(delivered * 14 / 22) - sent; pipe is
            // 14.
            String releases = "11" + "R" + "00110110" + "0" + "1111";
            int next = 30_001;
            for (int i = 0; i < releases.length(); i++) {
                s.play("< . 1:1(0) ack 10001 win 512 <nop,nop,sack 11001:" + (12_001 + 1_000 * i) + ">");
                switch (releases.charAt(i)) {
                    case 'R' -> s.play("> . 10001:11001(1000) ack 1");
                    case '1' -> {
                        s.play("> . " + next + ":" + (next + 1_000) + "(1000) ack 1");
                        next += 1_000;
                    }
                    default -> s.play("silence");
                }
                s.play("silence");
            }
            s.play("< . 1:1(0) ack 30001 win 512");
            s.play("drain");
            s.play("< . 1:1(0) ack " + next + " win 512");
            s.play("cwnd 14000");
            s.play("drain");
            s.finish();
        }
    }

    /** RFC 6937, PRR-SSRB: below ssthresh what was delivered leaves, and one segment more for each ACK. */
    @Test
    void recoveryOfAHeavyLossGrowsByOneSegmentForEachAck() {
        try (Script s = new Script()) {
            s.play("""
                    passive sack
                    write 60000
                    drain
                    < . 1:1(0) ack 10001 win 512
                    drain
                    # half of it is lost: ten were delivered, so eleven leave although 14 would fit
                    < . 1:1(0) ack 10001 win 512 <nop,nop,sack 20001:30001>
                    """);
            for (int i = 0; i < 10; i++) {
                s.play("> . " + (10_001 + 1_000 * i) + ":" + (11_001 + 1_000 * i) + "(1000) ack 1");
            }
            s.play("""
                    > . 30001:31001(1000) ack 1
                    silence
                    < . 1:1(0) ack 11001 win 512 <nop,nop,sack 20001:30001>
                    > . 31001:32001(1000) ack 1
                    > . 32001:33001(1000) ack 1
                    silence
                    < . 1:1(0) ack 12001 win 512 <nop,nop,sack 20001:30001>
                    > . 33001:34001(1000) ack 1
                    > . 34001:35001(1000) ack 1
                    silence
                    # that is ssthresh: then one for one
                    < . 1:1(0) ack 13001 win 512 <nop,nop,sack 20001:30001>
                    > . 35001:36001(1000) ack 1
                    > . 36001:37001(1000) ack 1
                    silence
                    """);
            s.finish();
        }
    }

    @Test
    void limitedTransmitSendsNewDataOnDuplicates() {
        Script.run("""
                passive plain
                write 15000
                drain
                < . 1:1(0) ack 1 win 65535
                > . 10001:11001(1000) ack 1
                < . 1:1(0) ack 1 win 65535
                > . 11001:12001(1000) ack 1
                < . 1:1(0) ack 1 win 65535
                > . 1:1001(1000) ack 1
                """);
    }

    @Test
    void newRenoRetransmitsOnPartialAcks() {
        Script.run("""
                passive plain
                write 10000
                drain
                < . 1:1(0) ack 1 win 65535
                < . 1:1(0) ack 1 win 65535
                < . 1:1(0) ack 1 win 65535
                > . 1:1001(1000) ack 1
                < . 1:1(0) ack 3001 win 65535
                > . 3001:4001(1000) ack 1
                < . 1:1(0) ack 5001 win 65535
                > . 5001:6001(1000) ack 1
                < . 1:1(0) ack 10001 win 65535
                cwnd 7000
                count FAST_RECOVERIES 1
                """);
    }

    @Test
    void sackRetransmitsTheHolesOnly() {
        Script.run("""
                passive sack
                write 10000
                drain
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 1001:2001>
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 1001:2001 3001:4001>
                silence
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 1001:2001 3001:5001>
                > . 1:1001(1000) ack 1
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 1001:2001 3001:6001>
                > . 2001:3001(1000) ack 1
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 1001:2001 3001:10001>
                < . 1:1(0) ack 2001 win 512 <nop,nop,sack 3001:10001>
                < . 1:1(0) ack 10001 win 512
                cwnd 7000
                count RETRANSMITTED_SEGMENTS 2
                """);
    }

    @Test
    void sackIgnoresForgedBlocks() {
        Script.run("""
                passive sack
                write 5000
                drain
                # beyond SND.NXT, below SND.UNA, inverted, empty
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 6001:7001>
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 3001:2001>
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 2001:2001 -5000:-4000>
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 4001:9001>
                silence
                count DUPLICATE_ACKS 0
                """);
    }

    @Test
    void aTimeoutSendsEverythingAgainInSlowStart() {
        Script.run("""
                passive plain
                write 5000
                drain
                +200ms > . 1:1001(1000) ack 1
                cwnd 1000
                < . 1:1(0) ack 1001 win 65535
                > . 1001:2001(1000) ack 1
                > . 2001:3001(1000) ack 1
                < . 1:1(0) ack 5001 win 65535
                event sent 1000
                event sent 4000
                """);
    }

    @Test
    void aTimeoutKeepsWhatSackReported() {
        Script.run("""
                passive sack
                write 4000
                drain
                < . 1:1(0) ack 1 win 512 <nop,nop,sack 1001:2001>
                +200ms > . 1:1001(1000) ack 1
                < . 1:1(0) ack 2001 win 512
                > . 2001:3001(1000) ack 1
                > P. 3001:4001(1000) ack 1
                """);
    }

    @Test
    void theFinIsRetransmittedWithItsData() {
        Script.run("""
                passive plain
                & write 500
                close
                > FP. 1:501(500) ack 1
                +200ms > FP. 1:501(500) ack 1
                < . 1:1(0) ack 502 win 65535
                state FIN_WAIT_2
                """);
    }

    @Test
    void doesNotGrowAWindowThatItDoesNotUse() {
        Script.run("""
                set noDelay=true
                passive plain
                write 1000
                > P. 1:1001(1000) ack 1
                < . 1:1(0) ack 1001 win 65535
                write 1000
                > P. 1001:2001(1000) ack 1
                < . 1:1(0) ack 2001 win 65535
                cwnd 10000
                """);
    }

    @Test
    void dividedAcksGainNothing() {
        Script.run("""
                passive plain
                write 20000
                drain
                < . 1:1(0) ack 101 win 65535
                < . 1:1(0) ack 201 win 65535
                < . 1:1(0) ack 301 win 65535
                < . 1:1(0) ack 1001 win 65535
                cwnd 11000
                drain
                """);
    }

    @Test
    void fragmentationNeededMakesSegmentsSmaller() {
        Script.run("""
                passive plain
                write 1000
                > P. 1:1001(1000) ack 1
                icmp 3 4 700 1
                > . 1:661(660) ack 1
                < . 1:1(0) ack 661 win 65535
                > P. 661:1001(340) ack 1
                count PATH_MTU_CHANGES 1
                """);
    }

    @Test
    void fragmentationNeededForNothingInFlightIsIgnored() {
        Script.run("""
                passive plain
                write 1000
                > P. 1:1001(1000) ack 1
                icmp 3 4 700 5000
                icmp 3 4 68 -1
                silence
                count DROPPED_ICMP 2
                < . 1:1(0) ack 1001 win 65535
                write 1000
                > P. 1001:2001(1000) ack 1
                """);
    }

    @Test
    void softErrorsDoNotEndAConnection() {
        Script.run("""
                passive plain
                write 10
                > P. 1:11(10) ack 1
                icmp 3 1 0 1
                icmp 3 3 0 1
                icmp 11 0 0 1
                noevent dead
                state ESTABLISHED
                """);
    }

    /** An ACK that advances and carries SACK leaves a scoreboard; the next, plain one has to clear it. */
    @Test
    void aPlainAckClearsWhatSackReported() {
        try (Script s = new Script()) {
            s.play("""
                    passive sack
                    write 4000
                    drain
                    < . 1:1(0) ack 1001 win 512 <nop,nop,sack 2001:3001>
                    < . 1:1(0) ack 4001 win 512
                    """);
            SackScoreboard scoreboard = s.tcb().scoreboard;
            assertTrue(scoreboard == null || scoreboard.isEmpty());
            s.finish();
        }
    }

    /** 2 GiB after the last loss the old recovery point must not seem to lie ahead. */
    @Test
    void fastRetransmitWorksAfterManyBytesWithoutLoss() {
        try (Script s = new Script()) {
            s.play("""
                    passive plain
                    write 1000
                    drain
                    """);
            s.tcb().recoveryPoint = s.tcb().sndUna - Integer.MAX_VALUE + 500;
            s.play("""
                    < . 1:1(0) ack 101 win 65535
                    < . 1:1(0) ack 1001 win 65535
                    write 10000
                    drain
                    < . 1:1(0) ack 1001 win 65535
                    < . 1:1(0) ack 1001 win 65535
                    < . 1:1(0) ack 1001 win 65535
                    > . 1001:2001(1000) ack 1
                    """);
            s.finish();
        }
    }

    @Test
    void forgedDuplicatesCountNoMoreThanSegmentsInFlight() {
        try (Script s = new Script()) {
            s.play("""
                    passive plain
                    write 5000
                    drain
                    """);
            for (int i = 0; i < 100; i++) {
                s.play("< . 1:1(0) ack 1 win 65535");
            }
            assertEquals(5, s.tcb().dupAcks);
            s.tcb().dupAcks = Integer.MAX_VALUE / 2;
            assertEquals(0, LossRecovery.pipeBytes(s.tcb()));
            s.tcb().dupAcks = 5;
            s.play("drain");
            s.finish();
        }
    }

    /** Another connection to the same host learns the MTU but sends nothing again until a router says so. */
    @Test
    void fragmentationNeededResendsOnItsOwnConnectionOnly() {
        Script.run("""
                passive plain
                conn 1
                passive plain
                write 1000
                > P. 1:1001(1000) ack 1
                conn 0
                write 1000
                > P. 1:1001(1000) ack 1
                icmp 3 4 700 1
                > . 1:661(660) ack 1
                > P. 661:1001(340) ack 1
                conn 1
                silence
                write 660
                > P. 1001:1661(660) ack 1
                # the later one is not too large, the first was
                icmp 3 4 700 1001
                silence
                icmp 3 4 700 1
                > . 1:661(660) ack 1
                > . 661:1321(660) ack 1
                > P. 1321:1661(340) ack 1
                icmp 3 4 700 1
                silence
                """);
    }

    @Test
    void anAckAfterATimeoutOpensTheWindowByOneSegment() {
        Script.run("""
                set noDelay=true
                passive sack
                < . 1:1(0) ack 1 win 512
                write 40000
                +0.001s drain
                < . 1:1(0) ack 10001 win 512
                +0.001s drain
                cwnd 20000
                < . 1:1(0) ack 10001 win 512 <nop,nop,sack 28001:30001>
                +2s drain
                cwnd 1000
                < . 1:1(0) ack 30001 win 512
                cwnd 2000
                drain
                """);
    }

    @Test
    void aPeerThatShrankItsWindowToNothingMayLoseAnAnswer() {
        StringBuilder script = new StringBuilder("""
                passive plain
                write 1000
                > P. 1:1001(1000) ack 1
                < . 1:1(0) ack 1 win 0
                """);
        double rto = 0.2;
        for (int i = 0; i < 20; i++) {
            script.append("+" + rto + "s > P. 1:1001(1000) ack 1\n");
            if (i != 17) {
                script.append("< . 1:1(0) ack 1 win 0\nstate ESTABLISHED\n");
            }
            rto = Math.min(2 * rto, 120);
        }
        Script.run(script.toString());
    }
}
