package org.ixnet.netty;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Where a {@code FileRegion} transfers to: the send buffer, by one copy. Thread rule: the connection's loop. */
final class FileSink implements WritableByteChannel {
    private final ConnectionWriter writer;

    FileSink(ConnectionWriter writer) {
        this.writer = writer;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return writer.writeCopy(source);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // The connection is closed by its channel.
    }
}
