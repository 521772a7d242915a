package org.ixnet.examples.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** Sends each frame back as it came; {@link HttpHandler}, behind it, flushes and stops reading while the client does not. */
final class WebSocketEcho extends SimpleChannelInboundHandler<WebSocketFrame> {
    WebSocketEcho() {}

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
        ctx.write(frame.retain());
    }
}
