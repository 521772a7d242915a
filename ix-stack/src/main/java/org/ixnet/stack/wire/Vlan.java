package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/** The 802.1Q tag behind the MAC addresses: tag control information, then the real type. Thread rule: stateless. */
public final class Vlan {
    /** Bytes that a tag adds to the Ethernet header. */
    public static final int TAG_BYTES = 4;

    private Vlan() {}

    /** VLAN identifier, 0..4095; 0: priority only. */
    public static int identifier(long frame) {
        return Memory.getUnsignedShortBe(frame + 14) & 0xfff;
    }

    /** Priority code point, 0..7. */
    public static int priority(long frame) {
        return Memory.getUnsignedShortBe(frame + 14) >>> 13;
    }

    /** Type of what follows the tag. */
    public static int type(long frame) {
        return Memory.getUnsignedShortBe(frame + 16);
    }

    public static void write(long frame, int priority, int identifier, int type) {
        Memory.putShortBe(frame + 12, Ethernet.TYPE_VLAN);
        Memory.putShortBe(frame + 14, priority << 13 | identifier);
        Memory.putShortBe(frame + 16, type);
    }
}
