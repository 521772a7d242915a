package org.ixnet.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordingTest {
    private static final String MACS = "020000000001 020000000002 ";

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void pcapFileHasHeaderTimeLengthsAndFrame() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PcapWriter pcap = new PcapWriter(out)) {
            pcap.write(3_000_000_007L, Bytes.of(arena, "0102030405"), 5);
        }
        assertThat(HexFormat.of().formatHex(out.toByteArray()))
                .isEqualTo(Bytes.normal("4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000"
                        + "03000000 07000000 05000000 05000000 0102030405"));
    }

    @Test
    void framesReadAsOneLine() {
        assertThat(text(MACS + "0800 4500 002c 0000 4000 4006 0000 0a000001 0a000002"
                        + "0050 1267 00000001 00000002 5012 0003 0000 0000 61626364"))
                .isEqualTo("10.0.0.1:80 > 10.0.0.2:4711 TCP SA seq 1 ack 2 win 3 len 4");
        assertThat(text(MACS + "0800 4500 0020 0000 4000 4011 0000 0a000001 0a000002 0035 1267 000c 0000 61626364"))
                .isEqualTo("10.0.0.1:53 > 10.0.0.2:4711 UDP len 4");
        assertThat(text(MACS + "0806 0001 0800 06 04 0001 020000000002 0a000001 000000000000 0a000002"))
                .isEqualTo("ARP who has 10.0.0.2 tell 10.0.0.1");
        assertThat(text(MACS + "0800 4500 001c 0007 2001 4011 0000 0a000001 0a000002 0035 1267 000c 0000"))
                .isEqualTo("10.0.0.1 > 10.0.0.2 fragment id 7 offset 8 len 8");
        assertThat(text("0102")).isEqualTo("frame of 2 bytes");
        assertThat(FrameText.hex(Bytes.of(arena, "000102030405060708090a0b0c0d0e0f10"), 17))
                .isEqualTo("0000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n0010  10");
    }

    private String text(String hex) {
        return FrameText.of(Bytes.of(arena, hex), Bytes.normal(hex).length() / 2);
    }

    /** The checked memory of the tests makes any read past the frame an error. */
    @Test
    void textNeverReadsPastTheFrame() {
        RandomSource random = new RandomSource(4);
        String frame = Bytes.normal(MACS + "0800 4f00 ffff 0000 0000 4006 0000 0a000001 0a000002" + "ff".repeat(64));
        String[] protocols = {"06", "11", "01"};
        for (int i = 0; i < 300; i++) {
            String type = new String[] {"0800", "0806", "86dd", "8100"}[random.nextInt(4)];
            String hex = frame.substring(0, 24)
                    + type
                    + frame.substring(28, 46)
                    + protocols[random.nextInt(3)]
                    + frame.substring(48);
            int bytes = random.nextInt(hex.length() / 2 + 1);
            assertThat(text(hex.substring(0, 2 * bytes))).isNotEmpty();
        }
    }
}
