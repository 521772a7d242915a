package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.ixnet.examples.memcached.store.Key;
import org.jspecify.annotations.Nullable;

/** The flags of one meta command, parsed and checked; one instance a connection. */
final class MetaFlags {
    private static final int MAX_OPAQUE_BYTES = 32;

    static final byte[] DUPLICATE = Ascii.bytes("CLIENT_ERROR duplicate flag\r\n");
    static final byte[] INVALID = Ascii.bytes("CLIENT_ERROR invalid flag\r\n");
    static final byte[] TOO_MANY = Ascii.bytes("CLIENT_ERROR options flags are too long\r\n");
    static final byte[] BAD_KEY = Ascii.bytes("CLIENT_ERROR error decoding key\r\n");
    static final byte[] BAD_TOKEN = Ascii.bytes("CLIENT_ERROR bad token in command line format\r\n");
    static final byte[] BAD_MODE_LENGTH = Ascii.bytes("CLIENT_ERROR incorrect length for M token\r\n");
    static final byte[] OPAQUE_TOO_LONG = Ascii.bytes("CLIENT_ERROR opaque token too long\r\n");

    private final Session session;
    private final Tokens tokens;
    private final ByteBuf decodedKey = Unpooled.buffer(Key.MAX_BYTES, Key.MAX_BYTES);

    private long seenLow;
    private long seenHigh;
    private byte @Nullable [] error;
    private int keyToken;

    long casUnique;
    long initial;
    long delta;
    int clientFlags;
    int expiresAt;
    int vivifyExpiresAt;
    int recacheBefore;
    /** The mode given, or 0. */
    byte mode;

    MetaFlags(Session session, Tokens tokens) {
        this.session = session;
        this.tokens = tokens;
    }

    /** Parses the tokens from {@code first} on; the key is token 1. Returns an error line, or null. */
    byte @Nullable [] parse(int first) {
        seenLow = 0;
        seenHigh = 0;
        error = null;
        keyToken = 1;
        clientFlags = 0;
        expiresAt = 0;
        initial = 0;
        delta = 1;
        mode = 0;
        if (tokens.isOverflowing()) {
            return TOO_MANY;
        }
        for (int i = first; i < tokens.count(); i++) {
            byte flag = tokens.byteAt(i, 0);
            if (flag < 0 || flag >= 127 || has(flag)) {
                return DUPLICATE;
            }
            see(flag);
            if (!accept(flag, i)) {
                return error == null ? INVALID : error;
            }
        }
        return error;
    }

    boolean has(int flag) {
        return (((flag < Long.SIZE ? seenLow : seenHigh) >>> flag) & 1) != 0;
    }

    boolean isQuiet() {
        return has('q');
    }

    /** Returns the key to look for: token 1, decoded if it is in base64. */
    Key key() {
        return has('b')
                ? session.key(decodedKey, 0, decodedKey.writerIndex())
                : session.key(tokens.buffer(), tokens.start(keyToken), tokens.length(keyToken));
    }

    private void see(int flag) {
        if (flag < Long.SIZE) {
            seenLow |= 1L << flag;
        } else {
            seenHigh |= 1L << flag;
        }
    }

    /** Takes one flag; false stops at once, an {@link #error} alone goes on, so that the worse error is told. */
    private boolean accept(byte flag, int token) {
        switch (flag) {
            case 'b' -> {
                if (!Base64Key.decode(tokens.buffer(), tokens.start(keyToken), tokens.length(keyToken), decodedKey)) {
                    error = BAD_KEY;
                    return false;
                }
            }
            case 'N' -> vivifyExpiresAt = expiry(token);
            case 'T' -> expiresAt = expiry(token);
            case 'R' -> recacheBefore = expiry(token);
            case 'F' -> {
                if (tokens.parseUnsigned32(token, 1)) {
                    clientFlags = (int) tokens.number();
                } else {
                    error = TextReply.BAD_FORMAT;
                }
            }
            case 'C' -> casUnique = unsigned(token);
            case 'J' -> initial = unsigned(token);
            case 'D' -> delta = unsigned(token);
            case 'M' -> {
                if (tokens.length(token) == 2) {
                    mode = tokens.byteAt(token, 1);
                } else {
                    error = BAD_MODE_LENGTH;
                }
            }
            case 'O' -> {
                if (tokens.length(token) - 1 > MAX_OPAQUE_BYTES) {
                    error = OPAQUE_TOO_LONG;
                }
            }
            case 'I', 'L', 'P', 'c', 'f', 'h', 'k', 'l', 'q', 's', 't', 'u', 'v' -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    private int expiry(int token) {
        if (!tokens.parseSigned(token, 1)) {
            error = BAD_TOKEN;
            return 0;
        }
        return session.clock().expiresAtSeconds(tokens.number(), session.nowSeconds());
    }

    private long unsigned(int token) {
        if (!tokens.parseUnsigned(token, 1)) {
            error = BAD_TOKEN;
            return 0;
        }
        return tokens.number();
    }
}
