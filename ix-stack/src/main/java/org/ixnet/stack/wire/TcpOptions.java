package org.ixnet.stack.wire;

import org.ixnet.stack.memory.Memory;

/**
 * The options of one TCP header, parsed into fields: one flyweight a thread. Parsing is bounded by the header (at most 40
 * bytes); an option with a length of 0, 1 or past the end stops it, and what was read before counts (RFC 9293, MUST-7).
 * Writers return the address behind what they wrote. Thread rule: one owner.
 */
public final class TcpOptions {
    public static final int END = 0;
    public static final int NO_OPERATION = 1;
    public static final int MAXIMUM_SEGMENT_SIZE = 2;
    public static final int WINDOW_SCALE = 3;
    public static final int SACK_PERMITTED = 4;
    public static final int SACK = 5;
    public static final int TIMESTAMPS = 8;
    public static final int FAST_OPEN = 34;

    /** Blocks that fit beside timestamps is 3, without is 4. */
    public static final int MAX_SACK_BLOCKS = 4;

    /** Timestamps with two NOPs before, as everyone sends them: 12 bytes. */
    public static final int ALIGNED_TIMESTAMPS_BYTES = 12;

    static final int ALIGNED_TIMESTAMPS = NO_OPERATION << 24 | NO_OPERATION << 16 | TIMESTAMPS << 8 | 10;

    private int mssBytes;
    private int windowScale;
    private boolean sackPermitted;
    private boolean timestamps;
    private int timestampValue;
    private int timestampEcho;
    private int sackBlocks;
    private long sackAddress;
    private long fastOpenAddress;
    private int fastOpenLengthBytes;
    private boolean malformed;

    public TcpOptions() {}

    /** Parses the options of the header at {@code header}, whose data offset, {@code headerBytes}, has been checked. */
    public void parse(long header, int headerBytes) {
        clear();
        long at = Tcp.options(header);
        // The common case: nothing but aligned timestamps.
        if (headerBytes == Tcp.HEADER_BYTES + ALIGNED_TIMESTAMPS_BYTES && Memory.getIntBe(at) == ALIGNED_TIMESTAMPS) {
            long valueAndEcho = Memory.getLongBe(at + 4);
            timestamps = true;
            timestampValue = (int) (valueAndEcho >>> 32);
            timestampEcho = (int) valueAndEcho;
        } else if (headerBytes > Tcp.HEADER_BYTES) {
            parse(at, header + headerBytes);
        }
    }

    private void parse(long from, long end) {
        long at = from;
        while (at < end) {
            int kind = Memory.getUnsignedByte(at);
            if (kind == END) {
                return;
            }
            if (kind == NO_OPERATION) {
                at++;
                continue;
            }
            int lengthBytes = at + 1 < end ? Memory.getUnsignedByte(at + 1) : 0;
            if (lengthBytes < 2 || at + lengthBytes > end) {
                malformed = true;
                return;
            }
            option(kind, at, lengthBytes);
            at += lengthBytes;
        }
    }

    private void clear() {
        mssBytes = 0;
        windowScale = -1;
        sackPermitted = false;
        timestamps = false;
        sackBlocks = 0;
        fastOpenAddress = 0;
        fastOpenLengthBytes = 0;
        malformed = false;
    }

    private void option(int kind, long at, int lengthBytes) {
        switch (kind) {
            case MAXIMUM_SEGMENT_SIZE -> {
                if (lengthBytes == 4) {
                    mssBytes = Memory.getUnsignedShortBe(at + 2);
                }
            }
            case WINDOW_SCALE -> {
                if (lengthBytes == 3) {
                    windowScale = Memory.getUnsignedByte(at + 2);
                }
            }
            case SACK_PERMITTED -> sackPermitted |= lengthBytes == 2;
            case SACK -> {
                if (lengthBytes >= 10 && (lengthBytes - 2) % 8 == 0) {
                    sackBlocks = Math.min(MAX_SACK_BLOCKS, (lengthBytes - 2) / 8);
                    sackAddress = at + 2;
                }
            }
            case TIMESTAMPS -> {
                if (lengthBytes == 10) {
                    timestamps(at);
                }
            }
            case FAST_OPEN -> {
                fastOpenAddress = at + 2;
                fastOpenLengthBytes = lengthBytes - 2;
            }
            default -> {
                // RFC 9293, MUST-6: an option that is not implemented is passed over.
            }
        }
    }

