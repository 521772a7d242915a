package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.ixnet.examples.memcached.store.Counter;
import org.ixnet.examples.memcached.store.Key;
import org.ixnet.examples.memcached.store.Shard;

/**
 * Answers {@code get <key>\r\n}, which is most of what a cache is asked, without looking at a byte twice. Whatever is not
 * exactly that, whole, plain, and with a short value, is left to {@link TextProtocol}, which would answer the same.
 *
 * <p>The question is copied to where its key is in the answer already, which then grows around it:
 * <pre>
 *         g e t ␣ k e y \r \n
 *     V A L U E ␣ k e y ␣  0  ␣ 2 \r \n v v \r \n E N D \r \n
 * </pre>
 */
final class QuickGet {
    static final int MAX_VALUE_BYTES = 1024;
    static final int MAX_ANSWER_BYTES = 1536;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGHEST_BITS = 0x8080808080808080L;
    private static final long FIRST_GRAPHICS = 0x0101010101010101L * '!';
    private static final int GET_BLANK = 0x67657420;
    private static final int QUESTION_AT = 2;
    private static final int KEY_AT = QUESTION_AT + 4;
    private static final int MAX_QUESTION_BYTES = 4 + Key.MAX_BYTES + 2;
    private static final int MIN_QUESTION_BYTES = 4 + 1 + 2;
    private static final int NOT_MINE = -1;
    private static final byte[] END_OF_HIT = Ascii.bytes("\r\nEND\r\n");

    private final Session session;

    QuickGet(Session session) {
        this.session = session;
    }

    /** Takes the command at the start of {@code in} and answers it; false if it is for others, and nothing was done. */
    boolean answer(ByteBuf in) {
        int start = in.readerIndex();
        int questionBytes = Math.min(in.readableBytes(), MAX_QUESTION_BYTES);
        if (questionBytes < MIN_QUESTION_BYTES) {
            return false;
        }
        byte[] answer = session.workbench.answer;
        in.getBytes(start, answer, QUESTION_AT, questionBytes);
        if ((int) INT.get(answer, QUESTION_AT) != GET_BLANK) {
            return false;
        }
        int keyEnd = keyEnd(answer, QUESTION_AT + questionBytes);
        int answerBytes = keyEnd < 0 ? NOT_MINE : answerHit(answer, keyEnd);
        if (answerBytes == NOT_MINE) {
            return false;
        }
        if (answerBytes == 0) {
            session.reply(TextReply.END);
        } else {
            session.output(answerBytes).writeBytes(answer, 0, answerBytes);
        }
        in.readerIndex(start + keyEnd + 2 - QUESTION_AT);
        return true;
    }

    /** Returns where the key ends, if it is one word of graphic ASCII characters with a proper line end; otherwise -1. */
    private static int keyEnd(byte[] question, int end) {
        int i = KEY_AT;
        long others = 0;
        while (i < end && (others = notGraphic((long) LONG.get(question, i))) == 0) {
            i += Long.BYTES;
        }
        i += Long.numberOfTrailingZeros(others) >>> 3;
        boolean isWhole = i > KEY_AT && i + 1 < end && question[i] == '\r' && question[i + 1] == '\n';
        return isWhole ? i : -1;
    }

    /** The highest bit of each of eight bytes that is no graphic ASCII character. */
    private static long notGraphic(long bytes) {
        // No byte borrows from the next one: its highest bit is set, and '!' is less than that.
        long atLeastGraphic = (bytes | HIGHEST_BITS) - FIRST_GRAPHICS;
        return (bytes | ~atLeastGraphic) & HIGHEST_BITS;
    }

    /** Looks the key up and makes the answer of the question; returns its length, 0 after a miss. */
    private int answerHit(byte[] answer, int keyEnd) {
        int now = session.nowSeconds();
        Key key = session.key(answer, KEY_AT, keyEnd - KEY_AT);
        Shard shard = session.store.shard(key);
        shard.lock();
        try {
            int item = shard.find(key, now);
            if (item == Shard.NONE) {
                shard.count(Counter.CMD_GET);
                shard.count(Counter.GET_MISSES);
                return 0;
            }
            int valueBytes = shard.valueBytes(item);
            if (valueBytes > MAX_VALUE_BYTES) {
                return NOT_MINE;
            }
            shard.count(Counter.CMD_GET);
            shard.count(Counter.GET_HITS);
            shard.touchLru(item, now);
            System.arraycopy(TextReply.VALUE, 0, answer, 0, TextReply.VALUE.length);
            int at = keyEnd;
            answer[at++] = ' ';
            at = Ascii.putUnsigned(answer, at, Integer.toUnsignedLong(shard.clientFlags(item)));
            answer[at++] = ' ';
            at = Ascii.putUnsigned(answer, at, valueBytes);
            answer[at++] = '\r';
            answer[at++] = '\n';
            shard.readValue(item, answer, at);
            at += valueBytes;
            System.arraycopy(END_OF_HIT, 0, answer, at, END_OF_HIT.length);
            return at + END_OF_HIT.length;
        } finally {
            shard.unlock();
        }
    }
}
