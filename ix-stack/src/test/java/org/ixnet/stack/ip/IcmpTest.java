package org.ixnet.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IcmpTest {
    private final Network net = new Network().withNeighboursKnown();

    @AfterEach
    void nothingIsLost() {
        net.close();
    }

    private void injectIcmp(String destination, String message) {
        String icmp = net.icmp(message);
        String total = String.format("%04x", 20 + icmp.length() / 2);
        net.injectToA(net.ipv4("4500" + total + "0001 0000 4001 0000 0a000002" + destination, icmp));
        net.settle();
    }

    /** An error of this type, code and second word about a packet of ours to 10.0.0.2:80 from port 4711 with SEQ 0x01020304. */
    private void injectError(String typeAndCode, String word, String quotedSource, String quotedProtocol) {
        injectIcmp(
                "0a000001",
                typeAndCode + "0000" + word + "4500 05dc 0001 4000 40" + quotedProtocol + "0000" + quotedSource
                        + "0a000002 1267 0050 01020304");
    }

    @Test
    void echoIsAnsweredWithTheSameData() {
        injectIcmp("0a000001", "0800 0000 1234 0001 68656c6c6f");
        assertThat(net.frames).endsWith("a: 10.0.0.1 > 10.0.0.2 ICMP type 0 code 0 len 5");
        assertThat(net.b.count(IpCounter.ICMP_IGNORED))
                .as("B finds the checksum right")
                .isEqualTo(1);
        assertThat(net.a.count(IpCounter.ICMP_ECHO_REPLIED)).isEqualTo(1);
    }

    @Test
    void echoWithIpOptionsIsAnsweredToo() {
        String icmp = net.icmp("0800 0000 1234 0001");
        net.injectToA(net.ipv4("4600 0020 0001 0000 4001 0000 0a000002 0a000001 01010101", icmp));
        net.settle();
        assertThat(net.frames).endsWith("a: 10.0.0.1 > 10.0.0.2 ICMP type 0 code 0 len 0");
        assertThat(net.b.count(IpCounter.ICMP_IGNORED)).isEqualTo(1);
    }

    @Test
    void echoToBroadcastIsIgnored() {
        injectIcmp("0a0000ff", "0800 0000 1234 0001");
        assertThat(net.frames).hasSize(1);
        assertThat(net.a.count(IpCounter.ICMP_IGNORED)).isEqualTo(1);
    }

    @Test
    void wrongChecksumAndShortMessagesAreDropped() {
        net.injectToA(net.ipv4("4500 001c 0001 0000 4001 0000 0a000002 0a000001", "0800 1111 1234 0001"));
        net.injectToA(net.ipv4("4500 0018 0001 0000 4001 0000 0a000002 0a000001", "0800 1111"));
        net.settle();
        assertThat(net.a.count(IpCounter.DROPPED_ICMP_CHECKSUM)).isEqualTo(1);
        assertThat(net.a.count(IpCounter.DROPPED_ICMP_SHORT)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0300, NET_UNREACHABLE",
        "0301, HOST_UNREACHABLE",
        "0302, PROTOCOL_UNREACHABLE",
        "0303, PORT_UNREACHABLE",
        "0305, SOURCE_ROUTE_FAILED",
        "030d, ADMINISTRATIVELY_PROHIBITED",
        "0b00, TIME_EXCEEDED",
        "0b01, REASSEMBLY_TIME_EXCEEDED",
        "0c00, PARAMETER_PROBLEM"
    })
    void errorsReachTheTransportThatTheyConcern(String typeAndCode, IcmpError.Kind kind) {
        injectError(typeAndCode, "00000000", "0a000001", "06");
        assertThat(net.a.tcpErrors).containsExactly(kind);
        assertThat(net.a.lastTcpErrorSequence).isEqualTo(0x01020304);
        assertThat(net.a.lastTcpErrorMtuBytes).isZero();
    }

    @Test
    void fragmentationNeededBringsTheMtuOrAPlateau() {
        injectError("0304", "00000500", "0a000001", "06");
        assertThat(net.a.tcpErrors).containsExactly(IcmpError.Kind.FRAGMENTATION_NEEDED);
        assertThat(net.a.lastTcpErrorMtuBytes).isEqualTo(0x500);
        injectError("0304", "00000000", "0a000001", "06");
        assertThat(net.a.lastTcpErrorMtuBytes).as("the plateau below 1500").isEqualTo(1492);
    }

    @Test
    void errorsAboutPacketsThatWereNeverOursAreDropped() {
        injectError("0301", "00000000", "0a000009", "06");
        injectIcmp("0a000001", "0301 0000 00000000 4500 0028 0001 4000 4006 0000 0a000001 0a000002 1267");
        assertThat(net.a.tcpErrors).isEmpty();
        assertThat(net.a.count(IpCounter.DROPPED_ICMP_QUOTE)).isEqualTo(2);
        assertThat(net.frames).as("an error is never answered").hasSize(2);
    }

    /** RFC 9293, MUST-55; RFC 6633. */
    @Test
    void sourceQuenchIsIgnored() {
        injectError("0400", "00000000", "0a000001", "06");
        assertThat(net.a.tcpErrors).isEmpty();
        assertThat(net.a.count(IpCounter.ICMP_IGNORED)).isEqualTo(1);
        assertThat(net.frames).as("nothing is answered").hasSize(1);
    }

    @Test
    void redirectsAreIgnored() {
        injectError("0501", "0a000063", "0a000001", "06");
        assertThat(net.a.tcpErrors).isEmpty();
        assertThat(net.a.count(IpCounter.ICMP_IGNORED)).isEqualTo(1);
    }

    @Test
    void unknownProtocolIsReportedWithTheQuotedPacket() {
        net.injectToA(net.ipv4("4500 0018 0001 0000 4063 0000 0a000002 0a000001", "01020304"));
        net.settle();
        assertThat(net.frames).endsWith("a: 10.0.0.1 > 10.0.0.2 ICMP type 3 code 2 len 24");
        assertThat(net.a.count(IpCounter.DROPPED_PROTOCOL)).isEqualTo(1);
    }

    @Test
    void errorsQuoteNoMoreThanFits576Bytes() {
        net.injectToA(net.ipv4("4500 0400 0001 0000 4063 0000 0a000002 0a000001", "00".repeat(1004)));
        net.settle();
        assertThat(net.frames).endsWith("a: 10.0.0.1 > 10.0.0.2 ICMP type 3 code 2 len 548");
    }

    @Test
    void errorsAreRateLimitedAndRecover() {
        String frame = net.ipv4("4500 0018 0001 0000 4063 0000 0a000002 0a000001", "01020304");
        for (int i = 0; i < 200; i++) {
            net.injectToA(frame);
            net.settle();
        }
        // Each costs one on average, at random: the exact count would be an oracle.
        long first = net.a.count(IpCounter.ICMP_ERRORS_SENT);
        assertThat(first).isBetween(Icmp.ERROR_BURST / 2L, 2L * Icmp.ERROR_BURST);
        assertThat(net.a.count(IpCounter.ICMP_ERRORS_LIMITED)).isEqualTo(200 - first);
        net.pass(Network.SECOND / 100);
        for (int i = 0; i < 50; i++) {
            net.injectToA(frame);
        }
        net.settle();
        assertThat(net.a.count(IpCounter.ICMP_ERRORS_SENT) - first).isBetween(4L, 30L);
    }

    /** CVE-2020-25705: the same number of errors must not be left after the same number of probes. */
    @Test
    void theErrorLimitIsNoOracle() {
        String frame = net.ipv4("4500 0018 0001 0000 4063 0000 0a000002 0a000001", "01020304");
        Set<Long> counts = new HashSet<>();
        for (int round = 0; round < 20; round++) {
            net.pass(Network.SECOND);
            long before = net.a.count(IpCounter.ICMP_ERRORS_SENT);
            for (int i = 0; i < 150; i++) {
                net.injectToA(frame);
                net.settle();
            }
            counts.add(net.a.count(IpCounter.ICMP_ERRORS_SENT) - before);
        }
        assertThat(counts).hasSizeGreaterThan(3);
    }
}
