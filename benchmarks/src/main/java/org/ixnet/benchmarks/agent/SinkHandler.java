package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** {@link Service#SINK}: counts and drops. Thread rule: one event loop writes the count, any thread reads it. */
@ChannelHandler.Sharable
final class SinkHandler extends ChannelInboundHandlerAdapter {
    /** Single writer; volatile so that the main thread reports a fresh count. */
    private volatile long bytes;

    long bytes() {
        return bytes;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // Single writer.
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        bytes += in.readableBytes();
        in.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
