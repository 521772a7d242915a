package org.ixnet.stack.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.net.InetAddress;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.wire.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToeplitzTest {
    private static final String MACS = "020000000001 020000000002 ";

    private final Toeplitz toeplitz = new Toeplitz(Toeplitz.standardKey());
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    /** Microsoft, "Verifying the RSS hash calculation". */
    @ParameterizedTest
    @CsvSource({
        "66.9.149.187, 2794, 161.142.100.80, 1766, 51ccc178, 323e8fc2",
        "199.92.111.2, 14230, 65.69.140.83, 4739, c626b0ea, d718262a",
        "24.19.198.95, 12898, 12.22.207.184, 38024, 5c2b394a, d2d0a5de",
        "38.27.205.30, 48228, 209.142.163.6, 2217, afc7327f, 82989176",
        "153.39.163.191, 44251, 202.188.127.2, 1303, 10e828a2, 5d1809c5",
        "3ffe:2501:200:1fff::7, 2794, 3ffe:2501:200:3::1, 1766, 40207d3d, 2cc18cd5",
        "3ffe:501:8::260:97ff:fe40:efab, 14230, ff02::1, 4739, dde51bbf, 0f0c461c",
        "3ffe:1900:4545:3:200:f8ff:fe21:67cf, 44251, fe80::200:f8ff:fe21:67cf, 38024, 02d1feef, 4b61e985"
    })
    void agreesWithMicrosoftsVectors(
            String source, int sourcePort, String destination, int destinationPort, String ports, String addresses)
            throws Exception {
        InetAddress from = InetAddress.getByName(source);
        InetAddress to = InetAddress.getByName(destination);
        long fromHi = IpAddresses.hi(from);
        long fromLo = IpAddresses.lo(from);
        long toHi = IpAddresses.hi(to);
        long toLo = IpAddresses.lo(to);
        assertThat(Integer.toHexString(toeplitz.hash(fromHi, fromLo, toHi, toLo, sourcePort, destinationPort)))
                .isEqualTo(ports.replaceFirst("^0+", ""));
        assertThat(Integer.toHexString(toeplitz.hash(fromHi, fromLo, toHi, toLo)))
                .isEqualTo(addresses.replaceFirst("^0+", ""));
    }

    private int frame(String hex) {
        return toeplitz.hashFrame(Bytes.of(arena, hex), Bytes.normal(hex).length() / 2);
    }

    @Test
    void framesHashWithPortsAndFragmentsWithout() {
        String addresses = "420995bb a18e6450";
        String ports = "0aea 06e6 00000000";
        assertThat(frame(MACS + "0800 4500 0028 0000 4000 4006 0000" + addresses + ports))
                .isEqualTo(0x51ccc178);
        assertThat(frame(MACS + "0800 4500 0028 0000 4000 4011 0000" + addresses + ports))
                .isEqualTo(0x51ccc178);
        assertThat(frame(MACS + "0800 4500 0028 0000 2000 4011 0000" + addresses + ports))
                .isEqualTo(0x323e8fc2);
        assertThat(frame(MACS + "0800 4500 0028 0000 0001 4006 0000" + addresses + ports))
                .isEqualTo(0x323e8fc2);
        assertThat(frame(MACS + "0800 4500 0028 0000 0000 4001 0000" + addresses + "08000000"))
                .isEqualTo(0x323e8fc2);
        assertThat(frame(MACS + "0806" + "00".repeat(28))).isZero();
        assertThat(frame("0102")).isZero();
    }

    @Test
    void icmpErrorsHashLikeTheConnectionThatTheyQuote() {
        // A router 10.9.9.9 says that our packet 161.142.100.80:1766 -> 66.9.149.187:2794 did not arrive.
        String error = MACS + "0800 4500 0038 0000 0000 4001 0000 0a090909 a18e6450" + "0301 0000 0000 0000"
                + "4500 0028 0000 4000 4006 0000 a18e6450 420995bb 06e6 0aea 00000000";
        assertThat(frame(error)).isEqualTo(0x51ccc178);
    }

    @Test
    void refusesAShortKey() {
        assertThatThrownBy(() -> new Toeplitz(new byte[16]))
                .hasMessageContaining("16 bytes")
                .hasMessageContaining("40");
    }
}
