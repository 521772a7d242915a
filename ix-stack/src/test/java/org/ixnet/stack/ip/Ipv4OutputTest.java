package org.ixnet.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.Ipv4;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Identifiers: RFC 6864 and RFC 7739. */
class Ipv4OutputTest {
    private static final int LENGTH = 8;

    private final Network net = new Network().withNeighboursKnown();
    private final List<Integer> identifiers = new ArrayList<>();
    private int lastFlagsAndOffset;

    @BeforeEach
    void watchTheWire() {
        net.link.tap((time, fromA, address, bytes) -> {
            long ip = address + Ethernet.HEADER_BYTES;
            if (fromA && Ethernet.type(address) == Ethernet.TYPE_IPV4) {
                identifiers.add(Ipv4.identification(ip));
                lastFlagsAndOffset = Ipv4.flagsAndOffset(ip);
            }
        });
        net.a.host.neighbours().addStatic(0, Network.address("10.0.0.3"), Network.MAC_B);
    }

    @AfterEach
    void nothingIsLost() {
        net.close();
    }

    private int send(String destination, int protocol) {
        Route route = net.a.ip.route(0, 0, 0, Network.address(destination));
        assertThat(route).isNotNull();
        long mbuf = net.a.ip.allocate();
        long segment = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        Memory.putLong(segment, 0);
        net.a.ip.output(route, mbuf, segment, LENGTH, protocol, 0, LENGTH, -1, net.now);
        net.settle();
        return identifiers.getLast();
    }

    /** RFC 6864, 4.1: what must not be cut needs none, and a constant tells nothing. */
    @Test
    void atomicDatagramsHaveNone() {
        for (int i = 0; i < 3; i++) {
            assertThat(send("10.0.0.2", IpProtocol.TCP)).isZero();
            assertThat(lastFlagsAndOffset).isEqualTo(Ipv4.DONT_FRAGMENT);
        }
    }

    /** RFC 6864, 4.3: what may be cut has another one until all are used up. */
    @Test
    void noneComesTwiceIn65536() {
        for (int i = 0; i < 65_536; i++) {
            send("10.0.0.2", IpProtocol.UDP);
        }
        assertThat(lastFlagsAndOffset).isZero();
        assertThat(new HashSet<>(identifiers)).hasSize(65_536);
    }

    /** RFC 7739: who watches his own learns nothing of what goes to others, neither their numbers nor how many they are. */
    @Test
    void othersAreNotToldByOnesOwn() {
        int first = send("10.0.0.2", IpProtocol.UDP);
        int ofAnother = send("10.0.0.3", IpProtocol.UDP);
        int ofAnotherProtocol = send("10.0.0.2", 99);
        assertThat(Math.abs(ofAnother - first)).isGreaterThan(10);
        assertThat(Math.abs(ofAnotherProtocol - first)).isGreaterThan(10);
        for (int i = 0; i < 5; i++) {
            send("10.0.0.3", IpProtocol.UDP);
        }
        assertThat(send("10.0.0.2", IpProtocol.UDP)).isEqualTo((first + 1) & 0xffff);
    }
}
