package org.ixnet.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpOptionsTest {
    private final Arena arena = Arena.ofConfined();
    private final TcpOptions options = new TcpOptions();

    @AfterEach
    void close() {
        arena.close();
    }

    private TcpOptions parse(String hex) {
        int bytes = Bytes.normal(hex).length() / 2;
        assertThat(bytes % 4).isZero();
        String fixed = "0001 0002 00000000 00000000 " + Integer.toHexString(5 + bytes / 4) + "0 10 0000 0000 0000";
        long header = Bytes.of(arena, fixed + hex);
        options.parse(header, Tcp.headerLengthBytes(header));
        return options;
    }

    @Test
    void readsALinuxSyn() {
        parse("020405b4 0402080a 11223344 00000000 01030307");
        assertThat(options.mssBytes()).isEqualTo(1460);
        assertThat(options.sackPermitted()).isTrue();
        assertThat(options.hasTimestamps()).isTrue();
        assertThat(options.timestampValue()).isEqualTo(0x11223344);
        assertThat(options.timestampEcho()).isZero();
        assertThat(options.windowScale()).isEqualTo(7);
        assertThat(options.malformed()).isFalse();
    }

    @Test
    void readsAlignedTimestampsAlone() {
        parse("0101080a 0000002a 0000002b");
        assertThat(options.timestampValue()).isEqualTo(42);
        assertThat(options.timestampEcho()).isEqualTo(43);
    }

    @Test
    void nothingOfThePreviousHeaderStays() {
        parse("020405b4 0402080a 11223344 00000000 01030307");
        parse("");
        assertThat(options.mssBytes()).isZero();
        assertThat(options.sackPermitted()).isFalse();
        assertThat(options.hasTimestamps()).isFalse();
        assertThat(options.windowScale()).isEqualTo(-1);
    }

    @Test
    void readsSackBlocks() {
        parse("0101 0512 00000001 00000002 fffffff0 00000010");
        assertThat(options.sackBlocks()).isEqualTo(2);
        assertThat(options.sackLeft(0)).isEqualTo(1);
        assertThat(options.sackRight(0)).isEqualTo(2);
        assertThat(options.sackLeft(1)).isEqualTo(0xfffffff0);
        assertThat(options.sackRight(1)).isEqualTo(0x10);
    }

    @Test
    void endOfListHidesWhatFollows() {
        parse("00000000 020405b4");
        assertThat(options.mssBytes()).isZero();
        assertThat(options.malformed()).isFalse();
    }

    @Test
    void lengthsOfZeroOneOrPastTheEndStopTheParser() {
        assertThat(parse("02000000").malformed()).isTrue();
        assertThat(parse("02010000").malformed()).isTrue();
        assertThat(parse("020405b4 01010805").malformed()).isTrue();
        assertThat(options.mssBytes()).isEqualTo(1460);
        assertThat(parse("01010103").malformed()).isTrue();
    }

    @Test
    void knownOptionsOfAWrongLengthAreIgnored() {
        parse("0203ff01 03040701 0403ff01 08040000 05060000 00000101");
        assertThat(options.mssBytes()).isZero();
        assertThat(options.windowScale()).isEqualTo(-1);
        assertThat(options.sackPermitted()).isFalse();
        assertThat(options.hasTimestamps()).isFalse();
        assertThat(options.sackBlocks()).isZero();
    }

    @Test
    void fortyNopsAreNothing() {
        parse("01".repeat(40));
        assertThat(options.malformed()).isFalse();
    }

    @Test
    void readsAFastOpenCookie() {
        parse("220a 0102030405060708 0101");
        assertThat(options.fastOpenLengthBytes()).isEqualTo(8);
        assertThat(Memory.getLongBe(options.fastOpenAddress())).isEqualTo(0x0102030405060708L);
    }

    @Test
    void writersGiveLinuxsBytes() {
        long start = MemoryRanges.allocate(arena, 64, 8);
        long at = TcpOptions.writeMss(start, 1460);
        at = TcpOptions.writeSackPermittedAndTimestamps(at, 0x11223344, 0);
        at = TcpOptions.writeWindowScale(at, 7);
        assertThat(Bytes.hex(start, (int) (at - start)))
                .isEqualTo(Bytes.normal("020405b4 0402080a 11223344 00000000 01030307"));
        at = TcpOptions.writeTimestamps(start, 42, 43);
        at = TcpOptions.writeSackHead(at, 1);
        at = TcpOptions.writeSackBlock(at, 1, 2);
        at = TcpOptions.writeSackPermitted(at);
        assertThat(Bytes.hex(start, (int) (at - start)))
                .isEqualTo(Bytes.normal("0101080a 0000002a 0000002b 0101050a 00000001 00000002 01010402"));
    }

    /** The checked memory of the tests makes any read past the header an error. */
    @Test
    void randomBytesNeverReadPastTheHeader() {
        RandomSource random = new RandomSource(9);
        for (int i = 0; i < 20_000; i++) {
            int headerBytes = 20 + 4 * random.nextInt(11);
            try (Arena own = Arena.ofConfined()) {
                long header = MemoryRanges.allocate(own, headerBytes, 1);
                for (int b = 20; b < headerBytes; b++) {
                    int kinds = random.nextInt(10);
                    Memory.putByte(header + b, kinds < 5 ? kinds : random.nextInt());
                }
                Memory.putByte(header + 12, headerBytes << 2);
                options.parse(header, Tcp.headerLengthBytes(header));
                MemoryRanges.unregister(header);
            }
        }
    }
}
