package org.ixnet.stack.dataplane;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;

/**
 * A bounded ring of packet descriptors from one elastic thread to another, laid out like {@code device.PacketBurst}. The
 * high byte of the length says what the packet is: {@link #RECEIVED} and so on. Thread rule: one producer, one consumer.
 */
final class PacketRing {
    /** A received frame for the owner of its flow group. */
    static final int RECEIVED = 0;
    /** A received frame of a connection that lives on the consumer although its flow group does not. */
    static final int STRAY = 1;
    /** A stray whose connection is gone, back at the owner of its flow group. */
    static final int RETURNED = 2;
    /** A frame to transmit through a device queue of the consumer. */
    static final int TRANSMIT = 3;

    private static final int SLOT_BYTES = 32;
    private static final int KIND_SHIFT = 24;
    private static final int LENGTH_MASK = (1 << KIND_SHIFT) - 1;

    /** Release by the writer of an index, acquire by the other side: slots before it are seen whole. */
    private static final VarHandle INDEX = MethodHandles.arrayElementVarHandle(long[].class);

    /** Indexes stand 128 bytes apart and from the array's ends, so that the sides do not share cache lines. */
    private static final int HEAD = 16;

    private static final int TAIL = 32;

    private final long[] indexes = new long[48];
    private final long slots;
    private final int mask;

    /** The consumer's head as the producer last saw it, and the producer's tail as the consumer last saw it. */
    private long seenHead;

    private long seenTail;

    /**
     * @param arena owns the slots
     * @param capacity a power of two
     */
    PacketRing(Arena arena, int capacity) {
        assert Integer.bitCount(capacity) == 1 : capacity;
        this.slots = MemoryRanges.allocate(arena, (long) capacity * SLOT_BYTES, 64);
        this.mask = capacity - 1;
    }

    /** Producer: adds a packet; false when the ring is full. */
    boolean offer(int kind, long mbuf, long frameAddress, int lengthBytes, int word20, int flags, int word28) {
        long tail = indexes[TAIL];
        if (tail - seenHead > mask) {
            seenHead = (long) INDEX.getAcquire(indexes, HEAD);
            if (tail - seenHead > mask) {
                return false;
            }
        }
        long slot = slot(tail);
        Memory.putLong(slot, mbuf);
        Memory.putLong(slot + 8, frameAddress);
        Memory.putInt(slot + 16, lengthBytes | kind << KIND_SHIFT);
        Memory.putInt(slot + 20, word20);
        Memory.putInt(slot + 24, flags);
        Memory.putInt(slot + 28, word28);
        INDEX.setRelease(indexes, TAIL, tail + 1);
        return true;
    }

    /** Consumer: whether a packet waits; the accessors then describe the oldest, until {@link #remove}. */
    boolean hasNext() {
        long head = indexes[HEAD];
        if (head == seenTail) {
            seenTail = (long) INDEX.getAcquire(indexes, TAIL);
        }
        return head != seenTail;
    }

    /** Consumer: packets that waited at the last look. */
    int waitingPackets() {
        seenTail = (long) INDEX.getAcquire(indexes, TAIL);
        return (int) (seenTail - indexes[HEAD]);
    }

    int kind() {
        return Memory.getInt(head() + 16) >>> KIND_SHIFT;
    }

    long mbuf() {
        return Memory.getLong(head());
    }

    long frameAddress() {
        return Memory.getLong(head() + 8);
    }

    int lengthBytes() {
        return Memory.getInt(head() + 16) & LENGTH_MASK;
    }

    /** Hash of a received frame, header lengths of one to transmit. */
    int word20() {
        return Memory.getInt(head() + 20);
    }

    int flags() {
        return Memory.getInt(head() + 24);
    }

    /** MSS of a frame to transmit. */
    int word28() {
        return Memory.getInt(head() + 28);
    }

    /** Consumer: frees the slot of the oldest packet. */
    void remove() {
        INDEX.setRelease(indexes, HEAD, indexes[HEAD] + 1);
    }

    private long head() {
        return slot(indexes[HEAD]);
    }

    private long slot(long index) {
        return slots + (index & mask) * SLOT_BYTES;
    }
}
