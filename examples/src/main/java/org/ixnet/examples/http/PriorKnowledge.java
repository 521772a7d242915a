package org.ixnet.examples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;

/**
 * Without TLS: a client that knows that we speak HTTP/2 begins with its preface (RFC 9113 section 3.3); all others speak
 * HTTP/1.1. Leaves the pipeline once it knows.
 */
final class PriorKnowledge extends ByteToMessageDecoder {
    private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

    private final HttpService service;

    PriorKnowledge(HttpService service) {
        this.service = service;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int comparable = Math.min(in.readableBytes(), PREFACE.readableBytes());
        if (!ByteBufUtil.equals(PREFACE, PREFACE.readerIndex(), in, in.readerIndex(), comparable)) {
            service.http1(ctx.pipeline());
        } else if (comparable == PREFACE.readableBytes()) {
            service.http2(ctx.pipeline());
        } else {
            return; // not enough yet
        }
        ctx.pipeline().remove(this); // what was read goes on to the handlers that were added
    }
}
