package org.ixnet.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.udp.UdpSocket;
import org.ixnet.stack.udp.UdpUser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FragmentsTest {
    private static final long B = Network.address("10.0.0.2");

    private final Network net = new Network().withNeighboursKnown();

    @AfterEach
    void nothingIsLost() {
        net.close();
    }

    private static final UdpUser NOBODY = new UdpUser() {
        @Override
        public void readable(UdpSocket socket) {}

        @Override
        public void error(UdpSocket socket, IcmpError.Kind kind) {}
    };

    /** A fragment of a UDP datagram to port 7: 8 bytes of header first, then data. */
    private String fragment(int id, int offset, boolean more, int bytes) {
        return fragment("0a000002", id, offset, more, bytes);
    }

    private String fragment(String source, int id, int offset, boolean more, int bytes) {
        String word = String.format("%04x", offset / 8 | (more ? 0x2000 : 0));
        String payload = offset == 0 ? "1267 0007 0000 0000" + "00".repeat(bytes - 8) : "00".repeat(bytes);
        return net.ipv4(
                "4500" + String.format("%04x", bytes + 20) + String.format("%04x", id) + word + "4011 0000" + source
                        + "0a000001",
                payload);
    }

    private void inject(String... frames) {
        for (String frame : frames) {
            net.injectToA(frame);
            net.settle();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1473, 1500, 2953, 8192, 65507})
    void largeDatagramsCrossInPiecesAndArriveWhole(int bytes) throws Exception {
        UdpSocket from = net.a.udp.bind(0, 0, 5000, NOBODY);
        UdpSocket to = net.b.udp.bind(0, 0, 7, NOBODY);
        long data = net.pattern(bytes);
        assertThat(net.a.udp.send(from, 0, B, 7, data, bytes)).isTrue();
        net.settle();
        long mbuf = net.b.udp.receive(to);
        assertThat(mbuf).isNotZero();
        assertThat(Mbuf.payloadLengthBytes(mbuf)).isEqualTo(bytes);
        assertThat(Memory.segment(Mbuf.payloadAddress(mbuf), bytes).mismatch(Memory.segment(data, bytes)))
                .isEqualTo(-1);
        net.b.mempool.free(mbuf);
        assertThat(net.a.count(IpCounter.FRAGMENTED)).isEqualTo(1);
        assertThat(net.b.count(IpCounter.REASSEMBLED)).isEqualTo(1);
        assertThat(net.frames).hasSize((bytes + 8 + 1479) / 1480);
    }

    @Test
    void whatFitsIsNotCut() throws Exception {
        UdpSocket from = net.a.udp.bind(0, 0, 5000, NOBODY);
        net.b.udp.bind(0, 0, 7, NOBODY);
        net.a.udp.send(from, 0, B, 7, net.pattern(1472), 1472);
        net.settle();
        assertThat(net.frames).hasSize(1);
        assertThat(net.a.count(IpCounter.FRAGMENTED)).isZero();
    }

    @Test
    void aLargePingIsAnsweredInPieces() {
        // 3000 bytes of echo in three fragments; the reply goes out in three too.
        String icmp = net.icmp("0800 0000 0001 0001" + "5a".repeat(2992));
        for (int offset = 0; offset < 3000; offset += 1480) {
            int bytes = Math.min(1480, 3000 - offset);
            String word = String.format("%04x", offset / 8 | (offset + bytes < 3000 ? 0x2000 : 0));
            inject(net.ipv4(
                    "4500" + String.format("%04x", bytes + 20) + "0077" + word + "4001 0000 0a000002 0a000001",
                    icmp.substring(2 * offset, 2 * (offset + bytes))));
        }
        assertThat(net.a.count(IpCounter.ICMP_ECHO_REPLIED)).isEqualTo(1);
        assertThat(net.frames.stream().filter(f -> f.startsWith("a: "))).hasSize(3);
        assertThat(net.b.count(IpCounter.REASSEMBLED)).isEqualTo(1);
        assertThat(net.b.count(IpCounter.ICMP_IGNORED))
                .as("the reply's checksum is right")
                .isEqualTo(1);
    }

    @Test
    void anyOrderWillDo() throws Exception {
        UdpSocket socket = net.a.udp.bind(0, 0, 7, NOBODY);
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(order, new Random(seed));
            for (int piece : order) {
                inject(fragment(seed, piece * 64, piece < 7, 64).replace("126700070000", "126700070200"));
            }
            long mbuf = net.a.udp.receive(socket);
            assertThat(mbuf).as("seed %d", seed).isNotZero();
            assertThat(Mbuf.payloadLengthBytes(mbuf)).isEqualTo(504);
            net.a.mempool.free(mbuf);
        }
    }

    @Test
    void duplicatesAreHarmless() {
        inject(fragment(1, 0, true, 64), fragment(1, 0, true, 64), fragment(1, 64, false, 8));
        assertThat(net.a.count(IpCounter.DROPPED_FRAGMENT_DUPLICATE)).isEqualTo(1);
        assertThat(net.a.count(IpCounter.REASSEMBLED)).isEqualTo(1);
    }

    @Test
    void overlapDiscardsTheDatagram() {
        inject(fragment(1, 0, true, 64), fragment(1, 56, true, 64), fragment(1, 64, false, 8));
        assertThat(net.a.count(IpCounter.REASSEMBLY_OVERLAP)).isEqualTo(1);
        assertThat(net.a.count(IpCounter.REASSEMBLED)).isZero();
    }

    @Test
    void dataBeyondTheEndOrTwoEndsDiscardTheDatagram() {
        inject(fragment(1, 64, false, 8), fragment(1, 128, true, 8));
        inject(fragment(2, 64, true, 64), fragment(2, 8, false, 16));
        inject(fragment(3, 64, false, 8), fragment(3, 56, false, 8));
        assertThat(net.a.count(IpCounter.REASSEMBLY_OVERLAP)).isEqualTo(3);
    }

    @Test
    void impossibleFragmentsAreDropped() {
        inject(
                fragment(1, 65528, false, 64),
                fragment(2, 8, true, 7),
                net.ipv4("4500 0014 0001 2000 4011 0000 0a000002 0a000001", ""));
        assertThat(net.a.count(IpCounter.DROPPED_FRAGMENT_INVALID)).isEqualTo(3);
    }

    @Test
    void whatNeverCompletesIsGivenUp() {
        inject(fragment(1, 0, true, 64));
        assertThat(net.a.host.largeMbufs().available()).isEqualTo(IpHost.LARGE_MBUFS - 1);
        net.pass(Reassembly.LIFETIME_NANOS + 20_000_000);
        assertThat(net.a.count(IpCounter.REASSEMBLY_TIMEOUT)).isEqualTo(1);
        assertThat(net.a.host.largeMbufs().available()).isEqualTo(IpHost.LARGE_MBUFS);
        assertThat(net.a.count(IpCounter.ICMP_ERRORS_SENT)).isEqualTo(1);
        assertThat(net.frames.getLast()).as("the sender is told").contains("ICMP");
    }

    @Test
    void withoutTheFirstFragmentNobodyIsToldOfTheTimeout() {
        inject(fragment(1, 64, true, 64));
        net.pass(Reassembly.LIFETIME_NANOS + 20_000_000);
        assertThat(net.a.count(IpCounter.REASSEMBLY_TIMEOUT)).isEqualTo(1);
        assertThat(net.a.count(IpCounter.ICMP_ERRORS_SENT)).isZero();
    }

    @Test
    void aFloodOfFirstFragmentsTakesNoMoreThanItsShare() {
        for (int i = 0; i < 2000; i++) {
            net.injectToA(fragment(String.format("0a0001%02x", i & 0xff), i, 0, true, 64));
            if (i % 50 == 0) {
                net.settle();
            }
        }
        net.settle();
        assertThat(net.a.host.largeMbufs().available()).isEqualTo(IpHost.LARGE_MBUFS - Reassembly.MAX_DATAGRAMS);
        assertThat(net.a.count(IpCounter.REASSEMBLY_EVICTED)).isEqualTo(2000 - Reassembly.MAX_DATAGRAMS);
        // A datagram that comes whole still gets through.
        inject(fragment(9999, 0, true, 64), fragment(9999, 64, false, 8));
        assertThat(net.a.count(IpCounter.REASSEMBLED)).isEqualTo(1);
    }

    @Test
    void tooManyPiecesAreGivenUp() {
        for (int i = 0; i <= Reassembly.MAX_PIECES; i++) {
            inject(fragment(1, 8 + i * 8, true, 8));
        }
        assertThat(net.a.count(IpCounter.REASSEMBLY_OVERLAP)).isEqualTo(1);
        assertThat(net.a.host.largeMbufs().available()).isEqualTo(IpHost.LARGE_MBUFS);
    }

    @Test
    void datagramsSurviveABadWireOrVanishWhole() throws Exception {
        net.link.impair(new Impairments(0.05, 0.05, 0.2, 3_000_000, 0, 100_000, 50_000, 0, 0));
        UdpSocket from = net.a.udp.bind(0, 0, 5000, NOBODY);
        UdpSocket to = net.b.udp.bind(0, 0, 7, NOBODY);
        int bytes = 6000;
        long data = net.pattern(bytes);
        int received = 0;
        for (int i = 0; i < 200; i++) {
            net.a.udp.send(from, 0, B, 7, data, bytes);
            net.pass(10_000_000);
            long mbuf;
            while ((mbuf = net.b.udp.receive(to)) != 0) {
                assertThat(Memory.segment(Mbuf.payloadAddress(mbuf), Mbuf.payloadLengthBytes(mbuf))
                                .mismatch(Memory.segment(data, bytes)))
                        .isEqualTo(-1);
                net.b.mempool.free(mbuf);
                received++;
            }
        }
        assertThat(received).isBetween(100, 200);
        net.pass(Reassembly.LIFETIME_NANOS + Network.SECOND);
    }
}
