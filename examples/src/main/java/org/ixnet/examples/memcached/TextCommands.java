package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.ixnet.examples.memcached.store.Counter;
import org.ixnet.examples.memcached.store.Key;
import org.ixnet.examples.memcached.store.Shard;

/** The commands of the text protocol that are one line, and answered with one; one instance a connection. */
final class TextCommands {
    private static final byte[] NOREPLY = Ascii.bytes("noreply");

    private final Session session;
    private final Tokens tokens;
    private final Arithmetic arithmetic;

    private boolean quiet;

    TextCommands(Session session, Tokens tokens) {
        this.session = session;
        this.tokens = tokens;
        this.arithmetic = new Arithmetic(session);
    }

    void delete() {
        if (tokens.count() < 2 || tokens.count() > 4) {
            session.reply(TextReply.ERROR);
            return;
        }
        if (tokens.length(1) > Key.MAX_BYTES) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        quiet = isNoreply();
        boolean isZero = tokens.count() > 2 && tokens.length(2) == 1 && tokens.byteAt(2, 0) == '0';
        // Old clients send a delay; only 0 was ever sensible, and it may be followed by noreply.
        boolean isUsual = tokens.count() == 2
                || (tokens.count() == 3 && (isZero || quiet))
                || (tokens.count() == 4 && isZero && quiet);
        if (!isUsual) {
            session.reply(TextReply.BAD_DELETE);
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
        replyUnlessQuiet(found ? TextReply.DELETED : TextReply.NOT_FOUND);
    }

    void arithmetic(boolean increments) {
        if (tokens.count() != 3 && tokens.count() != 4) {
            session.reply(TextReply.ERROR);
            return;
        }
        if (tokens.length(1) > Key.MAX_BYTES) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        if (!tokens.parseUnsigned(2, 0)) {
            session.reply(TextReply.BAD_DELTA);
            return;
        }
        quiet = isNoreply();
        Key key = session.key(tokens.buffer(), tokens.start(1), tokens.length(1));
        switch (arithmetic.apply(key, increments, tokens.number())) {
            case STORED -> {
                if (!quiet) {
                    session.replyNumber(arithmetic.number());
                    session.reply(TextReply.CRLF);
                }
            }
            case NOT_FOUND -> replyUnlessQuiet(TextReply.NOT_FOUND);
            case NOT_A_NUMBER -> replyUnlessQuiet(TextReply.NOT_A_NUMBER);
            case OUT_OF_MEMORY, TOO_LARGE -> replyUnlessQuiet(TextReply.OUT_OF_MEMORY);
            case EXISTS, NOT_STORED -> throw new IllegalStateException("arithmetic compared a unique without one");
        }
    }

    void touch() {
        if (tokens.count() != 3 && tokens.count() != 4) {
            session.reply(TextReply.ERROR);
            return;
        }
        if (tokens.length(1) > Key.MAX_BYTES) {
            session.reply(TextReply.BAD_FORMAT);
            return;
        }
        if (!tokens.parseSigned(2, 0)) {
            session.reply(TextReply.BAD_EXPTIME);
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
        replyUnlessQuiet(found ? TextReply.TOUCHED : TextReply.NOT_FOUND);
    }

    void flushAll() {
        if (tokens.count() > 3) {
            session.reply(TextReply.ERROR);
            return;
        }
        quiet = isNoreply();
        int now = session.nowSeconds();
        int at = now;
        if (tokens.count() > (quiet ? 2 : 1)) {
            if (!tokens.parseSigned(1, 0)) {
                replyUnlessQuiet(TextReply.BAD_EXPTIME);
                return;
            }
            at = Math.max(now, session.clock().expiresAtSeconds(tokens.number(), now));
        }
        session.store.flush(at, now);
        session.stats.flushes.increment();
        replyUnlessQuiet(TextReply.OK);
    }

    void verbosity() {
        if (tokens.count() < 2 || tokens.count() > 3) {
            session.reply(TextReply.ERROR);
            return;
        }
        quiet = isNoreply();
        boolean isNumber = (quiet && tokens.count() == 2) || tokens.parseUnsigned32(1, 0);
        replyUnlessQuiet(isNumber ? TextReply.OK : TextReply.BAD_FORMAT);
    }

    void stats() {
        String group = tokens.count() < 2
                ? ""
                : tokens.buffer().toString(tokens.start(1), tokens.length(1), StandardCharsets.ISO_8859_1);
        if (group.equals("reset")) {
            StatsReport.reset(session);
            session.reply(TextReply.RESET);
            return;
        }
        boolean known = StatsReport.write(session, group, (name, value) -> {
            ByteBuf out = session.output(name.length() + value.length() + 8);
            ByteBufUtil.writeAscii(out, "STAT ");
            ByteBufUtil.writeAscii(out, name);
            out.writeByte(' ');
            ByteBufUtil.writeAscii(out, value);
            out.writeBytes(TextReply.CRLF);
        });
        session.reply(known ? TextReply.END : TextReply.ERROR);
    }

    /** Tells whether the line's last word asks for silence. */
    boolean isNoreply() {
        return tokens.is(tokens.count() - 1, NOREPLY);
    }

    private void replyUnlessQuiet(byte[] line) {
        if (!quiet) {
            session.reply(line);
        }
    }
}
