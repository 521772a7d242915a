package org.ixnet.dpdk;

import java.lang.foreign.Arena;
import java.util.BitSet;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;

/** Sends numbered frames and collects numbered frames, on the calling thread. Other frames on the wire are freed. */
final class FrameExchange implements AutoCloseable {
    static final long PEER_MAC = 0x02_00_00_00_aa_01L;
    private static final int TYPE = 0x88b5; // local experimental EtherType
    private static final int PATTERN_OFFSET = 18;

    private final Device device;
    private final Arena arena = Arena.ofConfined();
    private final PacketBurst burst = new PacketBurst(arena, 64);
    private final Mempool pool;

    FrameExchange(Device device) {
        this.device = device;
        this.pool = new Mempool(arena, device.mbufStore());
    }

    /** Sends frame {@code number} on queue {@code queue}; false when the device has no room. */
    boolean send(int queue, int number, int lengthBytes) {
        long mbuf = pool.allocate();
        if (mbuf == 0) {
            return false;
        }
        long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
        put(frame, PEER_MAC);
        put(frame + 6, device.macAddress());
        Memory.putShortBe(frame + 12, TYPE);
        Memory.putIntBe(frame + 14, number);
        for (int i = PATTERN_OFFSET; i < lengthBytes; i++) {
            Memory.putByte(frame + i, number + i);
        }
        burst.transmit(0, mbuf, frame, lengthBytes, 0, 0, 0);
        if (device.queue(queue).txBurst(burst, 0, 1) == 1) {
            return true;
        }
        pool.free(mbuf);
        return false;
    }

    /**
     * Receives until all of {@code 0..count-1} have come, or the time is over; checks every byte.
     *
     * @param reflected whether the MAC addresses come swapped
     */
    BitSet receive(int queue, BitSet seen, int count, long timeoutNanos, boolean reflected) {
        long deadline = System.nanoTime() + timeoutNanos;
        DeviceQueue from = device.queue(queue);
        while (seen.cardinality() < count && System.nanoTime() < deadline) {
            int received = from.rxBurst(burst, 64);
            for (int i = 0; i < received; i++) {
                long frame = burst.frameAddress(i);
                if (Memory.getUnsignedShortBe(frame + 12) == TYPE) {
                    int number = Memory.getIntBe(frame + 14);
                    check(frame, burst.frameLengthBytes(i), number, reflected);
                    seen.set(number);
                }
                pool.free(burst.mbuf(i));
            }
        }
        return seen;
    }

    /** Sends {@code count} frames of all lengths and receives them back from a reflector; lost ones are sent again. */
    int exchange(int queue, int count, long timeoutNanos) {
        return exchange(queue, count, timeoutNanos, 1459);
    }

    /** As above, with frames of {@code 60..longestBytes} bytes. */
    int exchange(int queue, int count, long timeoutNanos, int longestBytes) {
        BitSet seen = new BitSet();
        long deadline = System.nanoTime() + timeoutNanos;
        while (seen.cardinality() < count && System.nanoTime() < deadline) {
            for (int number = seen.nextClearBit(0), sent = 0;
                    number < count && sent < 32;
                    number = seen.nextClearBit(number + 1), sent++) {
                send(queue, number, longestBytes - number % (longestBytes - 59));
            }
            receive(queue, seen, count, 2_000_000L, true);
        }
        return seen.cardinality();
    }

    private void check(long frame, int length, int number, boolean reflected) {
        if (reflected && get(frame) != device.macAddress()) {
            throw new AssertionError("frame " + number + " came back to another MAC address");
        }
        for (int i = PATTERN_OFFSET; i < length; i++) {
            if (Memory.getByte(frame + i) != (byte) (number + i)) {
                throw new AssertionError("frame " + number + " differs at byte " + i + " of " + length);
            }
        }
    }

    private static void put(long at, long mac) {
        Memory.putShortBe(at, (int) (mac >>> 32));
        Memory.putIntBe(at + 2, (int) mac);
    }

    private static long get(long at) {
        return ((long) Memory.getUnsignedShortBe(at) << 32) | (Memory.getIntBe(at + 2) & 0xffff_ffffL);
    }

    @Override
    public void close() {
        pool.drain();
        arena.close();
    }
}
