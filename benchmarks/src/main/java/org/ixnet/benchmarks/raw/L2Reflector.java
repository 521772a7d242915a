package org.ixnet.benchmarks.raw;

import java.lang.foreign.Arena;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.MbufStore;
import org.ixnet.stack.memory.Memory;

/**
 * The rung above testpmd's {@code macswap}: every frame goes back where it came from with its MAC addresses swapped. Thread
 * rule: the thread that polls.
 */
public final class L2Reflector {
    private static final int BURST = 32;
    private static final int MAC_BYTES = 6;

    private final Arena arena = Arena.ofShared();
    private final PacketBurst burst = new PacketBurst(arena, BURST);
    private final long refused = arena.allocate(BURST * 8L, 8).address();
    private final DeviceQueue queue;
    private final MbufStore store;

    /** @param store of the device of {@code queue} */
    public L2Reflector(DeviceQueue queue, MbufStore store) {
        this.queue = queue;
        this.store = store;
    }

    /** Receives a burst and sends it back. Returns its length. */
    public int poll() {
        int count = queue.rxBurst(burst, BURST);
        if (count == 0) {
            return 0;
        }
        for (int i = 0; i < count; i++) {
            long frame = burst.frameAddress(i);
            swapAddresses(frame);
            burst.transmit(i, burst.mbuf(i), frame, burst.frameLengthBytes(i), 0, 0, 0);
        }
        int taken = queue.txBurst(burst, 0, count);
        for (int i = taken; i < count; i++) {
            Memory.putLong(refused + (i - taken) * 8L, burst.mbuf(i));
        }
        if (taken < count) {
            store.give(refused, count - taken);
        }
        return count;
    }

    /** Destination and source are the first twelve bytes: two longs that overlap by four bytes hold them. */
    private static void swapAddresses(long frame) {
        long destination = Memory.getLong(frame);
        long source = Memory.getLong(frame + MAC_BYTES);
        // The two bytes behind each address belong to its neighbour; write the later address first, then mend them.
        int type = Memory.getUnsignedShort(frame + 2 * MAC_BYTES);
        Memory.putLong(frame, source);
        Memory.putLong(frame + MAC_BYTES, destination);
        Memory.putShort(frame + 2 * MAC_BYTES, (short) type);
    }

    /** Frees its own memory. */
    public void close() {
        arena.close();
    }
}