    private void timestamps(long at) {
        timestamps = true;
        timestampValue = Memory.getIntBe(at + 2);
        timestampEcho = Memory.getIntBe(at + 6);
    }

    /** MSS as received; 0: no such option. */
    public int mssBytes() {
        return mssBytes;
    }

    /** Shift count as received, 0..255; -1: no such option. The caller limits it to 14 (RFC 7323, 2.3). */
    public int windowScale() {
        return windowScale;
    }

    public boolean sackPermitted() {
        return sackPermitted;
    }

    public boolean hasTimestamps() {
        return timestamps;
    }

    /** TSval; meaningful with {@link #hasTimestamps}. */
    public int timestampValue() {
        return timestampValue;
    }

    /** TSecr; meaningful with {@link #hasTimestamps}. */
    public int timestampEcho() {
        return timestampEcho;
    }

    /** SACK blocks, 0..4. */
    public int sackBlocks() {
        return sackBlocks;
    }

    /** First sequence number of SACK block {@code index}; valid while the packet is. */
    public int sackLeft(int index) {
        return Memory.getIntBe(sackAddress + 8L * index);
    }

    /** The sequence number behind SACK block {@code index}. */
    public int sackRight(int index) {
        return Memory.getIntBe(sackAddress + 8L * index + 4);
    }

    /** First byte of the fast open cookie (RFC 7413), or 0 without the option. */
    public long fastOpenAddress() {
        return fastOpenAddress;
    }

    /** Length of the cookie; 0 is a request for one. */
    public int fastOpenLengthBytes() {
        return fastOpenLengthBytes;
    }

    /** An option's length was wrong and the rest was not read. */
    public boolean malformed() {
        return malformed;
    }

    public static long writeMss(long at, int mssBytes) {
        Memory.putIntBe(at, MAXIMUM_SEGMENT_SIZE << 24 | 4 << 16 | mssBytes);
        return at + 4;
    }

    /** A NOP and the shift count: 4 bytes. */
    public static long writeWindowScale(long at, int shift) {
        Memory.putIntBe(at, NO_OPERATION << 24 | WINDOW_SCALE << 16 | 3 << 8 | shift);
        return at + 4;
    }

    /** Two NOPs and SACK-permitted: 4 bytes. */
    public static long writeSackPermitted(long at) {
        Memory.putIntBe(at, NO_OPERATION << 24 | NO_OPERATION << 16 | SACK_PERMITTED << 8 | 2);
        return at + 4;
    }

    /** SACK-permitted in the place of the NOPs before timestamps, as Linux does: 12 bytes together. */
    public static long writeSackPermittedAndTimestamps(long at, int value, int echo) {
        Memory.putIntBe(at, SACK_PERMITTED << 24 | 2 << 16 | TIMESTAMPS << 8 | 10);
        Memory.putIntBe(at + 4, value);
        Memory.putIntBe(at + 8, echo);
        return at + ALIGNED_TIMESTAMPS_BYTES;
    }

    /** Two NOPs and timestamps: 12 bytes. */
    public static long writeTimestamps(long at, int value, int echo) {
        Memory.putIntBe(at, ALIGNED_TIMESTAMPS);
        Memory.putIntBe(at + 4, value);
        Memory.putIntBe(at + 8, echo);
        return at + ALIGNED_TIMESTAMPS_BYTES;
    }

    /** Two NOPs and the head of a SACK option of {@code blocks} blocks: 4 bytes; {@link #writeSackBlock} follows. */
    public static long writeSackHead(long at, int blocks) {
        Memory.putIntBe(at, NO_OPERATION << 24 | NO_OPERATION << 16 | SACK << 8 | 2 + 8 * blocks);
        return at + 4;
    }

    public static long writeSackBlock(long at, int left, int right) {
        Memory.putIntBe(at, left);
        Memory.putIntBe(at + 4, right);
        return at + 8;
    }
}
