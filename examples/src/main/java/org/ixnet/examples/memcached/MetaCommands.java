package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.ixnet.examples.memcached.store.Counter;
import org.ixnet.examples.memcached.store.Key;
import org.ixnet.examples.memcached.store.Numbers;
import org.ixnet.examples.memcached.store.Pending;
import org.ixnet.examples.memcached.store.Shard;
import org.ixnet.examples.memcached.store.StoreMode;
import org.ixnet.examples.memcached.store.StoreResult;
import org.jspecify.annotations.Nullable;

/** The meta commands {@code mg ms md ma me mn} of the text protocol; one instance a connection. */
final class MetaCommands {
    private static final byte[] HD = Ascii.bytes("HD");
    private static final byte[] VA = Ascii.bytes("VA ");
    private static final byte[] EN = Ascii.bytes("EN");
    private static final byte[] NF = Ascii.bytes("NF");
    private static final byte[] NS = Ascii.bytes("NS");
    private static final byte[] EX = Ascii.bytes("EX");
    private static final byte[] ME = Ascii.bytes("ME ");
    private static final byte[] MISS = Ascii.bytes("EN\r\n");
    private static final byte[] NOOP = Ascii.bytes("MN\r\n");
    private static final byte[] BAD_FLAG = Ascii.bytes("CLIENT_ERROR invalid or duplicate flag\r\n");
    private static final byte[] BAD_SET_MODE = Ascii.bytes("CLIENT_ERROR invalid mode for ms M token\r\n");
    private static final byte[] BAD_ARITHMETIC_MODE = Ascii.bytes("CLIENT_ERROR invalid mode for ma M token\r\n");
    /** The most that answers carry beside the value: a key, an opaque, and some numbers. */
    private static final int MAX_HEAD_BYTES = 512;

    private final Session session;
    private final TextProtocol text;
    private final Tokens tokens;
    private final MetaFlags flags;
    private final Arithmetic arithmetic;

    /** The flags that answer the set whose data block is under way: in front of the unique, and behind it. */
    private final ByteBuf setReply = Unpooled.buffer(MAX_HEAD_BYTES, MAX_HEAD_BYTES);

    private int setCasAt;
    private boolean setting;
    private boolean setQuiet;

    MetaCommands(Session session, TextProtocol text, Tokens tokens) {
        this.session = session;
        this.text = text;
        this.tokens = tokens;
        this.flags = new MetaFlags(session, tokens);
        this.arithmetic = new Arithmetic(session);
    }

    void noop() {
        session.reply(NOOP);
    }

    // mg

    void get() {
        if (!hasKey(TextReply.ERROR)) {
            return;
        }
        byte[] error = flags.parse(2);
        if (error != null) {
            session.reply(error);
            return;
        }
        session.stats.metaCommands.increment();
        int now = session.nowSeconds();
        Key key = flags.key();
        Shard shard = session.store.shard(key);
        shard.lock();
        try {
            int item = shard.find(key, now);
            countGet(shard, item != Shard.NONE);
            boolean vivified = false;
            if (item == Shard.NONE && flags.has('N')) {
                item = session.store.create(shard, key, Unpooled.EMPTY_BUFFER, 0, flags.vivifyExpiresAt, now);
                vivified = item != Shard.NONE;
            }
            if (item == Shard.NONE) {
                if (!flags.isQuiet()) {
                    replyWithReflected(EN);
                }
            } else {
                answerHit(shard, item, vivified, now);
            }
        } finally {
            shard.unlock();
        }
    }

    private void countGet(Shard shard, boolean hit) {
        shard.count(Counter.CMD_GET);
        shard.count(hit ? Counter.GET_HITS : Counter.GET_MISSES);
        if (flags.has('T')) {
            shard.count(Counter.CMD_TOUCH);
            shard.count(hit ? Counter.TOUCH_HITS : Counter.TOUCH_MISSES);
        }
    }

    private void answerHit(Shard shard, int item, boolean vivified, int now) {
        if (flags.has('T') && !vivified) {
            shard.expiresAtSeconds(item, flags.expiresAt);
        }
        int valueBytes = shard.valueBytes(item);
        boolean withValue = flags.has('v');
        ByteBuf out = session.output(MAX_HEAD_BYTES + (withValue ? valueBytes : 0));
        if (withValue) {
            out.writeBytes(VA);
            Ascii.writeUnsigned(out, valueBytes);
        } else {
            out.writeBytes(HD);
        }
        for (int i = 2; i < tokens.count(); i++) {
            writeItemFlag(out, shard, item, i, now);
        }
        writeRecacheFlags(out, shard, item, vivified || wantsRecache(shard, item));
        out.writeBytes(TextReply.CRLF);
        if (withValue) {
            shard.readValue(item, out);
            out.writeBytes(TextReply.CRLF);
        }
        if (!flags.has('u')) {
            shard.touchLru(item, now);
        }
    }

