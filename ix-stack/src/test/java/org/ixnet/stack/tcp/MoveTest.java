package org.ixnet.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

/** A connection leaves its layer and comes back: everything that it held goes on. */
class MoveTest {
    @Test
    void goesOnAfterTheMove() {
        try (Script s = new Script()) {
            s.play("""
                    passive sack
                    write 3000
                    > . 1:1001(1000) ack 1
                    > . 1001:2001(1000) ack 1
                    > P. 2001:3001(1000) ack 1
                    < . 101:201(100) ack 1 win 512
                    > . 3001:3001(0) ack 1 <sack 101:201>
                    < P. 1:51(50) ack 1 win 512
                    > . 3001:3001(0) ack 51 <sack 101:201>
                    & < P. 51:61(10) ack 1 win 512
                    """);
            Tcb tcb = s.tcb();
            long now = s.nowNanos();
            s.host.tcp.release(tcb, now);
            assertThat(s.host.tcp.connections()).isZero();
            assertThat(s.host.tcp.reassemblyMbufs()).isZero();
            assertThat(s.host.tcp.hasWork()).isFalse();
            s.host.tcp.adopt(tcb, now);
            assertThat(s.host.tcp.connections()).isEqualTo(1);
            assertThat(s.host.tcp.reassemblyMbufs()).isEqualTo(1);
            s.play("""
                    > . 3001:3001(0) ack 61 <sack 101:201>
                    < P. 61:101(40) ack 1001 win 512
                    event sent 1000
                    > . 3001:3001(0) ack 201 <>
                    read 200
                    # the retransmission timer came along
                    +200ms > . 1001:2001(1000) ack 201
                    """);
            s.finish();
        }
    }
}
