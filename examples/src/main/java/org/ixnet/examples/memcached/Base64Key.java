package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** Decodes keys given in base64 (RFC 4648 section 4, padding required), without objects. */
final class Base64Key {
    private static final byte[] SEXTETS = sextets();

    private Base64Key() {}

    /** Decodes a range of {@code in} into {@code out}, which it clears first; false if it is not base64 or empty. */
    static boolean decode(ByteBuf in, int start, int lengthBytes, ByteBuf out) {
        out.clear();
        if (lengthBytes == 0 || lengthBytes % 4 != 0) {
            return false;
        }
        int padding = 0;
        while (padding < 2 && in.getByte(start + lengthBytes - 1 - padding) == '=') {
            padding++;
        }
        int bits = 0;
        for (int i = 0; i < lengthBytes; i++) {
            int sextet = 0;
            if (i < lengthBytes - padding) {
                sextet = SEXTETS[in.getByte(start + i) & 0xff];
                if (sextet < 0) {
                    return false;
                }
            }
            bits = (bits << 6) | sextet;
            if (i % 4 == 3) {
                out.writeMedium(bits);
                bits = 0;
            }
        }
        out.writerIndex(out.writerIndex() - padding);
        return true;
    }

    private static byte[] sextets() {
        byte[] table = new byte[256];
        Arrays.fill(table, (byte) -1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            table[alphabet.charAt(i)] = (byte) i;
        }
        return table;
    }
}
