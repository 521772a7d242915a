package org.ixnet.examples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A body that anybody can compute: the numbers 1, 2, 3 ... a line each, cut at a length; {@code seq N | head -c LENGTH}. A
 * byte lost, doubled or out of place changes its digest. Produced as fast as the client reads it.
 */
final class SequenceBytes implements ChunkedInput<ByteBuf> {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int MAX_LINE_BYTES = 20;

    private final long lengthBytes;
    private long doneBytes;

    /** The next line, at the end of this array. */
    private final byte[] line = new byte[MAX_LINE_BYTES];

    private int lineStart = MAX_LINE_BYTES - 2;
    private int sent = lineStart;

    SequenceBytes(long lengthBytes) {
        this.lengthBytes = lengthBytes;
        Arrays.fill(line, (byte) '0');
        line[MAX_LINE_BYTES - 2] = '1';
        line[MAX_LINE_BYTES - 1] = '\n';
    }

    @Override
    public boolean isEndOfInput() {
        return doneBytes == lengthBytes;
    }

    @Override
    public @Nullable ByteBuf readChunk(ByteBufAllocator allocator) {
        int chunkBytes = (int) Math.min(CHUNK_BYTES, lengthBytes - doneBytes);
        if (chunkBytes == 0) {
            return null;
        }
        byte[] chunk = new byte[chunkBytes];
        for (int filled = 0; filled < chunkBytes; ) {
            int count = Math.min(MAX_LINE_BYTES - sent, chunkBytes - filled);
            System.arraycopy(line, sent, chunk, filled, count);
            filled += count;
            sent += count;
            if (sent == MAX_LINE_BYTES) {
                nextLine();
            }
        }
        doneBytes += chunkBytes;
        return allocator.directBuffer(chunkBytes).writeBytes(chunk);
    }

    private void nextLine() {
        int digit = MAX_LINE_BYTES - 2;
        while (line[digit] == '9') {
            line[digit--] = '0';
        }
        line[digit]++;
        lineStart = Math.min(lineStart, digit);
        sent = lineStart;
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
