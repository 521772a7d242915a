package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * {@link Service#MESSAGE}: waits for a whole message, then sends one of the same size, as NetPIPE does. Thread rule: the
 * channel's event loop.
 */
final class MessageHandler extends ChannelInboundHandlerAdapter {
    /** The largest message, bytes. */
    static final int MAX_MESSAGE_BYTES = 8 << 20;

    private final ByteBuf payload;
    private int headerBytes;
    private int messageBytes;
    private long received;

    /** @param payload at least {@link #MAX_MESSAGE_BYTES} readable bytes; kept by the caller */
    MessageHandler(ByteBuf payload) {
        this.payload = payload;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (headerBytes < 4 && in.isReadable()) {
                messageBytes = messageBytes << 8 | in.readUnsignedByte();
                headerBytes++;
            }
            received += in.readableBytes();
        } finally {
            in.release();
        }
        if (headerBytes == 4 && (messageBytes < 1 || messageBytes > MAX_MESSAGE_BYTES)) {
            context.close();
            return;
        }
        while (headerBytes == 4 && received >= messageBytes) {
            received -= messageBytes;
            context.write(payload.retainedSlice(0, messageBytes), context.voidPromise());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
