package org.ixnet.stack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void agreesWithTheExampleOfRfc1071() {
        long data = Bytes.of(arena, "0001 f203 f4f5 f6f7");
        assertThat(InternetChecksum.of(data, 8)).isEqualTo(~0xddf2 & 0xffff);
    }

    @Test
    void agreesWithARealIpHeader() {
        long header = Bytes.of(arena, "4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7");
        assertThat(InternetChecksum.of(header, 20)).isEqualTo(0xb861);
        Ipv4.checksum(header, 0xb861);
        assertThat(InternetChecksum.isValid(InternetChecksum.sum(header, 20))).isTrue();
    }

    @Test
    void agreesWithTheObviousSumForEveryLengthAndAlignment() {
        RandomSource random = new RandomSource(11);
        long data = MemoryRanges.allocate(arena, 4096, 64);
        for (int i = 0; i < 4096; i++) {
            Memory.putByte(data + i, random.nextInt(4) == 0 ? 0xff : random.nextInt());
        }
        for (int length = 0; length < 200; length++) {
            for (int offset = 0; offset < 9; offset++) {
                assertThat(InternetChecksum.of(data + offset, length)).isEqualTo(obvious(data + offset, length));
            }
        }
        assertThat(InternetChecksum.of(data, 4096)).isEqualTo(obvious(data, 4096));
    }

    @Test
    void ofIpv4HeaderAgreesWithTheSumOverMemory() {
        RandomSource random = new RandomSource(12);
        long header = MemoryRanges.allocate(arena, 24, 8);
        for (int i = 0; i < 10_000; i++) {
            for (int at = 0; at < 20; at += 4) {
                Memory.putInt(header + at, random.nextInt(4) == 0 ? -1 : random.nextInt());
            }
            int checksum =
                    InternetChecksum.ofIpv4Header(Ipv4.first(header), Ipv4.second(header), Ipv4.destination(header));
            assertThat(checksum).isEqualTo(InternetChecksum.of(header, 20));
        }
    }

    private static int obvious(long address, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            int value = Memory.getUnsignedByte(address + i);
            sum += (i & 1) == 0 ? value << 8 : value;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) ~sum & 0xffff;
    }

    @Test
    void manyOnesDoNotOverflow() {
        long data = MemoryRanges.allocate(arena, 1 << 20, 64);
        Memory.fill(data, 1 << 20, (byte) 0xff);
        assertThat(InternetChecksum.of(data, 1 << 20)).isZero();
    }

    @Test
    void partialSumsAddUp() {
        long data = Bytes.of(arena, "0102030405060708090a0b0c0d0e0f101112131415");
        long parts = InternetChecksum.sum(data, 6) + InternetChecksum.sum(data + 6, 15);
        assertThat(InternetChecksum.finish(parts)).isEqualTo(InternetChecksum.of(data, 21));
    }

    @Test
    void pseudoHeaderOfIpv4IsItsTwelveBytes() {
        long data = Bytes.of(arena, "0a000001 c0a8fefe 0006 1234");
        long sum = InternetChecksum.pseudoHeader(
                0, IpAddresses.parseIpv4("10.0.0.1"), 0, IpAddresses.parseIpv4("192.168.254.254"), 6, 0x1234);
        assertThat(InternetChecksum.finish(sum)).isEqualTo(InternetChecksum.of(data, 12));
        assertThat(InternetChecksum.fold(sum)).isEqualTo(~InternetChecksum.of(data, 12) & 0xffff);
    }

    @Test
    void pseudoHeaderOfIpv6IsItsFortyBytes() {
        long data =
                Bytes.of(arena, "20010db8000000000000000000000001 fe80000000000000021122fffe334455 00012345 00000011");
        long sum = InternetChecksum.pseudoHeader(
                0x20010db800000000L, 1, 0xfe80000000000000L, 0x021122fffe334455L, 17, 0x12345);
        assertThat(InternetChecksum.finish(sum)).isEqualTo(InternetChecksum.of(data, 40));
    }

    @Test
    void incrementalUpdateEqualsComputingAnew() {
        RandomSource random = new RandomSource(5);
        long data = MemoryRanges.allocate(arena, 40, 8);
        for (int i = 0; i < 10_000; i++) {
            int checksum = InternetChecksum.of(data, 40);
            int at = random.nextInt(20) * 2;
            int old = Memory.getUnsignedShortBe(data + at);
            int now = random.nextInt(8) == 0 ? 0xffff : random.nextInt() & 0xffff;
            Memory.putShortBe(data + at, now);
            int updated = InternetChecksum.update(checksum, old, now);
            // +0 and -0 are equal in ones' complement (RFC 1624, 3).
            assertThat(updated == 0xffff ? 0 : updated).isEqualTo(InternetChecksum.of(data, 40) % 0xffff);
        }
    }
}
