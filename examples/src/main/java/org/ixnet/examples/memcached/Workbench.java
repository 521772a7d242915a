package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.ixnet.examples.memcached.store.Key;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one event loop use in turn, so that a request allocates nothing and an idle connection holds
 * nothing: the key at hand, room for an answer, an output buffer; and what the loop counts of every batch.
 *
 * <p>Thread rule: the loop's own, but for {@link #bytesRead()} and {@link #bytesWritten()}, which any thread may ask, and
 * {@link #close()}, when the loop has ended.
 */
final class Workbench implements AutoCloseable {
    private static final VarHandle BYTES_READ;
    private static final VarHandle BYTES_WRITTEN;
    /** A larger output buffer is not kept. */
    private static final int MAX_SPARE_BYTES = 16 << 10;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            BYTES_READ = lookup.findVarHandle(Workbench.class, "bytesRead", long.class);
            BYTES_WRITTEN = lookup.findVarHandle(Workbench.class, "bytesWritten", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Key key = new Key();
    final byte[] answer = new byte[QuickGet.MAX_ANSWER_BYTES];

    /** An output buffer that nobody uses now. */
    private @Nullable ByteBuf spare;

    /** Written by the loop alone; opaque, since others only want a number that was true a moment ago. */
    private long bytesRead;

    private long bytesWritten;

    /** Returns an empty buffer for {@code bytes}; if it has to be made, for {@code likelyBytes}. The caller owns it. */
    ByteBuf takeOutput(ByteBufAllocator allocator, int bytes, int likelyBytes) {
        ByteBuf taken = spare;
        if (taken == null) {
            return allocator.ioBuffer(Math.max(bytes, likelyBytes));
        }
        spare = null;
        return taken.ensureWritable(bytes);
    }

    /** Takes a buffer back that was written and flushed; keeps it only if the transport is done with it already. */
    void giveOutput(ByteBuf written) {
        if (spare == null && written.refCnt() == 1 && written.capacity() <= MAX_SPARE_BYTES) {
            spare = written.clear();
        } else {
            written.release();
        }
    }

    void countRead(int bytes) {
        BYTES_READ.setOpaque(this, bytesRead + bytes);
    }

    void countWritten(int bytes) {
        BYTES_WRITTEN.setOpaque(this, bytesWritten + bytes);
    }

    long bytesRead() {
        return (long) BYTES_READ.getOpaque(this);
    }

    long bytesWritten() {
        return (long) BYTES_WRITTEN.getOpaque(this);
    }

    @Override
    public void close() {
        ByteBuf left = spare;
        if (left != null) {
            spare = null;
            left.release();
        }
    }
}
