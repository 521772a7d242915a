package org.ixnet.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ipv4InputTest {
    private static final String TCP = "0001 0002 00000000 00000000 5002 0000 0000 0000";

    private final Network net = new Network().withNeighboursKnown();

    @AfterEach
    void nothingIsLost() {
        net.close();
    }

    /** A packet with the TCP segment above, which is delivered when nothing is wrong with it. */
    private String packet(String source, String destination) {
        return net.ipv4("4500 0028 0001 4000 4006 0000" + source + destination, TCP);
    }

    private void expect(IpCounter reason, String frame) {
        net.injectToA(frame);
        net.settle();
        assertThat(net.a.count(reason)).as(reason.name()).isEqualTo(1);
        assertThat(net.a.count(IpCounter.RECEIVED)).isEqualTo(1);
        if (reason != IpCounter.DELIVERED) {
            assertThat(net.a.tcpPayloadBytes).isEmpty();
            long drops = net.a.ip.counters().snapshot().entrySet().stream()
                    .filter(e -> e.getKey().name().startsWith("DROPPED_") || e.getKey() == IpCounter.IGNORED_MULTICAST)
                    .mapToLong(java.util.Map.Entry::getValue)
                    .sum();
            assertThat(drops).as("a drop counts once").isEqualTo(1);
        }
        assertThat(net.frames).as("nothing is answered").hasSize(1);
    }

    @Test
    void goodPacketIsDelivered() {
        expect(IpCounter.DELIVERED, packet("0a000002", "0a000001"));
        assertThat(net.a.tcpPayloadBytes).containsExactly(20);
    }

    @Test
    void paddingIsCutOff() {
        expect(IpCounter.DELIVERED, packet("0a000002", "0a000001") + "00".repeat(6));
        assertThat(net.a.tcpPayloadBytes).containsExactly(20);
    }

    @ParameterizedTest
    @CsvSource({
        "00000000, DROPPED_MARTIAN_SOURCE",
        "00010203, DROPPED_MARTIAN_SOURCE",
        "7f000001, DROPPED_MARTIAN_SOURCE",
        "e0000001, DROPPED_MARTIAN_SOURCE",
        "f0000001, DROPPED_MARTIAN_SOURCE",
        "ffffffff, DROPPED_MARTIAN_SOURCE",
        "0a0000ff, DROPPED_MARTIAN_SOURCE",
        "0a000000, DROPPED_MARTIAN_SOURCE",
        "0a000001, DROPPED_LAND"
    })
    void impossibleSourcesAreDropped(String source, IpCounter reason) {
        expect(reason, packet(source, "0a000001"));
    }

    @ParameterizedTest
    @CsvSource({"0a000003, DROPPED_OTHER_ADDRESS", "7f000001, DROPPED_OTHER_ADDRESS", "e0000001, IGNORED_MULTICAST"})
    void packetsForOthersAreDropped(String destination, IpCounter reason) {
        expect(reason, packet("0a000002", destination));
    }

    @Test
    void unicastPacketInABroadcastFrameIsDropped() {
        expect(
                IpCounter.DROPPED_GROUP_FRAME,
                packet("0a000002", "0a000001").replaceFirst("020000000001", "ffffffffffff"));
    }

    @Test
    void frameForAnotherMacIsDropped() {
        expect(
                IpCounter.DROPPED_OTHER_MAC,
                packet("0a000002", "0a000001").replaceFirst("020000000001", "020000000009"));
    }

    @Test
    void wrongHeaderChecksumIsDropped() {
        String good = packet("0a000002", "0a000001");
        // The TTL, 64, becomes 65.
        int at = good.indexOf("4006");
        expect(IpCounter.DROPPED_IP_CHECKSUM, good.substring(0, at) + "41" + good.substring(at + 2));
    }

    @ParameterizedTest
    @CsvSource({
        "6500 0028, DROPPED_IP_VERSION",
        "4400 0028, DROPPED_IP_HEADER_LENGTH",
        "4f00 0028, DROPPED_IP_TOTAL_LENGTH",
        "4500 0013, DROPPED_IP_TOTAL_LENGTH",
        "4500 0029, DROPPED_IP_TOTAL_LENGTH",
        "4500 ffff, DROPPED_IP_TOTAL_LENGTH"
    })
    void lengthsThatDoNotFitAreDropped(String start, IpCounter reason) {
        // The frame ends 40 bytes behind the start of the header; an IHL of 60 runs past it and past the total length.
        String frame = net.ipv4(start + "0001 4000 4006 0000 0a000002 0a000001", TCP);
        if (start.startsWith("4f")) {
            expect(IpCounter.DROPPED_IP_HEADER_LENGTH, frame);
        } else {
            expect(reason, frame);
        }
    }

    @Test
    void headerThatIsCutShortIsDropped() {
        expect(IpCounter.DROPPED_IP_SHORT, "020000000001 020000000002 0800 4500 0028 0001");
    }

    @Test
    void harmlessOptionsAreSkipped() {
        expect(
                IpCounter.DELIVERED,
                net.ipv4("4700 0030 0001 4000 4006 0000 0a000002 0a000001 01 0704 0400 0000 00", TCP));
        assertThat(net.a.tcpPayloadBytes).containsExactly(20);
    }

    @ParameterizedTest
    @CsvSource({"83030400", "89030400", "07000000", "07010000", "07090000", "01010107"})
    void sourceRoutesAndMalformedOptionsAreDropped(String options) {
        expect(
                IpCounter.DROPPED_IP_OPTIONS,
                net.ipv4("4600 002c 0001 4000 4006 0000 0a000002 0a000001" + options, TCP));
    }

    @Test
    void priorityTagIsReadAndOtherVlansAreDropped() {
        String good = packet("0a000002", "0a000001");
        net.injectToA(good.replaceFirst("0800", "8100 6000 0800"));
        net.settle();
        assertThat(net.a.tcpPayloadBytes).containsExactly(20);
        net.injectToA(good.replaceFirst("0800", "8100 0005 0800"));
        net.settle();
        assertThat(net.a.count(IpCounter.DROPPED_VLAN)).isEqualTo(1);
    }

    @Test
    void otherEthertypesAreDropped() {
        expect(IpCounter.DROPPED_ETHERTYPE, "020000000001 020000000002 88cc 00000000");
    }

    @Test
    void ipv6IsCountedAndDropped() {
        expect(IpCounter.DROPPED_IPV6, "020000000001 020000000002 86dd" + "60".repeat(40));
    }

    @Test
    void shortFrameIsDropped() {
        expect(IpCounter.DROPPED_SHORT_FRAME, "0200 0000");
    }

    @Test
    void broadcastsAreDeliveredAsSuchAndNeverAnswered() {
        net.injectToA(packet("0a000002", "0a0000ff").replaceFirst("020000000001", "ffffffffffff"));
        net.settle();
        assertThat(net.a.tcpPayloadBytes).containsExactly(20);
        // Protocol 99 to the broadcast address.
        net.injectToA(net.ipv4("4500 0018 0001 4000 4063 0000 0a000002 0a0000ff", "00000000"));
        net.settle();
        assertThat(net.a.count(IpCounter.ICMP_ERRORS_SENT)).isZero();
    }
}
