package org.ixnet.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** RFC 9293, 3.8.6: managing the window, both sides. */
class WindowScriptTest {
    @Test
    void offersWhatIsFreeAndOpensOnReceiveDone() {
        Script.run("""
                set receiveBuffer=4000
                passive plain
                < . 1:1001(1000) ack 1 win 1000
                > . 1:1(0) ack 1001 win 3000
                < . 1001:2001(1000) ack 1 win 1000
                > . 1:1(0) ack 2001 win 2000
                < . 2001:3001(1000) ack 1 win 1000
                > . 1:1(0) ack 3001 win 1000
                < . 3001:4001(1000) ack 1 win 1000
                > . 1:1(0) ack 4001 win 0
                take 4000
                silence
                done 500
                silence
                done 500
                > . 1:1(0) ack 4001 win 1000
                done 1000
                > . 1:1(0) ack 4001 win 2000
                done 1000
                silence
                done 1000
                > . 1:1(0) ack 4001 win 4000
                """);
    }

    @Test
    void refusesTextBeyondAClosedWindowButTakesItsAck() {
        Script.run("""
                set receiveBuffer=1000
                passive plain
                write 10
                > P. 1:11(10) ack 1
                < . 1:1001(1000) ack 1 win 1000
                > . 11:11(0) ack 1001 win 0
                < . 1001:1002(1) ack 11 win 1000
                event sent 10
                > . 11:11(0) ack 1001 win 0
                read 1000
                > . 11:11(0) ack 1001 win 1000
                """);
    }

    @Test
    void cutsTextAtTheRightEdge() {
        Script.run("""
                set receiveBuffer=1500
                passive plain
                < . 1:1001(1000) ack 1 win 1000
                > . 1:1(0) ack 1001 win 500
                < FP. 1001:2001(1000) ack 1 win 1000
                > . 1:1(0) ack 1501 win 0
                state ESTABLISHED
                read 1500
                > . 1:1(0) ack 1501 win 1500
                """);
    }

    @Test
    void takesAFinBehindAClosedWindow() {
        Script.run("""
                set receiveBuffer=1000
                passive plain
                < . 1:1001(1000) ack 1 win 1000
                > . 1:1(0) ack 1001 win 0
                < F. 1001:1001(0) ack 1 win 1000
                > . 1:1(0) ack 1002 win 0
                state CLOSE_WAIT
                read 1000
                finished
                """);
    }

    /** RFC 9293, MUST-66: of a segment that finds our window closed its RST counts, and its ACK; urgent text has to wait. */
    @Test
    void takesResetsAndAcksBehindAClosedWindow() {
        Script.run("""
                set receiveBuffer=1000
                passive plain
                write 10
                > P. 1:11(10) ack 1
                < . 1:1001(1000) ack 1 win 1000
                > . 11:11(0) ack 1001 win 0
                < UP. 1001:1011(10) ack 11 win 1000
                > . 11:11(0) ack 1001 win 0
                event sent 10
                read 1000
                > . 11:11(0) ack 1001 win 1000
                < UP. 1001:1011(10) ack 11 win 1000
                > . 11:11(0) ack 1011 win 990
                < . 1011:2001(990) ack 11 win 1000
                > . 11:11(0) ack 2001 win 0
                < R 2001:2001(0) win 0
                event dead RESET_BY_PEER
                """);
    }

    @Test
    void neverMovesTheRightEdgeBackWhenTheBufferShrinks() {
        Script.run("""
                set receiveBuffer=4000
                passive plain
                < . 1:1001(1000) ack 1 win 1000
                > . 1:1(0) ack 1001 win 3000
                option receiveBuffer=100
                < . 1001:2001(1000) ack 1 win 1000
                > . 1:1(0) ack 2001 win 2000
                < . 2001:3001(1000) ack 1 win 1000
                > . 1:1(0) ack 3001 win 1000
                < . 3001:4001(1000) ack 1 win 1000
                > . 1:1(0) ack 4001 win 0
                read 4000
                > . 1:1(0) ack 4001 win 100
                """);
    }

