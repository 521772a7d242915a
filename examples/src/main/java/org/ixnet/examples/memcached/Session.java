package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.Key;
import org.ixnet.examples.memcached.store.Numbers;
import org.ixnet.examples.memcached.store.Pending;
import org.ixnet.examples.memcached.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * What both protocols need of a connection: the store, the time of this batch, the answers written so far, and reusable
 * flyweights. Used by the connection's event loop only.
 */
final class Session {
    private static final int MIN_OUTPUT_BYTES = 256;
    private static final int MAX_OUTPUT_BYTES = 64 << 10;

    final Store store;
    final ServerStats stats;
    final Workbench workbench;
    final Pending pending = new Pending();
    final Numbers numbers = new Numbers();

    private final ChannelHandlerContext context;
    private @Nullable ByteBuf output;
    private int nextOutputBytes = MIN_OUTPUT_BYTES;
    private int batchOutputBytes;
    private int nowSeconds;
    private boolean closing;

    Session(ChannelHandlerContext context, Store store, ServerStats stats, Workbench workbench) {
        this.context = context;
        this.store = store;
        this.stats = stats;
        this.workbench = workbench;
        this.nowSeconds = store.clock().nowSeconds();
    }

    /** Reads the clock; once for every batch of requests. */
    void readClock() {
        nowSeconds = store.clock().nowSeconds();
    }

    int nowSeconds() {
        return nowSeconds;
    }

    CacheClock clock() {
        return store.clock();
    }

    /** Makes the loop's key the one in {@code buffer}. */
    Key key(ByteBuf buffer, int index, int lengthBytes) {
        return workbench.key.copy(buffer, index, lengthBytes, store.config().hashSeed());
    }

    /** Points the loop's key at {@code bytes}. */
    Key key(byte[] bytes, int offset, int lengthBytes) {
        return workbench.key.wrap(bytes, offset, lengthBytes, store.config().hashSeed());
    }

    /** Returns the buffer that collects this batch's answers, with room for {@code bytes} more. */
    ByteBuf output(int bytes) {
        ByteBuf current = output;
        if (current != null && current.writableBytes() < bytes) {
            if (current.readableBytes() + bytes <= MAX_OUTPUT_BYTES) {
                return current.ensureWritable(bytes);
            }
            // Passing a full buffer on is cheaper than growing it, which copies.
            writeOutput();
            current = null;
        }
        if (current == null) {
            current = workbench.takeOutput(context.alloc(), bytes, nextOutputBytes);
            output = current;
        }
        return current;
    }

    /** Appends a key or a word of a request; buffer to buffer would cost an object. */
    void reflect(ByteBuf out, ByteBuf from, int index, int lengthBytes) {
        byte[] between = workbench.answer;
        from.getBytes(index, between, 0, lengthBytes);
        out.writeBytes(between, 0, lengthBytes);
    }

    /** Appends a constant answer. */
    void reply(byte[] line) {
        output(line.length).writeBytes(line);
    }

    /** Appends an unsigned decimal number. */
    void replyNumber(long number) {
        Ascii.writeUnsigned(output(Numbers.MAX_DIGITS), number);
    }

    /** Asks for the connection to be closed once the answers so far are written; nothing more is read. */
    void close() {
        closing = true;
    }

    boolean isClosing() {
        return closing;
    }

    /** Passes what was answered to the channel without flushing, if it is much. */
    void writeIfLarge() {
        if (output != null && output.readableBytes() >= MAX_OUTPUT_BYTES) {
            writeOutput();
        }
    }

    /** Passes what was answered in this batch to the channel, and flushes. Returns whether there was anything. */
    boolean flush() {
        ByteBuf last = output;
        if (last != null) {
            // The loop's again when it is flushed.
            last.retain();
            writeOutput();
        }
        if (batchOutputBytes == 0) {
            return false;
        }
        // The next batch will probably want about as much.
        int guess = Integer.highestOneBit(batchOutputBytes) << 1;
        nextOutputBytes = Math.clamp(guess, MIN_OUTPUT_BYTES, MAX_OUTPUT_BYTES);
        batchOutputBytes = 0;
        context.flush();
        if (last != null) {
            workbench.giveOutput(last);
        }
        return true;
    }

    /** Frees what the connection holds. */
    void release() {
        pending.abandon();
        if (output != null) {
            output.release();
            output = null;
        }
    }

    private void writeOutput() {
        ByteBuf current = output;
        if (current != null) {
            output = null;
            int bytes = current.readableBytes();
            batchOutputBytes += bytes;
            workbench.countWritten(bytes);
            context.write(current, context.voidPromise());
        }
    }
}
