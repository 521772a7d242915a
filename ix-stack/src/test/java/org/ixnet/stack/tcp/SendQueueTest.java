package org.ixnet.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    /** 2^31 regions may pass without the queue ever being empty. */
    @Test
    void findsBytesWhileTheIndicesWrap() {
        try (Arena arena = Arena.ofConfined()) {
            long memory = MemoryRanges.allocate(arena, 256, 8);
            for (int i = 0; i < 128; i++) {
                Memory.putByte(memory + i, i);
            }
            SendQueue queue = new SendQueue(Integer.MAX_VALUE - 9);
            queue.start(0);
            for (int i = 0; i < 64; i++) {
                queue.add(memory + 2 * i, 1); // with a hole between, so that regions stay apart
            }
            queue.acknowledge(3);
            for (int i = 63; i >= 3; i--) {
                queue.copy(i, memory + 200, 1);
                assertEquals(2 * i, Memory.getByte(memory + 200));
                queue.copy((i * 37) % 61 + 3, memory + 200, 1);
                assertEquals(2 * ((i * 37) % 61 + 3), Memory.getByte(memory + 200));
            }
            MemoryRanges.unregister(memory);
        }
    }
}
