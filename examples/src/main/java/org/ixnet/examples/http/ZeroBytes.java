package org.ixnet.examples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import org.jspecify.annotations.Nullable;

/** A body of zeros, produced as fast as the client reads it, from one shared block. */
final class ZeroBytes implements ChunkedInput<ByteBuf> {
    private static final int BLOCK_BYTES = 64 << 10;
    private static final ByteBuf BLOCK = Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(BLOCK_BYTES).writeZero(BLOCK_BYTES).asReadOnly());

    private final long lengthBytes;
    private long doneBytes;

    ZeroBytes(long lengthBytes) {
        this.lengthBytes = lengthBytes;
    }

    /** Returns up to 64 KiB of zeros. */
    static ByteBuf slice(int lengthBytes) {
        return BLOCK.slice(0, lengthBytes);
    }

    @Override
    public boolean isEndOfInput() {
        return doneBytes == lengthBytes;
    }

    @Override
    public @Nullable ByteBuf readChunk(ByteBufAllocator allocator) {
        int chunkBytes = (int) Math.min(BLOCK_BYTES, lengthBytes - doneBytes);
        doneBytes += chunkBytes;
        return chunkBytes == 0 ? null : slice(chunkBytes);
    }

    @Deprecated
    @Override
    public @Nullable ByteBuf readChunk(ChannelHandlerContext context) {
        return readChunk(context.alloc());
    }

    @Override
    public long length() {
        return lengthBytes;
    }

    @Override
    public long progress() {
        return doneBytes;
    }

    @Override
    public void close() {}
}
