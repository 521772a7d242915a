package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import org.jspecify.annotations.Nullable;

/**
 * One connection that always has data to send, 64 KiB a write. The server counts what arrives
 * ({@link SinkHandler}); here nothing is counted. Thread rule: the event loop.
 */
final class BulkLoad extends Load {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int CHUNKS_A_TURN = 16;

    private final ByteBuf chunk;
    private @Nullable ChannelHandlerContext context;
    private boolean stopping;

    BulkLoad(Client client) {
        super(client);
        this.chunk = client.allocator().directBuffer(CHUNK_BYTES, CHUNK_BYTES).writeZero(CHUNK_BYTES);
    }

    @Override
    void start() {
        client.connect(Service.SINK.firstPort(), true, false, new Handler()).addListener(done -> {
            if (!done.isSuccess()) {
                fail(done.cause());
            }
        });
    }

    @Override
    void stop() {
        stopping = true;
        if (context == null) {
            chunk.release();
            finished();
        } else {
            context.close();
        }
    }

    private final class Handler extends ChannelInboundHandlerAdapter {
        private @Nullable Throwable failure;

        @Override
        public void channelActive(ChannelHandlerContext active) {
            context = active;
            active.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(512 << 10, 1 << 20));
            ready();
            fill(active);
        }

        private void fill(ChannelHandlerContext to) {
            for (int i = 0; i < CHUNKS_A_TURN && to.channel().isWritable() && !stopping; i++) {
                to.write(chunk.retainedDuplicate(), to.voidPromise());
                meter.progress();
            }
            to.flush();
            if (to.channel().isWritable() && to.channel().isActive() && !stopping) {
                // Still room: go on in the next turn, so that one connection cannot keep the loop from its other work.
                to.executor().execute(() -> fill(to));
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext on) {
            if (on.channel().isWritable() && !stopping) {
                on.executor().execute(() -> fill(on));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext on, Throwable cause) {
            failure = cause;
            on.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext on) {
            if (stopping) {
                chunk.release();
                finished();
            } else {
                context = null;
                fail(failure == null ? new IllegalStateException("the server closed the connection") : failure);
            }
        }
    }
}
