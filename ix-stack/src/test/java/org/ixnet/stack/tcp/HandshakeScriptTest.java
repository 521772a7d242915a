package org.ixnet.stack.tcp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.NoRouteToHostException;
import org.ixnet.stack.tcp.script.Script;
import org.ixnet.stack.util.IpAddresses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9293, 3.5 and 3.10.7.1 to 3.10.7.3. */
class HandshakeScriptTest {
    @Test
    void answersOnlyTheOptionsThatThePeerOffers() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1 win 64240 <mss 1460>
                < . 1:1(0) ack 1 win 1000
                conn 1
                < S 0:0(0) win 1000 <mss 1460,nop,nop,sackOK>
                > S. 0:0(0) ack 1 <mss 1460,sackOK>
                < . 1:1(0) ack 1 win 1000
                conn 2
                < S 0:0(0) win 1000 <mss 1460,nop,nop,TS 5 0>
                > S. 0:0(0) ack 1 <mss 1460,TS 0 5>
                < . 1:1(0) ack 1 win 1000 <nop,nop,TS 5 0>
                conn 3
                < S 0:0(0) win 1000 <mss 1460,nop,wscale 3>
                > S. 0:0(0) ack 1 <mss 1460,wscale 7>
                < . 1:1(0) ack 1 win 1000
                connections 4
                """);
    }

    @Test
    void opensActively() {
        Script.run("""
                connect
                > S 0:0(0) ack 0 win 64240 <mss 1460,sackOK,TS 0 0,wscale 7>
                +5ms < S. 0:0(0) ack 1 win 65535 <mss 1000,sackOK,TS 100 0,nop,wscale 7>
                # 1 MB is more than the share of a connection in a pool of 4096: (4096 - 256) / 8 mbufs of 1024 bytes
                > . 1:1(0) ack 1 win 3840 <TS 5 100>
                event connected
                state ESTABLISHED
                """);
    }

    @Test
    void ridesDataOnTheAckOfTheHandshake() {
        Script.run("""
                connect
                write 100
                > S 0:0(0) ack 0
                +5ms < S. 0:0(0) ack 1 win 65535 <mss 1000>
                > P. 1:101(100) ack 1
                """);
    }

    @Test
    void repeatsTheSynAndGivesUp() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                +1s > S 0:0(0) ack 0
                +2s > S 0:0(0) ack 0
                +4s > S 0:0(0) ack 0
                +8s > S 0:0(0) ack 0
                +16s > S 0:0(0) ack 0
                +32s > S 0:0(0) ack 0
                +63s noevent dead
                +2s event dead TIMED_OUT
                """);
    }

    @Test
    void repeatsTheSynAckAndForgetsTheRequest() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1
                +1s > S. 0:0(0) ack 1
                +2s > S. 0:0(0) ack 1
                +4s > S. 0:0(0) ack 1
                +8s > S. 0:0(0) ack 1
                +16s > S. 0:0(0) ack 1
                requests 1
                +33s requests 0
                """);
    }

    @Test
    void answersARepeatedSynWithTheSameSynAck() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1
                +100ms < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1
                requests 1
                """);
    }

    @Test
    void isRefused() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                < R. 0:0(0) ack 1 win 0
                event dead REFUSED
                """);
    }

    @Test
    void ignoresResetsThatAcknowledgeNothing() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                < R 0:0(0) win 0
                < R. 0:0(0) ack 2 win 0
                < R. 0:0(0) ack 0 win 0
                noevent dead
                state SYN_SENT
                """);
    }

    @Test
    void resetsAnAckThatItsSynDidNotCause() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                < S. 0:0(0) ack 5 win 1000 <mss 1000>
                > R 5:5(0)
                state SYN_SENT
                < . 7:7(0) ack 1 win 1000
                state SYN_SENT
                """);
    }

    /** The peer challenges the SYN, for it still has a connection of these ports; our reset ends that. */
    private static final String CHALLENGED = """
                connect
                > S 0:0(0) ack 0
                < . 700:700(0) ack 300 win 1000
                > R 300:300(0)
                """;

    @Test
    void triesAgainSoonWhenThePeerHadAnOldConnection() {
        Script.run(CHALLENGED + """
                +2ms > S 0:0(0) ack 0
                < S. 0:0(0) ack 1 win 1000 <mss 1000>
                > . 1:1(0) ack 1
                event connected
                """);
    }

    @Test
    void triesAgainSoonOnce() {
        Script.run(CHALLENGED + """
                +1ms < . 700:700(0) ack 300 win 1000
                > R 300:300(0)
                +1ms > S 0:0(0) ack 0
                < . 700:700(0) ack 300 win 1000
                > R 300:300(0)
                +2s > S 0:0(0) ack 0
                """);
    }

    @Test
    void opensSimultaneously() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1 <mss 1460>
                state SYN_RECEIVED
                < S. 0:0(0) ack 1 win 1000 <mss 1000>
                state ESTABLISHED
                event connected
                write 10
                > P. 1:11(10) ack 1
                """);
    }

    @Test
    void finishesASimultaneousOpenByAPlainAck() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                < . 1:1(0) ack 1 win 1000
                state ESTABLISHED
                event connected
                """);
    }

    /** RFC 9293, MUST-11: who opened actively hears of the refusal; there is no LISTEN to return to. */
    @Test
    void aRefusedSimultaneousOpenIsTold() {
        Script.run("""
                connect 80
                > S 0:0(0) ack 0
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                state SYN_RECEIVED
                # in the window, but not exact: RFC 5961
                < R 2:2(0) win 0
                > . 1:1(0) ack 1
                noevent dead
                < R 1:1(0) win 0
                event dead REFUSED
                state CLOSED
                connections 0
                requests 0
                +200s silence
                """);
    }

    /** RFC 9293, MUST-46. */
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.255", "255.255.255.255", "224.0.0.1", "239.255.0.1", "0.0.0.0"})
    void opensToGroupsAreRefused(String address) {
        try (Script s = new Script()) {
            assertThatThrownBy(() -> s.host.calls()
                            .open(0, 0, 0, 0, IpAddresses.parseIpv4(address), 80, new TcbOptions(), new Nobody()))
                    .isInstanceOf(NoRouteToHostException.class)
                    .hasMessageContaining(address);
            s.play("""
                    connections 0
                    count ACTIVE_OPENS 0
                    +10s silence
                    """);
            s.finish();
        }
    }

    /** RFC 9293, MUST-57: neither a SYN-ACK nor a reset. */
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.255", "255.255.255.255"})
    void segmentsToBroadcastAreDroppedSilently(String address) {
        Script.run("""
                listen
                sendto %s
                < S 0:0(0) win 1000 <mss 1460>
                < . 1:1(0) ack 1 win 1000
                silence
                requests 0
                count DROPPED_BROADCAST 2
                sendto 10.0.0.1
                < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1
                """.formatted(address));
    }

    @Test
    void resetsSegmentsForNobody() {
        Script.run("""
                < S 0:0(0) win 1000 <mss 1000>
                > R. 0:0(0) ack 1
                < . 5:5(0) ack 77 win 1000
                > R 77:77(0)
                < FP 5:15(10) win 1000
                > R. 0:0(0) ack 16
                < R 5:5(0) win 0
                < R. 5:5(0) ack 3 win 0
                silence
                """);
    }

    @Test
    void resetsAnAckForAListener() {
        Script.run("""
                listen
                < . 5:5(0) ack 77 win 1000
                > R 77:77(0)
                < FS 0:0(0) win 1000
                silence
                """);
    }

    @Test
    void forgetsARequestOnAnExactReset() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1
                < R 500:500(0) win 0
                requests 1
                < R 1:1(0) win 0
                requests 0
                """);
    }

    @Test
    void resetsAWrongAckOfTheSynAck() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1
                < . 1:1(0) ack 9 win 1000
                > R 9:9(0)
                requests 1
                < . 1:1(0) ack 1 win 1000
                requests 0
                accept
                """);
    }

    @Test
    void takesDataThatComesWithTheLastAck() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1460>
                > S. 0:0(0) ack 1
                < P. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                accept
                event readable
                read 10
                """);
    }

    @Test
    void keepsRequestsWhileTheAcceptQueueIsFull() {
        Script.run("""
                listen 1
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                < . 1:1(0) ack 1 win 1000
                conn 1
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                conn 2
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                conn 1
                < . 1:1(0) ack 1 win 1000
                conn 2
                < . 1:1(0) ack 1 win 1000
                requests 1
                connections 2
                conn 3
                < S 0:0(0) win 1000 <mss 1000>
                silence
                conn 0
                accept
                conn 2
                < . 1:1(0) ack 1 win 1000
                requests 0
                connections 3
                """);
    }

    @Test
    void passesOverConnectionsThatDiedInTheAcceptQueue() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                < P. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                < R 11:11(0) win 0
                accept-none
                connections 0
                """);
    }

    @Test
    void closingAListenerResetsWhatWaits() {
        Script.run("""
                listen
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                < . 1:1(0) ack 1 win 1000
                conn 1
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                unlisten
                conn 0
                > R. 1:1(0) ack 1
                requests 0
                connections 0
                """);
    }

    @Test
    void limitsSillyOptions() {
        Script.run("""
                listen
                < S 0:0(0) win 60000 <mss 0,nop,wscale 200,nop,nop,sackOK>
                > S. 0:0(0) ack 1 <mss 1460,sackOK,wscale 7>
                < . 1:1(0) ack 1 win 60000
                accept
                option noDelay=true
                write 600
                > . 1:537(536) ack 1
                > P. 537:601(64) ack 1
                conn 1
                < S 0:0(0) win 60000 <mss 1>
                > S. 0:0(0) ack 1
                < . 1:1(0) ack 1 win 60000
                accept
                write 88
                > P. 1:89(88) ack 1
                conn 2
                < S 0:0(0) win 60000 <raw 0204>
                > S. 0:0(0) ack 1 <mss 1460>
                conn 3
                < S 0:0(0) win 60000 <raw 0200>
                > S. 0:0(0) ack 1 <mss 1460>
                conn 4
                < S 0:0(0) win 60000 <raw 01010101010101010101010101010101010101010101010101010101010101010101010101010101>
                > S. 0:0(0) ack 1 <mss 1460>
                """);
    }

    @Test
    void shutdownBeforeEstablishedSendsItsFinAfterwards() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                write 10
                shutdown
                < S. 0:0(0) ack 1 win 1000 <mss 1000>
                > FP. 1:11(10) ack 1
                state FIN_WAIT_1
                """);
    }

    @Test
    void closeBeforeEstablishedSaysNothing() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                close
                event dead CLOSED
                < S. 0:0(0) ack 1 win 1000
                > R 1:1(0)
                """);
    }

    @Test
    void anUnreachableHostEndsTheOpen() {
        Script.run("""
                connect
                > S 0:0(0) ack 0
                icmp 3 1 0 0
                event dead UNREACHABLE
                conn 1
                connect
                > S 0:0(0) ack 0
                icmp 3 3 0 5
                noevent dead
                icmp 3 3 0 0
                event dead REFUSED
                """);
    }

    @Test
    void theWindowOfASynAckIsNotScaledInASimultaneousOpen() {
        try (Script s = new Script()) {
            s.play("""
                    connect
                    > S 0:0(0) ack 0 <mss 1460,sackOK,TS 0 0,wscale 7>
                    < S 0:0(0) win 1000 <mss 1000,sackOK,nop,wscale 7>
                    > S. 0:0(0) ack 1 <mss 1460,sackOK,wscale 7>
                    < S. 0:0(0) ack 1 win 1000 <mss 1000,sackOK,nop,wscale 7>
                    state ESTABLISHED
                    drain
                    """);
            org.junit.jupiter.api.Assertions.assertEquals(1000, s.tcb().sndWnd);
            s.play("< . 1:1(0) ack 1 win 1000");
            org.junit.jupiter.api.Assertions.assertEquals(128_000, s.tcb().sndWnd);
            s.play("drain");
            s.finish();
        }
    }

    @Test
    void synAckTimeoutsEndAt120Seconds() {
        org.junit.jupiter.api.Assertions.assertEquals(64_000_000_000L, Handshake.synAckTimeoutNanos(6));
        for (int retransmits = 7; retransmits <= 255; retransmits++) {
            org.junit.jupiter.api.Assertions.assertEquals(120_000_000_000L, Handshake.synAckTimeoutNanos(retransmits));
        }
    }

    private static final class Nobody implements ConnectionUser {
        @Override
        public void connected(Tcb tcb) {}

        @Override
        public void readable(Tcb tcb) {}

        @Override
        public void sent(Tcb tcb, long ackedBytes) {}

        @Override
        public void dead(Tcb tcb, DeathReason reason) {}
    }
}
