package org.ixnet.examples.memcached;

import org.ixnet.examples.memcached.store.StoreResult;

/** The status of a binary answer, and the text that goes with a failure. */
enum BinaryStatus {
    OK(0x00, ""),
    NOT_FOUND(0x01, "Not found"),
    EXISTS(0x02, "Data exists for key."),
    TOO_LARGE(0x03, "Too large."),
    INVALID(0x04, "Invalid arguments"),
    NOT_STORED(0x05, "Not stored."),
    NOT_A_NUMBER(0x06, "Non-numeric server-side value for incr or decr"),
    UNKNOWN_COMMAND(0x81, "Unknown command"),
    OUT_OF_MEMORY(0x82, "Out of memory");

    final int code;
    final byte[] message;

    BinaryStatus(int code, String message) {
        this.code = code;
        this.message = Ascii.bytes(message);
    }

    static BinaryStatus of(StoreResult result) {
        return switch (result) {
            case STORED -> OK;
            case NOT_STORED -> NOT_STORED;
            case EXISTS -> EXISTS;
            case NOT_FOUND -> NOT_FOUND;
            case TOO_LARGE -> TOO_LARGE;
            case OUT_OF_MEMORY -> OUT_OF_MEMORY;
            case NOT_A_NUMBER -> NOT_A_NUMBER;
        };
    }
}
