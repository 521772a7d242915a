package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * NetPIPE: one message of a given size goes to and fro on one connection. The meter holds round trips; one way is half of
 * one. Thread rule: the event loop.
 */
final class PingPongLoad extends Load {
    private final int messageBytes;
    private final ByteBuf payload;
    private @Nullable ChannelHandlerContext context;
    private long received;
    private long sentNanos;
    private boolean stopping;

    /** @param messageBytes 1..{@link MessageHandler#MAX_MESSAGE_BYTES} */
    PingPongLoad(Client client, int messageBytes) {
        super(client);
        this.messageBytes = messageBytes;
        this.payload =
                client.allocator().directBuffer(messageBytes, messageBytes).writeZero(messageBytes);
    }

    @Override
    void start() {
        client.connect(Service.MESSAGE.firstPort(), true, false, new Handler()).addListener(done -> {
            if (!done.isSuccess()) {
                fail(done.cause());
                if (stopping) {
                    finish();
                }
            }
        });
    }

    private void finish() {
        payload.release();
        finished();
    }

    @Override
    void stop() {
        stopping = true;
        if (context == null) {
            finish();
        } else {
            context.close();
        }
    }

    private final class Handler extends ChannelInboundHandlerAdapter {
        private @Nullable Throwable failure;

        @Override
        public void channelActive(ChannelHandlerContext active) {
            context = active;
            active.write(active.alloc().directBuffer(4).writeInt(messageBytes), active.voidPromise());
            send(active, System.nanoTime());
            active.flush();
            ready();
        }

        private void send(ChannelHandlerContext to, long nowNanos) {
            sentNanos = nowNanos;
            to.write(payload.retainedDuplicate(), to.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext on, Object message) {
            ByteBuf in = (ByteBuf) message;
            received += in.readableBytes();
            in.release();
            if (received == messageBytes) {
                received = 0;
                long now = System.nanoTime();
                meter.message(now - sentNanos);
                send(on, now);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext on) {
            on.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext on, Throwable cause) {
            failure = cause;
            on.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext on) {
            if (stopping) {
                finish();
            } else {
                context = null;
                fail(failure == null ? new IllegalStateException("the server closed the connection") : failure);
            }
        }
    }
}