    private void writeItemFlag(ByteBuf out, Shard shard, int item, int token, int now) {
        switch (tokens.byteAt(token, 0)) {
            case 's' -> writeNumberFlag(out, 's', shard.valueBytes(item));
            case 't' -> writeTimeToLive(out, shard.expiresAtSeconds(item), now);
            case 'c' -> writeNumberFlag(out, 'c', shard.cas(item));
            case 'f' -> writeNumberFlag(out, 'f', Integer.toUnsignedLong(shard.clientFlags(item)));
            case 'l' -> writeNumberFlag(out, 'l', now - shard.accessedAtSeconds(item));
            case 'h' -> writeNumberFlag(out, 'h', shard.isMarked(item, Shard.FETCHED) ? 1 : 0);
            case 'O', 'k' -> writeReflected(out, token);
            default -> {} // asks for nothing in the answer
        }
    }

    private boolean wantsRecache(Shard shard, int item) {
        int expiresAt = shard.expiresAtSeconds(item);
        return flags.has('R')
                && expiresAt != 0
                && expiresAt < flags.recacheBefore
                && !shard.isMarked(item, Shard.WIN_SENT);
    }

    /** Tells at most one client that it has won: with W; the others see Z until the item is stored anew. */
    private static void writeRecacheFlags(ByteBuf out, Shard shard, int item, boolean wins) {
        boolean someoneWon = shard.isMarked(item, Shard.WIN_SENT);
        boolean isStale = shard.isMarked(item, Shard.STALE);
        if (someoneWon) {
            writeFlag(out, 'Z');
        }
        if (isStale) {
            writeFlag(out, 'X');
        }
        if (wins || (isStale && !someoneWon)) {
            writeFlag(out, 'W');
            shard.mark(item, Shard.WIN_SENT);
        }
    }

    // ms

    void set() {
        if (!hasKey(TextReply.ERROR)) {
            return;
        }
        int valueBytes = tokens.count() < 3 ? -1 : text.valueBytes(2);
        if (valueBytes < 0) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        byte[] error = flags.parse(3);
        StoreMode mode = error == null ? setMode() : null;
        if (mode == null) {
            text.swallow(valueBytes, error == null ? BAD_SET_MODE : error);
            return;
        }
        session.stats.metaCommands.increment();
        Pending pending = session.pending;
        StoreResult begun = session.store.begin(
                pending,
                flags.key(),
                valueBytes,
                flags.clientFlags,
                flags.expiresAt,
                mode == StoreMode.SET,
                session.nowSeconds());
        if (begun != StoreResult.STORED) {
            text.swallow(valueBytes, TextReply.refusal(begun));
            return;
        }
        pending.mode = mode;
        pending.comparesCas = flags.has('C');
        pending.casUnique = flags.casUnique;
        pending.invalidates = flags.has('I');
        prepareSetReply();
        setting = true;
        setQuiet = flags.isQuiet();
        text.expectData();
    }

    /** Returns how to store, or null if the mode is none. A unique to compare turns setting into compare-and-set. */
    private @Nullable StoreMode setMode() {
        boolean compares = flags.has('C');
        return switch (flags.mode) {
            case 0, 'S', 's' -> compares ? StoreMode.CAS : StoreMode.SET;
            case 'R', 'r' -> compares ? StoreMode.CAS : StoreMode.REPLACE;
            case 'E', 'e' -> StoreMode.ADD;
            case 'A', 'a' -> StoreMode.APPEND;
            case 'P', 'p' -> StoreMode.PREPEND;
            default -> null;
        };
    }

    private void prepareSetReply() {
        setReply.clear();
        setCasAt = -1;
        for (int i = 3; i < tokens.count(); i++) {
            switch (tokens.byteAt(i, 0)) {
                case 'O', 'k' -> writeReflected(setReply, i);
                case 'c' -> {
                    writeFlag(setReply, 'c');
                    setCasAt = setReply.writerIndex();
                }
                default -> {} // asks for nothing in the answer
            }
        }
    }

