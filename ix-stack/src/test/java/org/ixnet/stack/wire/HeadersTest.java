package org.ixnet.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.ixnet.stack.memory.MemoryRanges;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each header against bytes taken from real captures, read and written. */
class HeadersTest {
    private final Arena arena = Arena.ofConfined();
    private final long scratch = MemoryRanges.allocate(arena, 128, 8);
    private final long other = MemoryRanges.allocate(arena, 128, 8);

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void ethernet() {
        String golden = "ffffffffffff 0242ac110002 0806";
        long frame = Bytes.of(arena, golden);
        assertThat(Ethernet.destination(frame)).isEqualTo(Ethernet.BROADCAST);
        assertThat(Ethernet.source(frame)).isEqualTo(0x0242ac110002L);
        assertThat(Ethernet.type(frame)).isEqualTo(Ethernet.TYPE_ARP);
        Ethernet.write(scratch, Ethernet.BROADCAST, 0x0242ac110002L, Ethernet.TYPE_ARP);
        assertThat(Bytes.hex(scratch, 15)).isEqualTo(Bytes.normal(golden) + "00");
        assertThat(Ethernet.isGroup(Ethernet.BROADCAST)).isTrue();
        assertThat(Ethernet.isGroup(0x01005e000001L)).isTrue();
        assertThat(Ethernet.isGroup(0x0242ac110002L)).isFalse();
        assertThat(Ethernet.multicast(0xe0800001)).isEqualTo(0x01005e000001L);
        assertThat(Ethernet.toString(0x0242ac110002L)).isEqualTo("02:42:ac:11:00:02");
    }

    @Test
    void vlan() {
        String golden = "ffffffffffff 0242ac110002 8100 a064 0800";
        long frame = Bytes.of(arena, golden);
        assertThat(Vlan.identifier(frame)).isEqualTo(100);
        assertThat(Vlan.priority(frame)).isEqualTo(5);
        assertThat(Vlan.type(frame)).isEqualTo(Ethernet.TYPE_IPV4);
        Ethernet.write(scratch, Ethernet.BROADCAST, 0x0242ac110002L, Ethernet.TYPE_VLAN);
        Vlan.write(scratch, 5, 100, Ethernet.TYPE_IPV4);
        assertThat(Bytes.hex(scratch, 18)).isEqualTo(Bytes.normal(golden));
    }

    @Test
    void arp() {
        String golden = "0001 0800 06 04 0002 0242ac110003 ac110003 0242ac110002 ac110002";
        long arp = Bytes.of(arena, golden);
        assertThat(Arp.isIpv4OverEthernet(arp)).isTrue();
        assertThat(Arp.operation(arp)).isEqualTo(Arp.REPLY);
        assertThat(Arp.senderMac(arp)).isEqualTo(0x0242ac110003L);
        assertThat(Arp.senderIpv4(arp)).isEqualTo(0xac110003);
        assertThat(Arp.targetMac(arp)).isEqualTo(0x0242ac110002L);
        assertThat(Arp.targetIpv4(arp)).isEqualTo(0xac110002);
        Arp.write(scratch, Arp.REPLY, 0x0242ac110003L, 0xac110003, 0x0242ac110002L, 0xac110002);
        assertThat(Bytes.hex(scratch, 28)).isEqualTo(Bytes.normal(golden));
        assertThat(Arp.isIpv4OverEthernet(Bytes.of(arena, "0006 0800 06 04 0002")))
                .isFalse();
    }

    @Test
    void ipv4() {
        String golden = "45 10 003c 1c46 4000 40 06 b1d6 ac100a63 ac100a0c";
        long header = Bytes.of(arena, golden);
        assertThat(Ipv4.version(header)).isEqualTo(4);
        assertThat(Ipv4.headerLengthBytes(header)).isEqualTo(20);
        assertThat(Ipv4.trafficClass(header)).isEqualTo(0x10);
        assertThat(Ipv4.totalLengthBytes(header)).isEqualTo(60);
        assertThat(Ipv4.identification(header)).isEqualTo(0x1c46);
        assertThat(Ipv4.flagsAndOffset(header)).isEqualTo(Ipv4.DONT_FRAGMENT);
        assertThat(Ipv4.isFragment(header)).isFalse();
        assertThat(Ipv4.timeToLive(header)).isEqualTo(64);
        assertThat(Ipv4.protocol(header)).isEqualTo(6);
        assertThat(Ipv4.source(header)).isEqualTo(0xac100a63);
        assertThat(Ipv4.destination(header)).isEqualTo(0xac100a0c);
        Ipv4.write(scratch, 0x10, 60, 0x1c46, Ipv4.DONT_FRAGMENT, 64, 6, 0xac100a63, 0xac100a0c);
        Ipv4.fillChecksum(scratch);
        String expected = Bytes.normal(golden);
        Ipv4.fillChecksum(header);
        Ipv4.writeWithChecksum(other, 0x10, 60, 0x1c46, Ipv4.DONT_FRAGMENT, 64, 6, 0xac100a63, 0xac100a0c);
        assertThat(Bytes.hex(other, 20)).isEqualTo(Bytes.hex(header, 20));
        assertThat(Bytes.hex(scratch, 20)).isEqualTo(Bytes.hex(header, 20));
        assertThat(Bytes.hex(scratch, 10)).isEqualTo(expected.substring(0, 20));
        assertThat(InternetChecksum.isValid(InternetChecksum.sum(scratch, 20))).isTrue();
    }

