package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Numbers and words as the text protocol spells them, without objects. */
final class Ascii {
    private Ascii() {}

    /** Returns the bytes of a constant. */
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Appends {@code number}, unsigned, in decimal. */
    static void writeUnsigned(ByteBuf out, long number) {
        long high = number;
        if (number < 0) {
            high = Long.divideUnsigned(number, 10);
        }
        int digits = 1;
        for (long left = high; left >= 10; left /= 10) {
            digits++;
        }
        int total = number < 0 ? digits + 1 : digits;
        out.ensureWritable(total);
        int end = out.writerIndex() + total;
        int at = end;
        if (number < 0) {
            out.setByte(--at, (int) ('0' + Long.remainderUnsigned(number, 10)));
        }
        for (int i = 0; i < digits; i++) {
            out.setByte(--at, (int) ('0' + high % 10));
            high /= 10;
        }
        out.writerIndex(end);
    }

    /** Puts {@code number}, 0 or more, in decimal into {@code out} from {@code at}; returns where it ends. */
    static int putUnsigned(byte[] out, int at, long number) {
        if (number < 10) {
            out[at] = (byte) ('0' + number);
            return at + 1;
        }
        int end = at + 1;
        for (long left = number; left >= 10; left /= 10) {
            end++;
        }
        long left = number;
        for (int i = end - 1; i >= at; i--) {
            out[i] = (byte) ('0' + left % 10);
            left /= 10;
        }
        return end;
    }

    /** Appends {@code number} in decimal. */
    static void writeSigned(ByteBuf out, int number) {
        if (number < 0) {
            out.writeByte('-');
        }
        writeUnsigned(out, Math.abs((long) number));
    }
}
