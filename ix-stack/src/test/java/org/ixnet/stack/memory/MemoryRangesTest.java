package org.ixnet.stack.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryRangesTest {
    @BeforeEach
    void needsTheCheckedMode() {
        assumeTrue(MemoryRanges.CHECKED, "run with -ea -Dix.memory.checked=true");
    }

    @Test
    void accessOutsideRegisteredMemoryIsFound() {
        try (Arena arena = Arena.ofConfined()) {
            long address = MemoryRanges.allocate(arena, 16, 8);
            Memory.putLong(address + 8, 42);
            assertThat(Memory.getLong(address + 8)).isEqualTo(42);
            assertThatThrownBy(() -> Memory.getLong(address + 9)).isInstanceOf(AssertionError.class);
            assertThatThrownBy(() -> Memory.putByte(address + 16, 1)).isInstanceOf(AssertionError.class);
            assertThatThrownBy(() -> Memory.getByte(address - 1)).isInstanceOf(AssertionError.class);
            MemoryRanges.unregister(address);
            assertThatThrownBy(() -> Memory.getByte(address)).isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void rangesThatTouchStayTwoRanges() {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(32, 8).address();
            MemoryRanges.register(address + 16, 16);
            MemoryRanges.register(address, 16);
            Memory.putLong(address + 16, 1);
            Memory.putLong(address + 8, 1);
            Memory.putLong(address + 24, 1);
            MemoryRanges.unregister(address);
            Memory.putLong(address + 16, 1);
            assertThatThrownBy(() -> Memory.getByte(address)).isInstanceOf(AssertionError.class);
            MemoryRanges.unregister(address + 16);
            assertThatThrownBy(() -> Memory.getByte(address + 16)).isInstanceOf(AssertionError.class);
        }
    }
}