    /** Tells whether the data block under way belongs to an {@code ms}. */
    boolean isSetting() {
        return setting;
    }

    void forgetSet() {
        setting = false;
    }

    /** Answers the {@code ms} whose data block has ended. */
    void replyToSet(StoreResult result) {
        setting = false;
        byte[] code = switch (result) {
            case STORED -> HD;
            case NOT_STORED -> NS;
            case EXISTS -> EX;
            case NOT_FOUND -> NF;
            case TOO_LARGE, OUT_OF_MEMORY, NOT_A_NUMBER -> null;
        };
        if (code == null) {
            session.reply(TextReply.refusal(result));
        } else if (result != StoreResult.STORED || !setQuiet) {
            ByteBuf out = session.output(MAX_HEAD_BYTES);
            out.writeBytes(code);
            int casAt = setCasAt < 0 ? setReply.writerIndex() : setCasAt;
            session.reflect(out, setReply, 0, casAt);
            if (setCasAt >= 0) {
                Ascii.writeUnsigned(out, session.pending.storedCas);
            }
            session.reflect(out, setReply, casAt, setReply.writerIndex() - casAt);
            out.writeBytes(TextReply.CRLF);
        }
    }

    // md

    void delete() {
        if (!hasKey(TextReply.ERROR) || !parseOrReply()) {
            return;
        }
        int now = session.nowSeconds();
        Key key = flags.key();
        Shard shard = session.store.shard(key);
        shard.lock();
        try {
            int item = shard.find(key, now);
            shard.count(item == Shard.NONE ? Counter.DELETE_MISSES : Counter.DELETE_HITS);
            if (item == Shard.NONE) {
                replyWithReflected(NF);
            } else if (flags.has('C') && flags.casUnique != shard.cas(item)) {
                replyWithReflected(EX);
            } else {
                if (flags.has('I')) {
                    invalidate(shard, item);
                } else {
                    shard.unlink(item);
                }
                if (!flags.isQuiet()) {
                    replyWithReflected(HD);
                }
            }
        } finally {
            shard.unlock();
        }
    }

    private void invalidate(Shard shard, int item) {
        if (flags.has('T')) {
            shard.expiresAtSeconds(item, flags.expiresAt);
        }
        shard.mark(item, Shard.STALE);
        shard.unmark(item, Shard.WIN_SENT);
        // Whoever read the item before may not store over it as if nothing had happened.
        shard.renewCas(item);
    }

    // ma

    void arithmetic() {
        if (!hasKey(TextReply.ERROR) || !parseOrReply()) {
            return;
        }
        boolean increments = true;
        switch (flags.mode) {
            case 0, 'I', 'i', '+' -> {}
            case 'D', 'd', '-' -> increments = false;
            default -> {
                session.reply(BAD_ARITHMETIC_MODE);
                return;
            }
        }
        if (flags.has('C')) {
            arithmetic.compareCas(flags.casUnique);
        }
        if (flags.has('N')) {
            arithmetic.createOnMiss(flags.initial, flags.vivifyExpiresAt);
        }
        if (flags.has('T')) {
            arithmetic.setExpiry(flags.expiresAt);
        }
        switch (arithmetic.apply(flags.key(), increments, flags.delta)) {
            case STORED -> {
                if (!flags.isQuiet()) {
                    answerArithmetic();
                }
            }
            case NOT_FOUND -> replyWithReflected(NF);
            case NOT_STORED -> replyWithReflected(NS);
            case EXISTS -> replyWithReflected(EX);
            case NOT_A_NUMBER -> session.reply(TextReply.NOT_A_NUMBER);
            case OUT_OF_MEMORY, TOO_LARGE -> session.reply(TextReply.OUT_OF_MEMORY);
        }
    }

    private void answerArithmetic() {
        ByteBuf out = session.output(MAX_HEAD_BYTES);
        if (flags.has('v')) {
            out.writeBytes(VA);
            Ascii.writeUnsigned(out, Numbers.digits(arithmetic.number()));
        } else {
            out.writeBytes(HD);
        }
        for (int i = 2; i < tokens.count(); i++) {
            switch (tokens.byteAt(i, 0)) {
                case 't' -> writeTimeToLive(out, arithmetic.expiresAtSeconds(), session.nowSeconds());
                case 'c' -> writeNumberFlag(out, 'c', arithmetic.cas());
                case 'O', 'k' -> writeReflected(out, i);
                default -> {} // asks for nothing in the answer
            }
        }
        out.writeBytes(TextReply.CRLF);
        if (flags.has('v')) {
            Ascii.writeUnsigned(out, arithmetic.number());
            out.writeBytes(TextReply.CRLF);
        }
    }

