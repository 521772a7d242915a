package org.ixnet.stack.device;

import java.lang.foreign.Arena;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;

/**
 * An off-heap array of 32-byte packet descriptors: what crosses between stack and device, once a burst. The native shim
 * reads and writes the same bytes.
 *
 * <pre>
 *  offset  receive                         transmit
 *   0      mbuf                            mbuf
 *   8      address of the frame            address of the frame
 *  16      length of the frame, bytes      length of the frame, bytes
 *  20      RSS hash                        l2 | l3 &lt;&lt; 8 | l4 &lt;&lt; 16: header lengths, bytes
 *  24      flags RX_*                      flags TX_*
 *  28      packet type (0)                 MSS for segmentation offload, bytes
 * </pre>
 *
 * <p>Thread rule: one owner.
 */
public final class PacketBurst {
    public static final int DESCRIPTOR_BYTES = 32;

    /** {@link #hash} holds the device's RSS hash. */
    public static final int RX_HASH_VALID = 1;
    /** The device verified the IPv4 header checksum. */
    public static final int RX_IP_CHECKSUM_GOOD = 1 << 1;

    public static final int RX_IP_CHECKSUM_BAD = 1 << 2;
    /** The device verified the TCP or UDP checksum, or the wire is memory and needs none. */
    public static final int RX_L4_CHECKSUM_GOOD = 1 << 3;

    public static final int RX_L4_CHECKSUM_BAD = 1 << 4;
    /** The frame spans more than one segment; the stack drops and counts it. */
    public static final int RX_MULTI_SEGMENT = 1 << 5;

    /** Ask the device for the IPv4 header checksum. */
    public static final int TX_IP_CHECKSUM = 1;
    /** Ask the device for the TCP checksum; the field holds the pseudo-header sum. */
    public static final int TX_TCP_CHECKSUM = 1 << 1;
    /** Ask the device for the UDP checksum; the field holds the pseudo-header sum. */
    public static final int TX_UDP_CHECKSUM = 1 << 2;
    /** Ask the device to cut the frame into segments of {@link #mss}. */
    public static final int TX_SEGMENTATION = 1 << 3;
    /** The frame is IPv6. */
    public static final int TX_IPV6 = 1 << 4;

    private final long address;
    private final int capacity;

    /**
     * @param arena owns the memory
     * @param capacity descriptors, at least 1
     */
    public PacketBurst(Arena arena, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is " + capacity + "; must be at least 1");
        }
        this.capacity = capacity;
        this.address = MemoryRanges.allocate(arena, (long) capacity * DESCRIPTOR_BYTES, 64);
    }

    /** Address of descriptor {@code index}. */
    public long address(int index) {
        assert index >= 0 && index < capacity : index;
        return address + (long) index * DESCRIPTOR_BYTES;
    }

    public int capacity() {
        return capacity;
    }

    public long mbuf(int index) {
        return Memory.getLong(address(index));
    }

    public long frameAddress(int index) {
        return Memory.getLong(address(index) + 8);
    }

    public int frameLengthBytes(int index) {
        return Memory.getInt(address(index) + 16);
    }

    public int hash(int index) {
        return Memory.getInt(address(index) + 20);
    }

    /** {@code RX_*} after a receive burst, {@code TX_*} before a transmit burst. */
    public int flags(int index) {
        return Memory.getInt(address(index) + 24);
    }

    /** Header lengths of a frame to transmit: {@code l2 | l3 << 8 | l4 << 16}. */
    public int headerLengths(int index) {
        return Memory.getInt(address(index) + 20);
    }

    public int mss(int index) {
        return Memory.getInt(address(index) + 28);
    }

    /** Writes a received frame; for devices. */
    public void receive(int index, long mbuf, long frameAddress, int frameLengthBytes, int hash, int flags) {
        put(address(index), mbuf, frameAddress, frameLengthBytes, hash, flags, 0);
    }

    /** Writes a frame to transmit. */
    public void transmit(
            int index, long mbuf, long frameAddress, int frameLengthBytes, int headerLengths, int flags, int mss) {
        put(address(index), mbuf, frameAddress, frameLengthBytes, headerLengths, flags, mss);
    }

    private static void put(long at, long mbuf, long frameAddress, int lengthBytes, int word20, int flags, int word28) {
        Memory.putLong(at, mbuf);
        Memory.putLong(at + 8, frameAddress);
        Memory.putInts(at + 16, lengthBytes, word20);
        Memory.putInts(at + 24, flags, word28);
    }
}
