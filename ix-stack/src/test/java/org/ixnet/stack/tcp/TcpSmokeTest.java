package org.ixnet.stack.tcp;

import org.ixnet.stack.tcp.script.Script;
import org.junit.jupiter.api.Test;

class TcpSmokeTest {
    @Test
    void servesOneRequest() {
        Script.run("""
                listen
                < S 0:0(0) win 65535 <mss 1460,sackOK,TS 100 0,nop,wscale 7>
                > S. 0:0(0) ack 1 win 64240 <mss 1460,sackOK,TS 0 100,wscale 7>
                +10ms < . 1:1(0) ack 1 win 512 <nop,nop,TS 110 0>
                accept
                state ESTABLISHED
                < P. 1:101(100) ack 1 win 512 <nop,nop,TS 110 0>
                event readable
                > . 1:1(0) ack 101
                read 100
                write 200
                > P. 1:201(200) ack 101 <TS 10 110>
                +1ms < . 101:101(0) ack 201 win 512 <nop,nop,TS 111 10>
                event sent 200
                < F. 101:101(0) ack 201 win 512 <nop,nop,TS 111 10>
                > . 201:201(0) ack 102
                event readable
                finished
                close
                > F. 201:201(0) ack 102
                < . 102:102(0) ack 202 win 512 <nop,nop,TS 111 10>
                event dead CLOSED
                """);
    }
}