    // me

    void debug() {
        if (!hasKey(TextReply.BAD_FORMAT)) {
            return;
        }
        boolean isBinary = tokens.count() > 2 && tokens.length(2) == 1 && tokens.byteAt(2, 0) == 'b';
        if (isBinary && flags.parse(2) != null) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        int now = session.nowSeconds();
        Key key = isBinary ? flags.key() : session.key(tokens.buffer(), tokens.start(1), tokens.length(1));
        Shard shard = session.store.shard(key);
        shard.lock();
        try {
            int item = shard.find(key, now);
            if (item == Shard.NONE) {
                session.reply(MISS);
                return;
            }
            ByteBuf out = session.output(MAX_HEAD_BYTES);
            out.writeBytes(ME);
            writeToken(out, 1);
            int expiresAt = shard.expiresAtSeconds(item);
            out.writeBytes(EXP);
            Ascii.writeSigned(out, expiresAt == 0 ? -1 : expiresAt - now);
            out.writeBytes(LA);
            Ascii.writeUnsigned(out, now - shard.accessedAtSeconds(item));
            out.writeBytes(CAS);
            Ascii.writeUnsigned(out, shard.cas(item));
            out.writeBytes(shard.isMarked(item, Shard.FETCHED) ? FETCHED : NOT_FETCHED);
            Ascii.writeUnsigned(out, shard.itemBytes(item));
            out.writeBytes(TextReply.CRLF);
        } finally {
            shard.unlock();
        }
    }

    private static final byte[] EXP = Ascii.bytes(" exp=");
    private static final byte[] LA = Ascii.bytes(" la=");
    private static final byte[] CAS = Ascii.bytes(" cas=");
    private static final byte[] FETCHED = Ascii.bytes(" fetch=yes cls=1 size=");
    private static final byte[] NOT_FETCHED = Ascii.bytes(" fetch=no cls=1 size=");

    // Common

    private boolean hasKey(byte[] errorWithout) {
        if (tokens.count() < 2) {
            session.reply(errorWithout);
            return false;
        }
        if (tokens.length(1) > Key.MAX_BYTES) {
            session.reply(TextReply.BAD_FORMAT);
            return false;
        }
        return true;
    }

    /** Parses the flags of md and ma, which tell all faults in the same words. */
    private boolean parseOrReply() {
        session.stats.metaCommands.increment();
        byte[] error = flags.parse(2);
        if (error == null) {
            return true;
        }
        session.reply(tokens.isOverflowing() ? error : BAD_FLAG);
        return false;
    }

    /** Answers a code with those flags that only send back what the request said. */
    private void replyWithReflected(byte[] code) {
        ByteBuf out = session.output(MAX_HEAD_BYTES);
        out.writeBytes(code);
        for (int i = 2; i < tokens.count(); i++) {
            byte flag = tokens.byteAt(i, 0);
            if (flag == 'O' || flag == 'k') {
                writeReflected(out, i);
            }
        }
        out.writeBytes(TextReply.CRLF);
    }

    private void writeReflected(ByteBuf out, int token) {
        if (tokens.byteAt(token, 0) == 'O') {
            out.writeByte(' ');
            writeToken(out, token);
            return;
        }
        writeFlag(out, 'k');
        writeToken(out, 1);
        if (flags.has('b')) {
            writeFlag(out, 'b');
        }
    }

    private void writeToken(ByteBuf out, int token) {
        session.reflect(out, tokens.buffer(), tokens.start(token), tokens.length(token));
    }

    private static void writeTimeToLive(ByteBuf out, int expiresAtSeconds, int nowSeconds) {
        writeFlag(out, 't');
        Ascii.writeSigned(out, expiresAtSeconds == 0 ? -1 : Math.max(0, expiresAtSeconds - nowSeconds));
    }

    private static void writeNumberFlag(ByteBuf out, char flag, long number) {
        writeFlag(out, flag);
        Ascii.writeUnsigned(out, number);
    }

    private static void writeFlag(ByteBuf out, char flag) {
        out.writeByte(' ').writeByte(flag);
    }
}
