package org.ixnet.examples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the body of an upload to {@code /sha256} by its SHA-256, piece by piece as it arrives: a body of any length takes
 * no memory. Everything else passes.
 */
final class DigestBodies extends ChannelInboundHandlerAdapter {
    static final String PATH = "/sha256";

    private @Nullable HttpRequest upload;
    private @Nullable MessageDigest digest;

    DigestBodies() {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request && isUpload(request)) {
            begin(ctx, request);
        }
        if (upload == null || digest == null) {
            ctx.fireChannelRead(message);
            return;
        }
        FullHttpRequest whole = null;
        try {
            if (message instanceof HttpContent content) {
                update(digest, content.content());
                if (content instanceof LastHttpContent
                        || content.decoderResult().isFailure()) {
                    whole = end(ctx, upload, digest);
                    whole.setDecoderResult(content.decoderResult());
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
        if (whole != null) {
            upload = null;
            digest = null;
            ctx.fireChannelRead(whole);
        }
    }

    private static boolean isUpload(HttpRequest request) {
        return HttpHandler.path(request).equals(PATH)
                && (request.method().equals(HttpMethod.POST) || request.method().equals(HttpMethod.PUT))
                && request.decoderResult().isSuccess();
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        upload = request;
        digest = sha256();
        if (HttpUtil.is100ContinueExpected(request)) {
            // From the end of the pipeline, behind the answers to earlier requests.
            ctx.channel().writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
    }

    private static void update(MessageDigest digest, ByteBuf bytes) {
        for (ByteBuffer piece : bytes.nioBuffers()) {
            digest.update(piece);
        }
    }

    private static FullHttpRequest end(ChannelHandlerContext ctx, HttpRequest upload, MessageDigest digest) {
        ByteBuf text = ByteBufUtil.writeAscii(ctx.alloc(), ByteBufUtil.hexDump(digest.digest()) + "\n");
        return new DefaultFullHttpRequest(
                upload.protocolVersion(),
                upload.method(),
                upload.uri(),
                text,
                upload.headers(),
                EmptyHttpHeaders.INSTANCE);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
