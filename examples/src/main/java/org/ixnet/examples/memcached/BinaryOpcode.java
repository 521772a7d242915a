package org.ixnet.examples.memcached;

import org.jspecify.annotations.Nullable;

/** The requests of the binary protocol. What differs only in a letter (quiet, with key) shares an {@link Kind}. */
enum BinaryOpcode {
    GET(0x00, Kind.GET, 0),
    SET(0x01, Kind.SET, 8),
    ADD(0x02, Kind.ADD, 8),
    REPLACE(0x03, Kind.REPLACE, 8),
    DELETE(0x04, Kind.DELETE, 0),
    INCREMENT(0x05, Kind.INCREMENT, 20),
    DECREMENT(0x06, Kind.DECREMENT, 20),
    QUIT(0x07, Kind.QUIT, 0),
    FLUSH(0x08, Kind.FLUSH, 4),
    GETQ(0x09, Kind.GET, 0),
    NOOP(0x0a, Kind.NOOP, 0),
    VERSION(0x0b, Kind.VERSION, 0),
    GETK(0x0c, Kind.GET, 0),
    GETKQ(0x0d, Kind.GET, 0),
    APPEND(0x0e, Kind.APPEND, 0),
    PREPEND(0x0f, Kind.PREPEND, 0),
    STAT(0x10, Kind.STAT, 0),
    SETQ(0x11, Kind.SET, 8),
    ADDQ(0x12, Kind.ADD, 8),
    REPLACEQ(0x13, Kind.REPLACE, 8),
    DELETEQ(0x14, Kind.DELETE, 0),
    INCREMENTQ(0x15, Kind.INCREMENT, 20),
    DECREMENTQ(0x16, Kind.DECREMENT, 20),
    QUITQ(0x17, Kind.QUIT, 0),
    FLUSHQ(0x18, Kind.FLUSH, 4),
    APPENDQ(0x19, Kind.APPEND, 0),
    PREPENDQ(0x1a, Kind.PREPEND, 0),
    VERBOSITY(0x1b, Kind.VERBOSITY, 4),
    TOUCH(0x1c, Kind.TOUCH, 4),
    GAT(0x1d, Kind.TOUCH, 4),
    GATQ(0x1e, Kind.TOUCH, 4),
    GATK(0x23, Kind.TOUCH, 4),
    GATKQ(0x24, Kind.TOUCH, 4);

    /** What a request does. */
    enum Kind {
        GET,
        SET,
        ADD,
        REPLACE,
        APPEND,
        PREPEND,
        DELETE,
        INCREMENT,
        DECREMENT,
        TOUCH,
        FLUSH,
        NOOP,
        VERSION,
        VERBOSITY,
        STAT,
        QUIT;

        /** Tells whether the request carries a value. */
        boolean stores() {
            return ordinal() >= SET.ordinal() && ordinal() <= PREPEND.ordinal();
        }

        /** Tells whether the request is about a key. */
        boolean needsKey() {
            return ordinal() <= TOUCH.ordinal();
        }
    }

    private static final @Nullable BinaryOpcode[] BY_CODE = byCode();

    final int code;
    final Kind kind;
    final int extrasBytes;
    final boolean quiet;
    final boolean withKey;

    BinaryOpcode(int code, Kind kind, int extrasBytes) {
        this.code = code;
        this.kind = kind;
        this.extrasBytes = extrasBytes;
        this.quiet = name().endsWith("Q");
        this.withKey = name().startsWith("GETK") || name().startsWith("GATK");
    }

    static @Nullable BinaryOpcode of(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    private static @Nullable BinaryOpcode[] byCode() {
        @Nullable BinaryOpcode[] table = new BinaryOpcode[GATKQ.code + 1];
        for (BinaryOpcode opcode : values()) {
            table[opcode.code] = opcode;
        }
        return table;
    }
}
