package org.ixnet.stack.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressesTest {
    @Test
    void ipv4IsMapped() throws Exception {
        InetAddress address = InetAddress.getByName("10.18.0.2");
        assertThat(IpAddresses.hi(address)).isZero();
        assertThat(IpAddresses.lo(address)).isEqualTo(0x0000_ffff_0a12_0002L);
        assertThat(IpAddresses.toInetAddress(0, 0x0000_ffff_0a12_0002L)).isEqualTo(address);
        assertThat(IpAddresses.parseIpv4("10.18.0.2")).isEqualTo(0x0000_ffff_0a12_0002L);
        assertThat(IpAddresses.ipv4(255, 254, 128, 1)).isEqualTo(0x0000_ffff_fffe_8001L);
    }

    @Test
    void ipv6KeepsItsBytes() throws Exception {
        InetAddress address = InetAddress.getByName("2001:db8::8:1");
        assertThat(IpAddresses.hi(address)).isEqualTo(0x2001_0db8_0000_0000L);
        assertThat(IpAddresses.lo(address)).isEqualTo(0x8_0001L);
        assertThat(IpAddresses.toInetAddress(IpAddresses.hi(address), IpAddresses.lo(address)))
                .isEqualTo(address);
    }

    @Test
    void wildcardsAreZeroAndPrintAsStar() throws Exception {
        assertThat(IpAddresses.lo(InetAddress.getByName("0.0.0.0"))).isZero();
        assertThat(IpAddresses.lo(InetAddress.getByName("::"))).isZero();
        assertThat(IpAddresses.toString(0, 0)).isEqualTo("*");
        assertThat(IpAddresses.toString(0, IpAddresses.parseIpv4("1.2.3.4"))).isEqualTo("1.2.3.4");
    }

    @Test
    void kindsAreTold() {
        assertThat(IpAddresses.isLoopback(0, IpAddresses.parseIpv4("127.9.8.7")))
                .isTrue();
        assertThat(IpAddresses.isLoopback(0, 1)).isTrue();
        assertThat(IpAddresses.isLoopback(0, IpAddresses.parseIpv4("128.0.0.1")))
                .isFalse();
        assertThat(IpAddresses.isMulticast(0, IpAddresses.parseIpv4("224.0.0.1")))
                .isTrue();
        assertThat(IpAddresses.isMulticast(0, IpAddresses.parseIpv4("239.255.255.255")))
                .isTrue();
        assertThat(IpAddresses.isMulticast(0, IpAddresses.parseIpv4("240.0.0.1")))
                .isFalse();
        assertThat(IpAddresses.isMulticast(0xff02_0000_0000_0000L, 1)).isTrue();
        assertThat(IpAddresses.isLimitedBroadcast(0, IpAddresses.parseIpv4("255.255.255.255")))
                .isTrue();
        assertThat(IpAddresses.isUnspecified(0, IpAddresses.parseIpv4("0.0.0.0")))
                .isTrue();
        assertThat(IpAddresses.isIpv4(0, 1)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.x", "-1.2.3.4"})
    void refusesWhatIsNoIpv4Address(String text) {
        assertThatThrownBy(() -> IpAddresses.parseIpv4(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("0..255");
    }
}