    @Test
    void acceptsWhatWasOfferedBeforeTheScaleRoundedItDown() {
        Script.run("""
                set receiveBuffer=1000
                passive sack
                < . 1:101(100) ack 1 win 512
                > . 1:1(0) ack 101 win 8
                < . 101:201(100) ack 1 win 512
                # 201 + 7 * 128 is less than 101 + 8 * 128
                > . 1:1(0) ack 201 win 7
                < . 201:1125(924) ack 1 win 512
                > . 1:1(0) ack 1125 win 0
                read 1124
                > . 1:1(0) ack 1125 win 8
                """);
    }

    @Test
    void stopsAtThePeersWindowAndGoesOn() {
        Script.run("""
                passive plain
                < . 1:1(0) ack 1 win 2000
                write 5000
                > . 1:1001(1000) ack 1
                > . 1001:2001(1000) ack 1
                < . 1:1(0) ack 1001 win 1000
                silence
                < . 1:1(0) ack 2001 win 3000
                > . 2001:3001(1000) ack 1
                > . 3001:4001(1000) ack 1
                > P. 4001:5001(1000) ack 1
                """);
    }

    @Test
    void probesAClosedWindowForEver() {
        Script.run("""
                passive plain
                < . 1:1(0) ack 1 win 0
                write 100
                silence
                +200ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +400ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +800ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +1600ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +3200ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 500
                > P. 1:101(100) ack 1
                < . 1:1(0) ack 101 win 500
                event sent 100
                """);
    }

    @Test
    void givesUpWhenProbesStayUnanswered() {
        Script.run("""
                passive plain
                < . 1:1(0) ack 1 win 0
                write 100
                +500s noevent dead
                +900s event dead TIMED_OUT
                drain
                """);
    }

    @Test
    void userTimeoutEndsAClosedWindow() {
        Script.run("""
                set userTimeout=3s
                passive plain
                < . 1:1(0) ack 1 win 0
                write 100
                +200ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +400ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +800ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +1605ms event dead TIMED_OUT
                drain
                """);
    }

    @Test
    void sendsNoSillySegments() {
        Script.run("""
                set noDelay=true
                listen
                < S 0:0(0) win 1000 <mss 1000>
                > S. 0:0(0) ack 1
                < . 1:1(0) ack 1 win 1000
                accept
                write 3000
                > . 1:1001(1000) ack 1
                < . 1:1(0) ack 1001 win 100
                silence
                # the override timeout
                +200ms > . 1001:1101(100) ack 1
                < . 1:1(0) ack 1101 win 600
                > . 1101:1701(600) ack 1
                < . 1:1(0) ack 1701 win 1000
                > . 1701:2701(1000) ack 1
                """);
    }

    @Test
    void scalesBothWindows() {
        Script.run("""
                set receiveBuffer=400000
                passive sack
                < . 1:1001(1000) ack 1 win 10
                > . 1:1(0) ack 1001 win 3118
                write 3000
                > . 1:1001(1000) ack 1001
                < . 1001:1001(0) ack 1001 win 16
                > . 1001:2001(1000) ack 1001
                > P. 2001:3001(1000) ack 1001
                read 1000
                """);
    }

    @Test
    void closedUserWithAClosedWindowIsGivenUp() {
        Script.run("""
                passive plain
                < . 1:1(0) ack 1 win 0
                write 100
                close
                +200ms > . 0:0(0) ack 1
                < . 1:1(0) ack 1 win 0
                +300s event dead TIMED_OUT
                drain
                connections 0
                """);
    }

    /** The window is said in steps of 128 bytes: what is left of it must not become a whole step with every ACK. */
    @Test
    void smallTextThatNobodyReadsClosesTheWindow() {
        Script script = new Script();
        script.play("set receiveBuffer=65536\nset quickAck=true\npassive sack\n");
        int sequence = 1;
        while (sequence < 65_500) {
            script.play("< P. %d:%d(100) ack 1 win 512\ndrain\n".formatted(sequence, sequence + 100));
            sequence += 100;
        }
        script.play("< P. %d:%d(100) ack 1 win 512\n".formatted(sequence, sequence + 100));
        script.play("> . 1:1(0) ack %d win 0\n".formatted(sequence + 100));
        assertEquals(0, script.host.tcp.counters().get(TcpCounter.DROPPED_NO_ROOM));
    }
}
