package org.ixnet.stack.tcp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** RFC 9293, 3.6, in all orders. */
class CloseScriptTest {
    @Test
    void closesFirstAndWaitsTwoMsl() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                state FIN_WAIT_1
                < . 1:1(0) ack 2 win 1000
                state FIN_WAIT_2
                noevent dead
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                event dead CLOSED
                timewaits 1
                connections 0
                +59s timewaits 1
                +2s timewaits 0
                """);
    }

    @Test
    void closesFirstAndTheFinsCross() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 1 win 1000
                > . 2:2(0) ack 2
                state CLOSING
                < . 2:2(0) ack 2 win 1000
                event dead CLOSED
                timewaits 1
                """);
    }

    @Test
    void finAndItsAckComeTogether() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                event dead CLOSED
                timewaits 1
                """);
    }

    @Test
    void closesSecond() {
        Script.run("""
                passive plain
                < F. 1:1(0) ack 1 win 1000
                > . 1:1(0) ack 2
                state CLOSE_WAIT
                event readable
                finished
                write 10
                > P. 1:11(10) ack 2
                close
                > F. 11:11(0) ack 2
                state LAST_ACK
                < . 2:2(0) ack 12 win 1000
                event dead CLOSED
                timewaits 0
                connections 0
                """);
    }

    @Test
    void halfCloseGoesOnReceiving() {
        Script.run("""
                passive plain
                write 10
                shutdown
                > P. 1:11(10) ack 1
                > F. 11:11(0) ack 1
                < . 1:1(0) ack 12 win 1000
                state FIN_WAIT_2
                < P. 1:101(100) ack 12 win 1000
                > . 12:12(0) ack 101
                +300s < P. 101:201(100) ack 12 win 1000
                > . 12:12(0) ack 201
                read 200
                < F. 201:201(0) ack 12 win 1000
                > . 12:12(0) ack 202
                event readable
                finished
                noevent dead
                state TIME_WAIT
                close
                event dead CLOSED
                """);
    }

    @Test
    void readsWhatWaitsAfterBothSidesClosed() {
        Script.run("""
                passive plain
                < FP. 1:101(100) ack 1 win 1000
                > . 1:1(0) ack 102
                shutdown
                > F. 1:1(0) ack 102
                < . 102:102(0) ack 2 win 1000
                connections 0
                noevent dead
                read 100
                finished
                close
                event dead CLOSED
                """);
    }

    @Test
    void finRidesOnTheLastData() {
        Script.run("""
                passive plain
                option noDelay=true
                & write 1500
                close
                > . 1:1001(1000) ack 1
                > FP. 1001:1501(500) ack 1
                < . 1:1(0) ack 1502 win 1000
                state FIN_WAIT_2
                """);
    }

    @Test
    void closeWithUnreadDataResets() {
        Script.run("""
                passive plain
                < P. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                close
                > R. 1:1(0) ack 11
                event dead ABORTED
                """);
    }

    @Test
    void whatCameBeforeAResetCanStillBeTaken() {
        Script.run("""
                passive plain
                < P. 1:11(10) ack 1 win 1000
                > . 1:1(0) ack 11
                < R 11:11(0) win 0
                event unread 10
                event dead RESET_BY_PEER
                """);
    }

    @Test
    void dataAfterCloseResets() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < P. 1:11(10) ack 2 win 1000
                > R. 2:2(0) ack 1
                event dead ABORTED
                """);
    }

    @Test
    void abortResets() {
        Script.run("""
                passive plain
                write 10
                > P. 1:11(10) ack 1
                abort
                > R. 11:11(0) ack 1
                event dead ABORTED
                """);
    }

    @Test
    void abortSendsFirstWhatTheWindowAllows() {
        Script.run("""
                passive plain
                & write 10
                abort
                > P. 1:11(10) ack 1
                > R. 11:11(0) ack 1
                event dead ABORTED
                """);
    }

    @Test
    void finWait2EndsAfterAMinuteOnceClosed() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < . 1:1(0) ack 2 win 1000
                +59s noevent dead
                +2s event dead CLOSED
                """);
    }

    @Test
    void repeatsTheFin() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                +200ms > F. 1:1(0) ack 1
                +400ms > F. 1:1(0) ack 1
                < . 1:1(0) ack 2 win 1000
                state FIN_WAIT_2
                """);
    }

    @Test
    void repeatedFinIsAcknowledgedInCloseWait() {
        Script.run("""
                passive plain
                < F. 1:1(0) ack 1 win 1000
                > . 1:1(0) ack 2
                < F. 1:1(0) ack 1 win 1000
                > . 1:1(0) ack 2
                state CLOSE_WAIT
                """);
    }

    @Test
    void finWaitsForTheDataBeforeIt() {
        Script.run("""
                passive plain
                < FP. 101:201(100) ack 1 win 1000
                > . 1:1(0) ack 1
                state ESTABLISHED
                < P. 1:101(100) ack 1 win 1000
                > . 1:1(0) ack 202
                state CLOSE_WAIT
                read 200
                finished
                """);
    }

    @Test
    void timeWaitAcknowledgesTheFinAgainAndStartsAnew() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                +50s < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                +50s timewaits 1
                +11s timewaits 0
                """);
    }

    @Test
    void timeWaitIgnoresResets() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                < R 2:2(0) win 0
                timewaits 1
                """);
    }

    @Test
    void timeWaitGivesWayToANewerSyn() {
        Script.run("""
                passive ts
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000 <nop,nop,TS 100 0>
                > . 2:2(0) ack 2
                # an old timestamp: answered, not opened
                < S 1:1(0) win 1000 <mss 1000,nop,nop,TS 100 0>
                > . 2:2(0) ack 2
                timewaits 1
                < S 5000:5000(0) win 1000 <mss 1000,nop,nop,TS 200 0>
                > S. 65539:65539(0) ack 5001 <mss 1460,TS 0 200>
                timewaits 0
                requests 1
                """);
    }

    private static final String ACTIVE_INTO_TIME_WAIT = """
            connect 5000
            > S 0:0(0) ack 0
            < S. 0:0(0) ack 1 win 65535 <mss 1012%s>
            > . 1:1(0) ack 1
            close
            > F. 1:1(0) ack 1
            < F. 1:1(0) ack 2 win 1000 %s
            > . 2:2(0) ack 2
            timewaits 1
            """;

    /** RFC 6191 for who opens actively: once the clock of the timestamps has moved on for sure, after a second. */
    @Test
    void timeWaitGivesWayToAnActiveOpenAfterASecond() {
        try (Script s = new Script()) {
            s.play(ACTIVE_INTO_TIME_WAIT.formatted(",nop,nop,TS 100 0", "<nop,nop,TS 100 0>"));
            assertThatThrownBy(() -> s.play("+999ms connect 5000")).hasRootCauseInstanceOf(BindException.class);
            s.play("""
                    timewaits 1
                    +1ms connect 5000
                    > S 250000:250000(0) ack 0 <mss 1460,sackOK,TS 1000 0,wscale 7>
                    timewaits 0
                    count TIME_WAITS_REUSED 1
                    < S. 0:0(0) ack 250001 win 65535 <mss 1012,nop,nop,TS 1100 1000>
                    > . 250001:250001(0) ack 1
                    state ESTABLISHED
                    """);
            s.finish();
        }
    }

    @Test
    void timeWaitWithoutTimestampsKeepsItsPortFromActiveOpens() {
        try (Script s = new Script()) {
            s.play(ACTIVE_INTO_TIME_WAIT.formatted("", ""));
            assertThatThrownBy(() -> s.play("+59s connect 5000")).hasRootCauseInstanceOf(BindException.class);
            s.play("""
                    timewaits 1
                    +2s timewaits 0
                    connect 5000
                    > S 15250000:15250000(0) ack 0
                    """);
            s.finish();
        }
    }

    @Test
    void timeWaitGivesWayToAHigherSequenceNumberWithoutTimestamps() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                < S 1:1(0) win 1000 <mss 1000>
                > . 2:2(0) ack 2
                < S 3:3(0) win 1000 <mss 1000>
                > S. 65539:65539(0) ack 4
                """);
    }

    @Test
    void dyingPeersAreGivenUpAfterFewerTimeoutsOnceClosed() {
        Script.run("""
                passive plain
                write 10
                > P. 1:11(10) ack 1
                close
                > F. 11:11(0) ack 1
                +100ms < . 1:1(0) ack 11 win 1000
                +600s count RETRANSMITTED_SEGMENTS 8
                event dead TIMED_OUT
                drain
                """);
    }

    @Test
    void resetInLastAckIsAnEnd() {
        Script.run("""
                passive plain
                < F. 1:1(0) ack 1 win 1000
                > . 1:1(0) ack 2
                close
                > F. 1:1(0) ack 2
                < R. 2:2(0) ack 2 win 0
                event dead CLOSED
                """);
    }

    /** A SYN that opens nothing must not end TIME-WAIT either. */
    @Test
    void timeWaitStaysWhenNobodyListens() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                timewaits 1
                unlisten
                < S 70000:70000(0) win 1000
                > . 2:2(0) ack 2
                timewaits 1
                +600ms < S 70000:70000(0) win 1000
                > . 2:2(0) ack 2
                timewaits 1
                """);
    }

    @Test
    void timeWaitStaysWhenASynCarriesAFin() {
        Script.run("""
                passive plain
                close
                > F. 1:1(0) ack 1
                < F. 1:1(0) ack 2 win 1000
                > . 2:2(0) ack 2
                < FS 70000:70000(0) win 1000
                > . 2:2(0) ack 2
                timewaits 1
                """);
    }
}
