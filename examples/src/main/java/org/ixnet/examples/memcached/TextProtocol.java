package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.ixnet.examples.memcached.store.Counter;
import org.ixnet.examples.memcached.store.Key;
import org.ixnet.examples.memcached.store.Shard;
import org.ixnet.examples.memcached.store.StoreMode;
import org.ixnet.examples.memcached.store.StoreResult;
import org.jspecify.annotations.Nullable;

/**
 * The text protocol: lines, and data blocks behind some of them. The meta commands are in {@link MetaCommands}.
 *
 * <p>A retrieval of many keys is answered key by key, a step each, so that the handler can stop in between when the client
 * does not read.
 */
final class TextProtocol implements Protocol {
    /** A longer line is no command; a retrieval may be longer, since it lists keys. */
    private static final int MAX_LINE_BYTES = 8 << 10;

    private static final int MAX_RETRIEVAL_LINE_BYTES = 1 << 20;
    private static final int MAX_VALUE_BYTES = Integer.MAX_VALUE - 2;

    static final byte[] ERROR = Ascii.bytes("ERROR\r\n");
    static final byte[] BAD_FORMAT = Ascii.bytes("CLIENT_ERROR bad command line format\r\n");
    static final byte[] TOO_LARGE = Ascii.bytes("SERVER_ERROR object too large for cache\r\n");
    static final byte[] OUT_OF_MEMORY = Ascii.bytes("SERVER_ERROR out of memory storing object\r\n");
    static final byte[] NOT_A_NUMBER =
            Ascii.bytes("CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
    static final byte[] CRLF = Ascii.bytes("\r\n");
    private static final byte[] BAD_CHUNK = Ascii.bytes("CLIENT_ERROR bad data chunk\r\n");
    private static final byte[] BAD_EXPTIME = Ascii.bytes("CLIENT_ERROR invalid exptime argument\r\n");
    private static final byte[] BAD_DELTA = Ascii.bytes("CLIENT_ERROR invalid numeric delta argument\r\n");
    private static final byte[] BAD_DELETE =
            Ascii.bytes("CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n");
    private static final byte[] LINE_TOO_LONG = Ascii.bytes("CLIENT_ERROR line too long\r\n");
    private static final byte[] STORED = Ascii.bytes("STORED\r\n");
    private static final byte[] NOT_STORED = Ascii.bytes("NOT_STORED\r\n");
    private static final byte[] EXISTS = Ascii.bytes("EXISTS\r\n");
    private static final byte[] NOT_FOUND = Ascii.bytes("NOT_FOUND\r\n");
    private static final byte[] DELETED = Ascii.bytes("DELETED\r\n");
    private static final byte[] TOUCHED = Ascii.bytes("TOUCHED\r\n");
    private static final byte[] OK = Ascii.bytes("OK\r\n");
    private static final byte[] END = Ascii.bytes("END\r\n");
    private static final byte[] RESET = Ascii.bytes("RESET\r\n");
    private static final byte[] VALUE = Ascii.bytes("VALUE ");
    private static final byte[] VERSION = Ascii.bytes("VERSION " + StatsReport.VERSION + "\r\n");
    private static final byte[] NOREPLY = Ascii.bytes("noreply");

    private enum State {
        /** At the start of a line. */
        LINE,
        /** Within a retrieval's line, at the next key. */
        KEYS,
        /** Within a data block that goes into the store. */
        DATA,
        /** At the line end behind a data block. */
        DATA_END,
        /** Within a data block that nobody wants. */
        SWALLOW
    }

    private final Session session;
    private final MetaCommands meta;
    private final Tokens tokens = new Tokens();

    private State state = State.LINE;
    /** Where the line at hand ends in its buffer, without its line end, and where the next one starts. */
    private int lineEnd;

    private int nextLine;
    /** How much of a cut-off line is known to hold no line end. */
    private int scannedBytes;

    private boolean quiet;
    private boolean withUnique;
    private boolean touches;
    private int touchExpiresAt;
    private long swallowBytes;
    private byte @Nullable [] swallowReply;

    TextProtocol(Session session) {
        this.session = session;
        this.meta = new MetaCommands(session, this, tokens);
    }

    @Override
    public boolean step(ByteBuf in) {
        return switch (state) {
            case LINE -> line(in);
            case KEYS -> nextKey(in);
            case DATA -> data(in);
            case DATA_END -> dataEnd(in);
            case SWALLOW -> swallow(in);
        };
    }

    @Override
    public int missingBytes(ByteBuf partial, ByteBuf more) {
        if (state == State.DATA_END) {
            return 1;
        }
        int newline = more.bytesBefore((byte) '\n');
        return newline < 0 ? more.readableBytes() : newline + 1;
    }

    private boolean line(ByteBuf in) {
        int start = in.readerIndex();
        int newline = in.indexOf(start + scannedBytes, in.writerIndex(), (byte) '\n');
        scannedBytes = 0;
        if (newline < 0) {
            if (in.readableBytes() <= MAX_LINE_BYTES
                    || isRetrieval(in) && in.readableBytes() <= MAX_RETRIEVAL_LINE_BYTES) {
                scannedBytes = in.readableBytes();
                return false;
            }
            in.skipBytes(in.readableBytes());
            session.reply(LINE_TOO_LONG);
            session.close();
            return true;
        }
        nextLine = newline + 1;
        lineEnd = newline > start && in.getByte(newline - 1) == '\r' ? newline - 1 : newline;
        tokens.split(in, start, lineEnd);
        TextCommand command = tokens.count() == 0 ? null : TextCommand.of(tokens, 0);
        in.readerIndex(nextLine);
        quiet = false;
        if (command == null) {
            session.reply(ERROR);
        } else {
            execute(command, in);
        }
        return true;
    }

    private void execute(TextCommand command, ByteBuf in) {
        switch (command) {
            case GET, GETS -> retrieve(in, command == TextCommand.GETS, 1);
            case GAT, GATS -> retrieveAndTouch(in, command == TextCommand.GATS);
            case SET -> store(StoreMode.SET);
            case ADD -> store(StoreMode.ADD);
            case REPLACE -> store(StoreMode.REPLACE);
            case APPEND -> store(StoreMode.APPEND);
            case PREPEND -> store(StoreMode.PREPEND);
            case CAS -> store(StoreMode.CAS);
            case DELETE -> delete();
            case INCR -> arithmetic(true);
            case DECR -> arithmetic(false);
            case TOUCH -> touch();
            case FLUSH_ALL -> flushAll();
            case VERBOSITY -> verbosity();
            case VERSION -> session.reply(VERSION);
            case STATS -> stats();
            case QUIT -> session.close();
            case MG -> meta.get();
            case MS -> meta.set();
            case MD -> meta.delete();
            case MA -> meta.arithmetic();
            case ME -> meta.debug();
            case MN -> meta.noop();
        }
    }

    // Retrieval

    private void retrieveAndTouch(ByteBuf in, boolean withUnique) {
        if (tokens.count() < 2) {
            session.reply(ERROR);
        } else if (!tokens.parseSigned(1, 0)) {
            session.reply(BAD_EXPTIME);
        } else {
            touchExpiresAt = session.clock().expiresAtSeconds(tokens.number(), session.nowSeconds());
            if (tokens.count() == 2) {
                session.reply(END);
            } else {
                retrieve(in, withUnique, 2);
                touches = state == State.KEYS;
            }
        }
    }

    private void retrieve(ByteBuf in, boolean withUnique, int firstKey) {
        if (tokens.count() <= firstKey) {
            session.reply(ERROR);
            return;
        }
        if (!checkKeys(in, tokens.start(firstKey))) {
            session.reply(BAD_FORMAT);
            return;
        }
        this.withUnique = withUnique;
        touches = false;
        state = State.KEYS;
        in.readerIndex(tokens.start(firstKey));
    }

    /** All keys are checked before the first is answered, so that an error is the only answer. */
    private boolean checkKeys(ByteBuf in, int from) {
        int start = from;
        for (int i = from; i <= lineEnd; i++) {
            if (i == lineEnd || in.getByte(i) == ' ') {
                if (i - start > Key.MAX_BYTES) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    private boolean nextKey(ByteBuf in) {
        int start = in.readerIndex();
        while (start < lineEnd && in.getByte(start) == ' ') {
            start++;
        }
        if (start == lineEnd) {
            session.reply(END);
            in.readerIndex(nextLine);
            state = State.LINE;
            return true;
        }
        int end = start;
        while (end < lineEnd && in.getByte(end) != ' ') {
            end++;
        }
        answerKey(in, start, end - start);
        in.readerIndex(end);
        return true;
    }

    private void answerKey(ByteBuf in, int start, int lengthBytes) {
        Key key = session.key(in, start, lengthBytes);
        int now = session.nowSeconds();
        Shard shard = session.store.shard(key);
        shard.lock();
        try {
            int item = shard.find(key, now);
            shard.count(Counter.CMD_GET);
            if (touches) {
                shard.count(Counter.CMD_TOUCH);
                shard.count(item == Shard.NONE ? Counter.TOUCH_MISSES : Counter.TOUCH_HITS);
            }
            if (item == Shard.NONE) {
                shard.count(Counter.GET_MISSES);
                return;
            }
            shard.count(Counter.GET_HITS);
            int valueBytes = shard.valueBytes(item);
            ByteBuf out = session.output(lengthBytes + valueBytes + 64);
            out.writeBytes(VALUE).writeBytes(in, start, lengthBytes).writeByte(' ');
            Ascii.writeUnsigned(out, Integer.toUnsignedLong(shard.clientFlags(item)));
            out.writeByte(' ');
            Ascii.writeUnsigned(out, valueBytes);
            if (withUnique) {
                out.writeByte(' ');
                Ascii.writeUnsigned(out, shard.cas(item));
            }
            out.writeBytes(CRLF);
            shard.readValue(item, out);
            out.writeBytes(CRLF);
            shard.touchLru(item, now);
            if (touches) {
                shard.expiresAtSeconds(item, touchExpiresAt);
            }
        } finally {
            shard.unlock();
        }
    }

    // Storage

    private void store(StoreMode mode) {
        int arguments = mode == StoreMode.CAS ? 6 : 5;
        int count = tokens.count();
        if (count != arguments && count != arguments + 1) {
            session.reply(ERROR);
            return;
        }
        quiet = isNoreply();
        if (tokens.length(1) > Key.MAX_BYTES || !tokens.parseUnsigned32(2, 0)) {
            session.reply(BAD_FORMAT);
            return;
        }
        int clientFlags = (int) tokens.number();
        if (!tokens.parseSigned(3, 0)) {
            session.reply(BAD_FORMAT);
            return;
        }
        int expiresAt = session.clock().expiresAtSeconds(tokens.number(), session.nowSeconds());
        long casUnique = 0;
        if (mode == StoreMode.CAS) {
            if (!tokens.parseUnsigned(5, 0)) {
                session.reply(BAD_FORMAT);
                return;
            }
            casUnique = tokens.number();
        }
        int valueBytes = valueBytes(4);
        if (valueBytes < 0) {
            session.reply(BAD_FORMAT);
            return;
        }
        Key key = session.key(tokens.buffer(), tokens.start(1), tokens.length(1));
        StoreResult begun = session.store.begin(
                session.pending, key, valueBytes, clientFlags, expiresAt, mode == StoreMode.SET, session.nowSeconds());
        if (begun != StoreResult.STORED) {
            swallow(valueBytes, quiet ? null : refusal(begun));
            return;
        }
        session.pending.mode = mode;
        session.pending.casUnique = casUnique;
        expectData();
    }

    /** Parses a data block's length; -1 if it is none. */
    int valueBytes(int token) {
        return tokens.parseSigned(token, 0) && tokens.number() >= 0 && tokens.number() < MAX_VALUE_BYTES
                ? (int) tokens.number()
                : -1;
    }

    /** The next step is the data block of {@code session.pending}. */
    void expectData() {
        state = State.DATA;
    }

    /** The next step skips a data block of {@code valueBytes}, and then answers with {@code reply}, if not null. */
    void swallow(int valueBytes, byte @Nullable [] reply) {
        swallowBytes = valueBytes + 2L;
        swallowReply = reply;
        state = State.SWALLOW;
    }

    static byte[] refusal(StoreResult result) {
        return result == StoreResult.TOO_LARGE ? TOO_LARGE : OUT_OF_MEMORY;
    }

    private boolean data(ByteBuf in) {
        session.pending.fill(in);
        if (session.pending.missingBytes() > 0) {
            return false;
        }
        state = State.DATA_END;
        return true;
    }

    private boolean dataEnd(ByteBuf in) {
        if (in.readableBytes() < 2) {
            return false;
        }
        boolean isLineEnd = in.readByte() == '\r' & in.readByte() == '\n';
        state = State.LINE;
        if (!isLineEnd) {
            session.pending.abandon();
            if (!quiet) {
                session.reply(BAD_CHUNK);
            }
            meta.forgetSet();
            return true;
        }
        StoreResult result = session.store.finish(session.pending, session.nowSeconds());
        if (meta.isSetting()) {
            meta.replyToSet(result);
        } else if (!quiet) {
            session.reply(words(result));
        }
        return true;
    }

    private static byte[] words(StoreResult result) {
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

    private boolean swallow(ByteBuf in) {
        if (!in.isReadable()) {
            return false;
        }
        int skipped = (int) Math.min(swallowBytes, in.readableBytes());
        in.skipBytes(skipped);
        swallowBytes -= skipped;
        if (swallowBytes == 0) {
            state = State.LINE;
            if (swallowReply != null) {
                session.reply(swallowReply);
            }
        }
        return true;
    }

    // The rest

    private void delete() {
        if (tokens.count() < 2 || tokens.count() > 4) {
            session.reply(ERROR);
            return;
        }
        if (tokens.length(1) > Key.MAX_BYTES) {
            session.reply(BAD_FORMAT);
            return;
        }
        quiet = isNoreply();
        boolean isZero = tokens.count() > 2 && tokens.length(2) == 1 && tokens.byteAt(2, 0) == '0';
        // Old clients send a delay; only 0 was ever sensible, and it may be followed by noreply.
        boolean isUsual = tokens.count() == 2 || tokens.count() == 3 && (isZero || quiet) || tokens.count() == 4 && isZero && quiet;
        if (!isUsual) {
            session.reply(BAD_DELETE);
            return;
        }
        Key key = session.key(tokens.buffer(), tokens.start(1), tokens.length(1));
        Shard shard = session.store.shard(key);
        boolean found;
        shard.lock();
        try {
            int item = shard.find(key, session.nowSeconds());
            found = item != Shard.NONE;
            shard.count(found ? Counter.DELETE_HITS : Counter.DELETE_MISSES);
            if (found) {
                shard.unlink(item);
            }
        } finally {
            shard.unlock();
        }
        replyUnlessQuiet(found ? DELETED : NOT_FOUND);
    }

    private void arithmetic(boolean increments) {
        if (tokens.count() != 3 && tokens.count() != 4) {
            session.reply(ERROR);
            return;
        }
        if (tokens.length(1) > Key.MAX_BYTES) {
            session.reply(BAD_FORMAT);
            return;
        }
        if (!tokens.parseUnsigned(2, 0)) {
            session.reply(BAD_DELTA);
            return;
        }
        quiet = isNoreply();
        Key key = session.key(tokens.buffer(), tokens.start(1), tokens.length(1));
        Arithmetic arithmetic = meta.arithmeticUnit();
        switch (arithmetic.apply(key, increments, tokens.number())) {
            case STORED -> {
                if (!quiet) {
                    session.replyNumber(arithmetic.number());
                    session.reply(CRLF);
                }
            }
            case NOT_FOUND -> replyUnlessQuiet(NOT_FOUND);
            case NOT_A_NUMBER -> replyUnlessQuiet(NOT_A_NUMBER);
            case OUT_OF_MEMORY, TOO_LARGE -> replyUnlessQuiet(OUT_OF_MEMORY);
            case EXISTS, NOT_STORED -> throw new IllegalStateException("arithmetic compared a unique without one");
        }
    }

    private void touch() {
        if (tokens.count() != 3 && tokens.count() != 4) {
            session.reply(ERROR);
            return;
        }
        if (tokens.length(1) > Key.MAX_BYTES) {
            session.reply(BAD_FORMAT);
            return;
        }
        if (!tokens.parseSigned(2, 0)) {
            session.reply(BAD_EXPTIME);
            return;
        }
        quiet = isNoreply();
        int now = session.nowSeconds();
        int expiresAt = session.clock().expiresAtSeconds(tokens.number(), now);
        Key key = session.key(tokens.buffer(), tokens.start(1), tokens.length(1));
        Shard shard = session.store.shard(key);
        boolean found;
        shard.lock();
        try {
            int item = shard.find(key, now);
            found = item != Shard.NONE;
            shard.count(Counter.CMD_TOUCH);
            shard.count(found ? Counter.TOUCH_HITS : Counter.TOUCH_MISSES);
            if (found) {
                shard.expiresAtSeconds(item, expiresAt);
                shard.touchLru(item, now);
            }
        } finally {
            shard.unlock();
        }
        replyUnlessQuiet(found ? TOUCHED : NOT_FOUND);
    }

    private void flushAll() {
        if (tokens.count() > 3) {
            session.reply(ERROR);
            return;
        }
        quiet = isNoreply();
        int now = session.nowSeconds();
        int at = now;
        if (tokens.count() > (quiet ? 2 : 1)) {
            if (!tokens.parseSigned(1, 0)) {
                replyUnlessQuiet(BAD_EXPTIME);
                return;
            }
            at = Math.max(now, session.clock().expiresAtSeconds(tokens.number(), now));
        }
        session.store.flush(at, now);
        session.stats.flushes.increment();
        replyUnlessQuiet(OK);
    }

    private void verbosity() {
        if (tokens.count() < 2 || tokens.count() > 3) {
            session.reply(ERROR);
            return;
        }
        quiet = isNoreply();
        boolean isNumber = quiet && tokens.count() == 2 || tokens.parseUnsigned32(1, 0);
        replyUnlessQuiet(isNumber ? OK : BAD_FORMAT);
    }

    private void stats() {
        String group = tokens.count() < 2
                ? ""
                : tokens.buffer().toString(tokens.start(1), tokens.length(1), StandardCharsets.ISO_8859_1);
        if (group.equals("reset")) {
            StatsReport.reset(session);
            session.reply(RESET);
            return;
        }
        boolean known = StatsReport.write(session, group, (name, value) -> {
            ByteBuf out = session.output(name.length() + value.length() + 8);
            ByteBufUtil.writeAscii(out, "STAT ");
            ByteBufUtil.writeAscii(out, name);
            out.writeByte(' ');
            ByteBufUtil.writeAscii(out, value);
            out.writeBytes(CRLF);
        });
        session.reply(known ? END : ERROR);
    }

    private boolean isNoreply() {
        return tokens.is(tokens.count() - 1, NOREPLY);
    }

    private void replyUnlessQuiet(byte[] line) {
        if (!quiet) {
            session.reply(line);
        }
    }

    private static boolean isRetrieval(ByteBuf in) {
        int start = in.readerIndex();
        byte second = in.getByte(start + 1);
        return in.getByte(start) == 'g' && (second == 'e' || second == 'a');
    }
}
