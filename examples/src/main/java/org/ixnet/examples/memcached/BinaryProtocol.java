package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.ixnet.examples.memcached.BinaryOpcode.Kind;
import org.ixnet.examples.memcached.store.Counter;
import org.ixnet.examples.memcached.store.Key;
import org.ixnet.examples.memcached.store.Pending;
import org.ixnet.examples.memcached.store.Shard;
import org.ixnet.examples.memcached.store.StoreMode;
import org.ixnet.examples.memcached.store.StoreResult;
import org.jspecify.annotations.Nullable;

/**
 * The binary protocol: a header of 24 bytes, extras, key, value.
 *
 * <pre>
 *    0 magic   1 opcode   2 key length   4 extras length   5 data type   6 vbucket / status
 *    8 total body length            12 opaque           16 cas unique
 * </pre>
 */
final class BinaryProtocol implements Protocol {
    static final int REQUEST_MAGIC = 0x80;
    private static final int RESPONSE_MAGIC = 0x81;
    private static final int HEADER_BYTES = 24;
    /** The expiration of an increment that means: do not create. */
    private static final int DO_NOT_CREATE = -1;

    private final Session session;
    private final Arithmetic arithmetic;

    /** The request at hand; kept while its value arrives. */
    private @Nullable BinaryOpcode opcode;

    private int opcodeByte;
    private int keyBytes;
    private int extrasBytes;
    private int valueBytes;
    private int opaque;
    private long cas;
    private boolean storing;
    private long swallowBytes;

    BinaryProtocol(Session session) {
        this.session = session;
        this.arithmetic = new Arithmetic(session);
    }

    @Override
    public boolean step(ByteBuf in) {
        if (storing) {
            return storeValue(in);
        }
        if (swallowBytes > 0) {
            int skipped = (int) Math.min(swallowBytes, in.readableBytes());
            in.skipBytes(skipped);
            swallowBytes -= skipped;
            return skipped > 0;
        }
        return request(in);
    }

    @Override
    public int missingBytes(ByteBuf partial, ByteBuf more) {
        int have = partial.readableBytes();
        int start = partial.readerIndex();
        int wanted = have < HEADER_BYTES ? HEADER_BYTES : frontBytes(partial, start);
        return Math.min(more.readableBytes(), wanted - have);
    }

    /** Returns the bytes of a request up to its value. */
    private static int frontBytes(ByteBuf in, int start) {
        return HEADER_BYTES + in.getUnsignedShort(start + 2) + in.getUnsignedByte(start + 4);
    }

    private boolean request(ByteBuf in) {
        int start = in.readerIndex();
        if (in.readableBytes() < HEADER_BYTES || in.readableBytes() < frontBytes(in, start)) {
            return false;
        }
        opcodeByte = in.getUnsignedByte(start + 1);
        opcode = BinaryOpcode.of(opcodeByte);
        keyBytes = in.getUnsignedShort(start + 2);
        extrasBytes = in.getUnsignedByte(start + 4);
        long bodyBytes = in.getUnsignedInt(start + 8);
        opaque = in.getInt(start + 12);
        cas = in.getLong(start + 16);
        if (in.getUnsignedByte(start) != REQUEST_MAGIC || bodyBytes < keyBytes + extrasBytes) {
            // The next request cannot be found any more.
            in.skipBytes(in.readableBytes());
            reply(BinaryStatus.INVALID);
            session.close();
            return true;
        }
        in.skipBytes(HEADER_BYTES + keyBytes + extrasBytes);
        long restBytes = bodyBytes - keyBytes - extrasBytes;
        swallowBytes = restBytes;
        BinaryOpcode known = opcode;
        if (known == null) {
            reply(BinaryStatus.UNKNOWN_COMMAND);
        } else if (!isWellFormed(known, restBytes)) {
            reply(BinaryStatus.INVALID);
        } else {
            valueBytes = (int) restBytes;
            execute(known, in, start + HEADER_BYTES);
        }
        return true;
    }

    private boolean isWellFormed(BinaryOpcode known, long restBytes) {
        boolean extrasFit = extrasBytes == known.extrasBytes || (known.kind == Kind.FLUSH && extrasBytes == 0);
        boolean keyFits = known.kind.needsKey() ? keyBytes > 0 : keyBytes == 0 || known.kind == Kind.STAT;
        boolean valueFits = known.kind.stores() ? restBytes <= Integer.MAX_VALUE : restBytes == 0;
        return extrasFit && keyFits && keyBytes <= Key.MAX_BYTES && valueFits;
    }

