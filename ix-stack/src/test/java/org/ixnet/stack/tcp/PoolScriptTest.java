package org.ixnet.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** Peers that want to fill the pool with text that nobody takes: {@link ReceiveBudget}. */
class PoolScriptTest {
    private static final int CAPACITY_MBUFS = 4096;
    private static final int RESERVE_MBUFS = CAPACITY_MBUFS / 16;
    private static final int ATTACKERS = 16;

    /** All that the window lets in, in pieces that are just too large to share an mbuf as they come. */
    private static void fill(Script s, int attacker, int firstByte) {
        s.play("conn " + attacker + "\npassive sack");
        for (int from = firstByte; from + 513 <= s.tcb().rcvAdv - s.tcb().irs; from += 513) {
            if (from > 1_100_000) {
                break;
            }
            s.play("< . " + from + ":" + (from + 513) + "(513) ack 1 win 512\ndrain");
        }
    }

    private static void anHonestConnectionGoesOn(Script s) {
        assertTrue(CAPACITY_MBUFS - s.host.mbufsOut() >= RESERVE_MBUFS, s.host.mbufsOut() + " mbufs are out");
        long full = s.host.tcp.counters().get(TcpCounter.NO_MBUF);
        s.play("conn 100\npassive sack");
        int sequence = 1;
        for (int i = 0; i < 50; i++) {
            // A window's worth of four segments arrives before the user reads.
            for (int j = 0; j < 4; j++) {
                s.play("< . " + sequence + ":" + (sequence + 1000) + "(1000) ack " + (1 + 1000 * i) + " win 512");
                sequence += 1000;
            }
            s.play("drain\nread 4000\ndrain");
            s.play("write 1000\n> P. " + (1 + 1000 * i) + ":" + (1001 + 1000 * i) + "(1000) ack " + sequence);
            s.play("drain");
        }
        assertTrue(s.tcb().rcvWnd() >= 4000, "window " + s.tcb().rcvWnd());
        assertEquals(full, s.host.tcp.counters().get(TcpCounter.NO_MBUF));
        s.play("count DROPPED_CHECKSUM 0");
    }

    @Test
    void hoardersOutOfOrderDoNotStopAnHonestConnection() {
        try (Script s = new Script()) {
            for (int i = 1; i <= ATTACKERS; i++) {
                fill(s, i, 2);
            }
            anHonestConnectionGoesOn(s);
            // What follows a lost segment waits for it, although the others wait for ever.
            s.play("conn 101\npassive sack");
            for (int i = 1; i <= 40; i++) {
                s.play("< . " + (1 + 1000 * i) + ":" + (1001 + 1000 * i) + "(1000) ack 1 win 512");
            }
            s.play("drain\n< . 1:1001(1000) ack 1 win 512\ndrain\nread 41000\ndrain");
            s.finish();
        }
    }

    @Test
    void hoardersInOrderDoNotStopAnHonestConnection() {
        try (Script s = new Script()) {
            for (int i = 1; i <= ATTACKERS; i++) {
                fill(s, i, 1);
            }
            anHonestConnectionGoesOn(s);
            s.finish();
        }
    }

    /** Text in order comes before what waits for a gap, however little is left. */
    @Test
    void textInOrderPushesOutWhatWaits() {
        try (Script s = new Script()) {
            fill(s, 1, 2);
            Tcb tcb = s.tcb();
            tcb.layer.receive.budget.limitMbufs = 0; // the next look mends it
            s.play("""
                    < . 1:2(1) ack 1 win 512
                    drain
                    """);
            assertTrue(tcb.rcvNxt - tcb.irs > 2, "nothing was taken");
            s.finish();
        }
    }

    @Test
    void smallPiecesAreCollapsedUnharmed() {
        try (Script s = new Script()) {
            s.play("passive sack");
            int bytes = 0;
            while (s.host.tcp.counters().get(TcpCounter.COLLAPSED_MBUFS) == 0) {
                s.play("< . " + (1 + bytes) + ":" + (514 + bytes) + "(513) ack 1 win 512\ndrain");
                bytes += 513;
                assertTrue(bytes < 1_000_000, "never collapsed");
            }
            assertTrue(s.tcb().rcvMbufs < bytes / 513 / 2, s.tcb().rcvMbufs + " mbufs for " + bytes);
            s.play("count DROPPED_NO_ROOM 0\nread " + bytes + "\ndrain");
            assertEquals(0, s.tcb().rcvMbufs);
            s.finish();
        }
    }

    @Test
    void waitingPiecesAreCollapsedUnharmed() {
        try (Script s = new Script()) {
            s.play("passive sack");
            int bytes = 0;
            while (s.host.tcp.counters().get(TcpCounter.COLLAPSED_MBUFS) == 0) {
                s.play("< . " + (2 + bytes) + ":" + (515 + bytes) + "(513) ack 1 win 512\ndrain");
                bytes += 513;
                assertTrue(bytes < 1_000_000, "never collapsed");
            }
            assertTrue(s.host.tcp.reassemblyMbufs() < bytes / 513 / 2);
            s.play("< . 1:2(1) ack 1 win 512\ndrain\nread " + (bytes + 1) + "\ndrain");
            s.finish();
        }
    }

    /** The right edge never moves left, but it does not move on either while the pool is low. */
    @Test
    void theWindowFollowsThePool() {
        try (Script s = new Script()) {
            s.play("passive sack\n< . 1:1001(1000) ack 1 win 512\ndrain");
            Tcb tcb = s.tcb();
            int edge = tcb.rcvAdv;
            tcb.layer.receive.budget.limitMbufs = 4;
            s.play("< . 1001:2001(1000) ack 1 win 512\nread 2000\ndrain");
            assertEquals(edge, tcb.rcvAdv);
            tcb.layer.receive.budget.sample();
            s.play("< . 2001:3001(1000) ack 1 win 512\nread 1000\ndrain");
            assertTrue(tcb.rcvAdv - edge > 0);
            s.finish();
        }
    }

    @Test
    void aGapThatNobodyClosesIsForgottenAfterAMinute() {
        try (Script s = new Script()) {
            s.play("""
                    passive sack
                    < . 101:201(100) ack 1 win 512
                    > . 1:1(0) ack 1 <sack 101:201>
                    +59s count REASSEMBLY_EXPIRED 0
                    +2s count REASSEMBLY_EXPIRED 1
                    """);
            assertEquals(0, s.host.tcp.reassemblyMbufs());
            s.play("""
                    < . 1:101(100) ack 1 win 512
                    > . 1:1(0) ack 101 <>
                    < . 101:201(100) ack 1 win 512
                    > . 1:1(0) ack 201 <>
                    read 200
                    """);
            s.finish();
        }
    }
}