    @Test
    void ipv4Fragments() {
        assertThat(Ipv4.isFragment(Bytes.of(arena, "4500 003c 1c46 2000"))).isTrue();
        assertThat(Ipv4.isFragment(Bytes.of(arena, "4500 003c 1c46 0001"))).isTrue();
        assertThat(Ipv4.isFragment(Bytes.of(arena, "4500 003c 1c46 4000"))).isFalse();
    }

    @Test
    void ipv6() {
        String golden = "6 12 34567 0020 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002";
        long header = Bytes.of(arena, golden);
        assertThat(Ipv6.version(header)).isEqualTo(6);
        assertThat(Ipv6.trafficClass(header)).isEqualTo(0x12);
        assertThat(Ipv6.flowLabel(header)).isEqualTo(0x34567);
        assertThat(Ipv6.payloadLengthBytes(header)).isEqualTo(32);
        assertThat(Ipv6.nextHeader(header)).isEqualTo(6);
        assertThat(Ipv6.hopLimit(header)).isEqualTo(64);
        assertThat(Ipv6.sourceHi(header)).isEqualTo(0x20010db800000000L);
        assertThat(Ipv6.sourceLo(header)).isEqualTo(1);
        assertThat(Ipv6.destinationHi(header)).isEqualTo(0x20010db800000000L);
        assertThat(Ipv6.destinationLo(header)).isEqualTo(2);
        Ipv6.write(scratch, 0x12, 0x34567, 32, 6, 64, 0x20010db800000000L, 1, 0x20010db800000000L, 2);
        assertThat(Bytes.hex(scratch, 40)).isEqualTo(Bytes.normal(golden));
    }

    @Test
    void icmp() {
        String golden = "03 04 0000 0000 05dc";
        long header = Bytes.of(arena, golden);
        assertThat(IcmpV4.type(header)).isEqualTo(IcmpV4.DESTINATION_UNREACHABLE);
        assertThat(IcmpV4.code(header)).isEqualTo(IcmpV4.CODE_FRAGMENTATION_NEEDED);
        assertThat(IcmpV4.nextHopMtuBytes(header)).isEqualTo(1500);
        IcmpV4.write(scratch, 3, 4, 1500);
        assertThat(Bytes.hex(scratch, 8)).isEqualTo(Bytes.normal(golden));
        long echo = Bytes.of(arena, "08 00 f7ff 0001 0002");
        assertThat(IcmpV4.identifier(echo)).isEqualTo(1);
        assertThat(IcmpV4.sequence(echo)).isEqualTo(2);
        assertThat(IcmpV4.checksum(echo)).isEqualTo(0xf7ff);
        assertThat(IcmpV4.isError(IcmpV4.ECHO_REQUEST)).isFalse();
        assertThat(IcmpV4.isError(IcmpV4.TIME_EXCEEDED)).isTrue();
    }

    @Test
    void udp() {
        String golden = "0035 d431 0010 0000";
        long header = Bytes.of(arena, golden);
        assertThat(Udp.sourcePort(header)).isEqualTo(53);
        assertThat(Udp.destinationPort(header)).isEqualTo(0xd431);
        assertThat(Udp.lengthBytes(header)).isEqualTo(16);
        Udp.write(scratch, 53, 0xd431, 16);
        assertThat(Bytes.hex(scratch, 8)).isEqualTo(Bytes.normal(golden));
        Udp.checksum(scratch, 0xabcd);
        assertThat(Udp.checksum(scratch)).isEqualTo(0xabcd);
    }

    @Test
    void tcp() {
        String golden = "c5de 01bb e3e2b1a4 80000001 8 0 18 fafa 0000 0000";
        long header = Bytes.of(arena, golden);
        assertThat(Tcp.sourcePort(header)).isEqualTo(0xc5de);
        assertThat(Tcp.destinationPort(header)).isEqualTo(443);
        assertThat(Tcp.sequence(header)).isEqualTo(0xe3e2b1a4);
        assertThat(Tcp.acknowledgment(header)).isEqualTo(0x80000001);
        assertThat(Tcp.headerLengthBytes(header)).isEqualTo(32);
        assertThat(Tcp.flags(header)).isEqualTo(Tcp.PSH | Tcp.ACK);
        assertThat(Tcp.window(header)).isEqualTo(0xfafa);
        assertThat(Tcp.urgentPointer(header)).isZero();
        Tcp.write(scratch, 0xc5de, 443, 0xe3e2b1a4, 0x80000001, 32, Tcp.PSH | Tcp.ACK, 0xfafa);
        assertThat(Bytes.hex(scratch, 20)).isEqualTo(Bytes.normal(golden));
        Tcp.writeTimestamps(scratch, 0xfedcba98, 0x80000002);
        assertThat(Bytes.hex(scratch, 32)).isEqualTo(Bytes.normal(golden + "0101080a fedcba98 80000002"));
        assertThat(Tcp.flagsToString(Tcp.SYN | Tcp.ACK | Tcp.CWR)).isEqualTo("SAC");
    }
}