    private void execute(BinaryOpcode known, ByteBuf in, int extras) {
        int key = extras + extrasBytes;
        switch (known.kind) {
            case GET, TOUCH -> retrieve(known, in, extras, key);
            case SET, ADD, REPLACE, APPEND, PREPEND -> store(known, in, extras, key);
            case DELETE -> delete(known, in, key);
            case INCREMENT, DECREMENT -> arithmetic(known, in, extras, key);
            case FLUSH -> flush(known, in, extras);
            case NOOP, VERBOSITY -> reply(BinaryStatus.OK);
            case VERSION -> {
                int length = StatsReport.VERSION.length();
                ByteBufUtil.writeAscii(header(BinaryStatus.OK, 0, 0, length, 0), StatsReport.VERSION);
            }
            case STAT -> stat(in, key);
            case QUIT -> {
                replyUnlessQuiet(known);
                session.close();
            }
        }
    }

    // Retrieval; TOUCH is one that changes the expiry, and may want no value

    private void retrieve(BinaryOpcode known, ByteBuf in, int extras, int keyIndex) {
        boolean touches = known.kind == Kind.TOUCH;
        int now = session.nowSeconds();
        Key key = session.key(in, keyIndex, keyBytes);
        Shard shard = session.store.shard(key);
        shard.lock();
        try {
            int item = shard.find(key, now);
            countRetrieval(shard, known, item != Shard.NONE);
            if (item == Shard.NONE) {
                replyMiss(known, in, keyIndex);
                return;
            }
            boolean withValue = known != BinaryOpcode.TOUCH;
            int replyKeyBytes = known.withKey ? keyBytes : 0;
            int replyValueBytes = withValue ? shard.valueBytes(item) : 0;
            ByteBuf out = header(BinaryStatus.OK, 4, replyKeyBytes, replyValueBytes, shard.cas(item));
            out.writeInt(shard.clientFlags(item));
            session.reflect(out, in, keyIndex, replyKeyBytes);
            if (withValue) {
                shard.readValue(item, out);
            }
            if (touches) {
                shard.expiresAtSeconds(item, session.clock().expiresAtSeconds(in.getInt(extras), now));
            }
            shard.touchLru(item, now);
        } finally {
            shard.unlock();
        }
    }

    private static void countRetrieval(Shard shard, BinaryOpcode known, boolean hit) {
        if (known.kind == Kind.TOUCH) {
            shard.count(Counter.CMD_TOUCH);
            shard.count(hit ? Counter.TOUCH_HITS : Counter.TOUCH_MISSES);
        }
        if (known != BinaryOpcode.TOUCH) {
            shard.count(Counter.CMD_GET);
            shard.count(hit ? Counter.GET_HITS : Counter.GET_MISSES);
        }
    }

    private void replyMiss(BinaryOpcode known, ByteBuf in, int keyIndex) {
        if (known.quiet) {
            return;
        }
        if (known.withKey) {
            session.reflect(header(BinaryStatus.NOT_FOUND, 0, keyBytes, 0, 0), in, keyIndex, keyBytes);
        } else {
            reply(BinaryStatus.NOT_FOUND);
        }
    }

    // Storage

    private void store(BinaryOpcode known, ByteBuf in, int extras, int keyIndex) {
        boolean hasExtras = known.extrasBytes > 0;
        int clientFlags = hasExtras ? in.getInt(extras) : 0;
        int now = session.nowSeconds();
        int expiresAt = hasExtras ? session.clock().expiresAtSeconds(in.getInt(extras + 4), now) : 0;
        Pending pending = session.pending;
        StoreResult begun = session.store.begin(
                pending,
                session.key(in, keyIndex, keyBytes),
                valueBytes,
                clientFlags,
                expiresAt,
                known.kind == Kind.SET,
                now);
        if (begun != StoreResult.STORED) {
            reply(BinaryStatus.of(begun));
            return;
        }
        pending.mode = mode(known.kind);
        pending.comparesCas = cas != 0;
        pending.casUnique = cas;
        swallowBytes = 0;
        storing = true;
    }

    private StoreMode mode(Kind kind) {
        return switch (kind) {
            case SET -> cas != 0 ? StoreMode.CAS : StoreMode.SET;
            case REPLACE -> cas != 0 ? StoreMode.CAS : StoreMode.REPLACE;
            case ADD -> StoreMode.ADD;
            case APPEND -> StoreMode.APPEND;
            case PREPEND -> StoreMode.PREPEND;
            case GET, DELETE, INCREMENT, DECREMENT, TOUCH, FLUSH, NOOP, VERSION, VERBOSITY, STAT, QUIT ->
                throw new IllegalStateException("does not store: " + kind);
        };
    }

