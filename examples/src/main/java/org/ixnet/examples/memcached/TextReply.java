package org.ixnet.examples.memcached;

import org.ixnet.examples.memcached.store.StoreResult;

/** The constant answers of the text protocol. */
final class TextReply {
    static final byte[] ERROR = Ascii.bytes("ERROR\r\n");
    static final byte[] BAD_FORMAT = Ascii.bytes("CLIENT_ERROR bad command line format\r\n");
    static final byte[] TOO_LARGE = Ascii.bytes("SERVER_ERROR object too large for cache\r\n");
    static final byte[] OUT_OF_MEMORY = Ascii.bytes("SERVER_ERROR out of memory storing object\r\n");
    static final byte[] NOT_A_NUMBER = Ascii.bytes("CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
    static final byte[] CRLF = Ascii.bytes("\r\n");
    static final byte[] BAD_CHUNK = Ascii.bytes("CLIENT_ERROR bad data chunk\r\n");
    static final byte[] BAD_EXPTIME = Ascii.bytes("CLIENT_ERROR invalid exptime argument\r\n");
    static final byte[] BAD_DELTA = Ascii.bytes("CLIENT_ERROR invalid numeric delta argument\r\n");
    static final byte[] BAD_DELETE =
            Ascii.bytes("CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n");
    static final byte[] LINE_TOO_LONG = Ascii.bytes("CLIENT_ERROR line too long\r\n");
    static final byte[] STORED = Ascii.bytes("STORED\r\n");
    static final byte[] NOT_STORED = Ascii.bytes("NOT_STORED\r\n");
    static final byte[] EXISTS = Ascii.bytes("EXISTS\r\n");
    static final byte[] NOT_FOUND = Ascii.bytes("NOT_FOUND\r\n");
    static final byte[] DELETED = Ascii.bytes("DELETED\r\n");
    static final byte[] TOUCHED = Ascii.bytes("TOUCHED\r\n");
    static final byte[] OK = Ascii.bytes("OK\r\n");
    static final byte[] END = Ascii.bytes("END\r\n");
    static final byte[] RESET = Ascii.bytes("RESET\r\n");
    static final byte[] VALUE = Ascii.bytes("VALUE ");
    static final byte[] VERSION = Ascii.bytes("VERSION " + StatsReport.VERSION + "\r\n");

    private TextReply() {}

    /** Returns how a store that could not reserve memory answers. */
    static byte[] refusal(StoreResult result) {
        return result == StoreResult.TOO_LARGE ? TOO_LARGE : OUT_OF_MEMORY;
    }

    /** Returns how a storage command answers. */
    static byte[] stored(StoreResult result) {
        return switch (result) {
            case STORED -> STORED;
            case NOT_STORED -> NOT_STORED;
            case EXISTS -> EXISTS;
            case NOT_FOUND -> NOT_FOUND;
            case TOO_LARGE -> TOO_LARGE;
            case OUT_OF_MEMORY -> OUT_OF_MEMORY;
            case NOT_A_NUMBER -> NOT_A_NUMBER;
        };
    }
}
