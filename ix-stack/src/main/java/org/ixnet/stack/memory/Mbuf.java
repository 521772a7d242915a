package org.ixnet.stack.memory;

/**
 * Flyweight over one packet buffer. An mbuf is named by the address of its header, a {@code long}; 0 is no mbuf. The
 * layout is DPDK's {@code struct rte_mbuf} (checked against the shim's {@code offsetof} when ix-native loads), followed by
 * a private area of {@link #PRIVATE_BYTES} that the stack uses for intrusive queues:
 *
 * <pre>
 *  0                          128                 192            192 + headroom
 *  +--------------------------+-------------------+--------------+-------------------------+
 *  | struct rte_mbuf          | private (stack)   | headroom     | frame ...               |
 *  +--------------------------+-------------------+--------------+-------------------------+
 *                                                 ^ bufferAddress
 * </pre>
 *
 * <p>The stack never chains segments: one mbuf holds one frame. Thread rule: whoever owns the mbuf.
 */
public final class Mbuf {
    /** Bytes of {@code struct rte_mbuf}. */
    public static final int HEADER_BYTES = 128;
    /** Bytes of the private area behind the header; ix-native creates its pools with this {@code priv_size}. */
    public static final int PRIVATE_BYTES = 64;
    /** Bytes before the frame in a buffer that is allocated for transmission; {@code RTE_PKTMBUF_HEADROOM}. */
    public static final int HEADROOM_BYTES = 128;

    public static final int BUFFER_ADDRESS_OFFSET = 0;
    public static final int BUFFER_LENGTH_OFFSET = 54;

    private static final int NEXT_OFFSET = HEADER_BYTES;
    private static final int PAYLOAD_ADDRESS_OFFSET = HEADER_BYTES + 8;
    private static final int PAYLOAD_LENGTH_OFFSET = HEADER_BYTES + 16;
    private static final int SEQUENCE_OFFSET = HEADER_BYTES + 20;
    private static final int SOURCE_HI_OFFSET = HEADER_BYTES + 24;
    private static final int SOURCE_LO_OFFSET = HEADER_BYTES + 32;
    private static final int SOURCE_PORT_OFFSET = HEADER_BYTES + 40;
    private static final int FLAGS_OFFSET = HEADER_BYTES + 44;
    private static final int HASH_OFFSET = HEADER_BYTES + 48;
    private static final int FRAME_LENGTH_OFFSET = HEADER_BYTES + 52;
    private static final int FRAME_ADDRESS_OFFSET = HEADER_BYTES + 56;

    private Mbuf() {}

    /** First byte of the buffer, headroom included ({@code buf_addr}). */
    public static long bufferAddress(long mbuf) {
        return Memory.getLong(mbuf + BUFFER_ADDRESS_OFFSET);
    }

    /** Bytes of the buffer, headroom included ({@code buf_len}). */
    public static int bufferLengthBytes(long mbuf) {
        return Memory.getUnsignedShort(mbuf + BUFFER_LENGTH_OFFSET);
    }

    /** Next mbuf of the intrusive queue that holds this one, or 0. */
    public static long next(long mbuf) {
        return Memory.getLong(mbuf + NEXT_OFFSET);
    }

    public static void next(long mbuf, long next) {
        Memory.putLong(mbuf + NEXT_OFFSET, next);
    }

    /** First byte of the transport payload that the stack hands up. */
    public static long payloadAddress(long mbuf) {
        return Memory.getLong(mbuf + PAYLOAD_ADDRESS_OFFSET);
    }

    public static void payloadAddress(long mbuf, long address) {
        Memory.putLong(mbuf + PAYLOAD_ADDRESS_OFFSET, address);
    }

    public static int payloadLengthBytes(long mbuf) {
        return Memory.getInt(mbuf + PAYLOAD_LENGTH_OFFSET);
    }

    public static void payloadLengthBytes(long mbuf, int lengthBytes) {
        Memory.putInt(mbuf + PAYLOAD_LENGTH_OFFSET, lengthBytes);
    }

    /** Describes text that the stack received (TCP): its first byte, its length, its first sequence number. */
    public static void text(long mbuf, long address, int lengthBytes, int sequence) {
        Memory.putLong(mbuf + PAYLOAD_ADDRESS_OFFSET, address);
        Memory.putInts(mbuf + PAYLOAD_LENGTH_OFFSET, lengthBytes, sequence);
    }

    /** Sequence number of the first payload byte (TCP). */
    public static int sequence(long mbuf) {
        return Memory.getInt(mbuf + SEQUENCE_OFFSET);
    }

    public static void sequence(long mbuf, int sequence) {
        Memory.putInt(mbuf + SEQUENCE_OFFSET, sequence);
    }

    /** Upper half of the sender's address (UDP); see {@code ip.IpPacket} for the form. */
    public static long sourceHi(long mbuf) {
        return Memory.getLong(mbuf + SOURCE_HI_OFFSET);
    }

    /** Lower half of the sender's address (UDP). */
    public static long sourceLo(long mbuf) {
        return Memory.getLong(mbuf + SOURCE_LO_OFFSET);
    }

    /** The sender's port (UDP). */
    public static int sourcePort(long mbuf) {
        return Memory.getInt(mbuf + SOURCE_PORT_OFFSET);
    }

    public static void source(long mbuf, long hi, long lo, int port) {
        Memory.putLong(mbuf + SOURCE_HI_OFFSET, hi);
        Memory.putLong(mbuf + SOURCE_LO_OFFSET, lo);
        Memory.putInt(mbuf + SOURCE_PORT_OFFSET, port);
    }

    /** Receive flags ({@link org.ixnet.stack.memory.Mbuf} carries them when a packet crosses threads). */
    public static int flags(long mbuf) {
        return Memory.getInt(mbuf + FLAGS_OFFSET);
    }

    public static int hash(long mbuf) {
        return Memory.getInt(mbuf + HASH_OFFSET);
    }

    public static long frameAddress(long mbuf) {
        return Memory.getLong(mbuf + FRAME_ADDRESS_OFFSET);
    }

    public static int frameLengthBytes(long mbuf) {
        return Memory.getInt(mbuf + FRAME_LENGTH_OFFSET);
    }

    /** Stores the descriptor of a frame in its mbuf, for a packet that crosses threads or waits. */
    public static void frame(long mbuf, long address, int lengthBytes, int hash, int flags) {
        Memory.putLong(mbuf + FRAME_ADDRESS_OFFSET, address);
        Memory.putInt(mbuf + FRAME_LENGTH_OFFSET, lengthBytes);
        Memory.putInt(mbuf + HASH_OFFSET, hash);
        Memory.putInt(mbuf + FLAGS_OFFSET, flags);
    }
}