    private boolean storeValue(ByteBuf in) {
        session.pending.fill(in);
        if (session.pending.missingBytes() > 0) {
            return false;
        }
        storing = false;
        StoreResult result = session.store.finish(session.pending, session.nowSeconds());
        BinaryOpcode known = opcode;
        if (known != null && (result != StoreResult.STORED || !known.quiet)) {
            reply(status(known.kind, result), session.pending.storedCas);
        }
        return true;
    }

    /** A condition not met has names of its own for ADD and REPLACE. */
    private static BinaryStatus status(Kind kind, StoreResult result) {
        if (result == StoreResult.NOT_STORED && kind == Kind.ADD) {
            return BinaryStatus.EXISTS;
        }
        if (result == StoreResult.NOT_STORED && kind == Kind.REPLACE) {
            return BinaryStatus.NOT_FOUND;
        }
        return BinaryStatus.of(result);
    }

    // The rest

    private void delete(BinaryOpcode known, ByteBuf in, int keyIndex) {
        Key key = session.key(in, keyIndex, keyBytes);
        Shard shard = session.store.shard(key);
        BinaryStatus status;
        shard.lock();
        try {
            int item = shard.find(key, session.nowSeconds());
            shard.count(item == Shard.NONE ? Counter.DELETE_MISSES : Counter.DELETE_HITS);
            if (item == Shard.NONE) {
                status = BinaryStatus.NOT_FOUND;
            } else if (cas != 0 && cas != shard.cas(item)) {
                status = BinaryStatus.EXISTS;
            } else {
                shard.unlink(item);
                status = BinaryStatus.OK;
            }
        } finally {
            shard.unlock();
        }
        if (status != BinaryStatus.OK || !known.quiet) {
            reply(status);
        }
    }

    private void arithmetic(BinaryOpcode known, ByteBuf in, int extras, int keyIndex) {
        int expiration = in.getInt(extras + 16);
        if (cas != 0) {
            arithmetic.compareCas(cas);
        }
        if (expiration != DO_NOT_CREATE) {
            int expiresAt = session.clock().expiresAtSeconds(expiration, session.nowSeconds());
            arithmetic.createOnMiss(in.getLong(extras + 8), expiresAt);
        }
        Key key = session.key(in, keyIndex, keyBytes);
        StoreResult result = arithmetic.apply(key, known.kind == Kind.INCREMENT, in.getLong(extras));
        if (result != StoreResult.STORED) {
            reply(BinaryStatus.of(result));
        } else if (!known.quiet) {
            header(BinaryStatus.OK, 0, 0, Long.BYTES, arithmetic.cas()).writeLong(arithmetic.number());
        }
    }

    private void flush(BinaryOpcode known, ByteBuf in, int extras) {
        int now = session.nowSeconds();
        int at = extrasBytes == 0 ? now : session.clock().expiresAtSeconds(in.getInt(extras), now);
        session.store.flush(Math.max(at, now), now);
        session.stats.flushes.increment();
        replyUnlessQuiet(known);
    }

    private void stat(ByteBuf in, int keyIndex) {
        String group = in.toString(keyIndex, keyBytes, StandardCharsets.ISO_8859_1);
        boolean known = true;
        if (group.equals("reset")) {
            StatsReport.reset(session);
        } else {
            known = StatsReport.write(session, group, (name, value) -> {
                ByteBuf out = header(BinaryStatus.OK, 0, name.length(), value.length(), 0);
                ByteBufUtil.writeAscii(out, name);
                ByteBufUtil.writeAscii(out, value);
            });
        }
        reply(known ? BinaryStatus.OK : BinaryStatus.NOT_FOUND);
    }

    private void replyUnlessQuiet(BinaryOpcode known) {
        if (!known.quiet) {
            reply(BinaryStatus.OK);
        }
    }

    private void reply(BinaryStatus status) {
        reply(status, 0);
    }

    private void reply(BinaryStatus status, long unique) {
        header(status, 0, 0, status.message.length, status == BinaryStatus.OK ? unique : 0)
                .writeBytes(status.message);
    }

    /** Appends the header of an answer; the caller appends extras, key and value, for which there is room. */
    private ByteBuf header(BinaryStatus status, int extras, int key, int value, long unique) {
        int bodyBytes = extras + key + value;
        ByteBuf out = session.output(HEADER_BYTES + bodyBytes);
        return out.writeByte(RESPONSE_MAGIC)
                .writeByte(opcodeByte)
                .writeShort(key)
                .writeByte(extras)
                .writeByte(0)
                .writeShort(status.code)
                .writeInt(bodyBytes)
                .writeInt(opaque)
                .writeLong(unique);
    }
}
