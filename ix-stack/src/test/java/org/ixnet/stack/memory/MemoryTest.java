package org.ixnet.stack.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void copiesEveryLengthAndNothingBeside() {
        long from = MemoryRanges.allocate(arena, 256, 8);
        long to = MemoryRanges.allocate(arena, 256, 8);
        for (int i = 0; i < 256; i++) {
            Memory.putByte(from + i, i + 1);
        }
        for (int length = 0; length <= 200; length++) {
            Memory.fill(to, 256, (byte) 0);
            Memory.copyDisjoint(from + 3, to + 9, length);
            for (int i = 0; i < 256; i++) {
                boolean inside = i >= 9 && i < 9 + length;
                assertThat(Memory.getUnsignedByte(to + i))
                        .as("byte %d of length %d", i, length)
                        .isEqualTo(inside ? (i - 9 + 3 + 1) & 0xff : 0);
            }
        }
    }

    @Test
    void twoIntsStandOneBehindTheOther() {
        long address = MemoryRanges.allocate(arena, 8, 8);
        Memory.putInts(address, -2, 3);
        assertThat(Memory.getInt(address)).isEqualTo(-2);
        assertThat(Memory.getInt(address + 4)).isEqualTo(3);
        Memory.putInts(address, 4, -5);
        assertThat(Memory.getInt(address)).isEqualTo(4);
        assertThat(Memory.getInt(address + 4)).isEqualTo(-5);
    }
}
