package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
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
    private final QuickGet quickGet;
    private final TextCommands commands;
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
        this.quickGet = new QuickGet(session);
        this.commands = new TextCommands(session, tokens);
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
        if (scannedBytes == 0 && quickGet.answer(in)) {
            return true;
        }
        int start = in.readerIndex();
        int newline = in.indexOf(start + scannedBytes, in.writerIndex(), (byte) '\n');
        scannedBytes = 0;
        if (newline < 0) {
            if (in.readableBytes() <= MAX_LINE_BYTES
                    || (isRetrieval(in) && in.readableBytes() <= MAX_RETRIEVAL_LINE_BYTES)) {
                scannedBytes = in.readableBytes();
                return false;
            }
            in.skipBytes(in.readableBytes());
            session.reply(TextReply.LINE_TOO_LONG);
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
            session.reply(TextReply.ERROR);
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
            case DELETE -> commands.delete();
            case INCR -> commands.arithmetic(true);
            case DECR -> commands.arithmetic(false);
            case TOUCH -> commands.touch();
            case FLUSH_ALL -> commands.flushAll();
            case VERBOSITY -> commands.verbosity();
            case VERSION -> session.reply(TextReply.VERSION);
            case STATS -> commands.stats();
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
            session.reply(TextReply.ERROR);
        } else if (!tokens.parseSigned(1, 0)) {
            session.reply(TextReply.BAD_EXPTIME);
        } else {
            touchExpiresAt = session.clock().expiresAtSeconds(tokens.number(), session.nowSeconds());
            if (tokens.count() == 2) {
                session.reply(TextReply.END);
            } else {
                retrieve(in, withUnique, 2);
                touches = state == State.KEYS;
            }
        }
    }

    private void retrieve(ByteBuf in, boolean withUnique, int firstKey) {
        if (tokens.count() <= firstKey) {
            session.reply(TextReply.ERROR);
            return;
        }
        if (!checkKeys(in, tokens.start(firstKey))) {
            session.reply(TextReply.BAD_FORMAT);
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
            session.reply(TextReply.END);
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
            out.writeBytes(TextReply.VALUE);
            session.reflect(out, in, start, lengthBytes);
            out.writeByte(' ');
            Ascii.writeUnsigned(out, Integer.toUnsignedLong(shard.clientFlags(item)));
            out.writeByte(' ');
            Ascii.writeUnsigned(out, valueBytes);
            if (withUnique) {
                out.writeByte(' ');
                Ascii.writeUnsigned(out, shard.cas(item));
            }
            out.writeBytes(TextReply.CRLF);
            shard.readValue(item, out);
            out.writeBytes(TextReply.CRLF);
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
            session.reply(TextReply.ERROR);
            return;
        }
        quiet = commands.isNoreply();
        if (tokens.length(1) > Key.MAX_BYTES || !tokens.parseUnsigned32(2, 0)) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        int clientFlags = (int) tokens.number();
        if (!tokens.parseSigned(3, 0)) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        int expiresAt = session.clock().expiresAtSeconds(tokens.number(), session.nowSeconds());
        long casUnique = 0;
        if (mode == StoreMode.CAS) {
            if (!tokens.parseUnsigned(5, 0)) {
                session.reply(TextReply.BAD_FORMAT);
                return;
            }
            casUnique = tokens.number();
        }
        int valueBytes = valueBytes(4);
        if (valueBytes < 0) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        Key key = session.key(tokens.buffer(), tokens.start(1), tokens.length(1));
        StoreResult begun = session.store.begin(
                session.pending, key, valueBytes, clientFlags, expiresAt, mode == StoreMode.SET, session.nowSeconds());
        if (begun != StoreResult.STORED) {
            swallow(valueBytes, quiet ? null : TextReply.refusal(begun));
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
                session.reply(TextReply.BAD_CHUNK);
            }
            meta.forgetSet();
            return true;
        }
        StoreResult result = session.store.finish(session.pending, session.nowSeconds());
        if (meta.isSetting()) {
            meta.replyToSet(result);
        } else if (!quiet) {
            session.reply(TextReply.stored(result));
        }
        return true;
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

    private static boolean isRetrieval(ByteBuf in) {
        int start = in.readerIndex();
        byte second = in.getByte(start + 1);
        return in.getByte(start) == 'g' && (second == 'e' || second == 'a');
    }
}
