package org.ixnet.examples.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.stream.ChunkedInput;
import io.netty.util.AsciiString;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Answers requests one by one in their order, with one flush for all that came together; while the client does not read,
 * nothing more is read from it.
 */
final class HttpHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(HttpHandler.class);
    private static final long MAX_BYTES = 1L << 40;
    private static final int WHOLE_ANSWER_BYTES = 64 << 10;

    private static final String BYTES = "/bytes/";
    private static final String SEQUENCE = "/seq/";

    private static final AsciiString SERVER = AsciiString.cached("ix");
    private static final AsciiString TEXT = AsciiString.cached("text/plain; charset=utf-8");
    private static final ByteBuf HELLO = constant("Hello from IX\n");
    private static final ByteBuf HELLO_JSON = constant("{\"message\":\"Hello from IX\"}");

    private boolean answeredLast;

    HttpHandler() {}

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (answeredLast) {
            return; // what follows the last request of a connection is nobody's
        }
        if (request.decoderResult().isFailure()) {
            reject(ctx, request.decoderResult().cause());
            return;
        }
        route(ctx, request);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        if (!ctx.channel().isWritable()) {
            ctx.channel().config().setAutoRead(false);
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOGGER.warn("closing {}", ctx.channel(), cause);
        }
        ctx.close();
    }

    private void route(ChannelHandlerContext ctx, FullHttpRequest request) {
        HttpMethod method = request.method();
        String path = path(request);
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        boolean uploads = path.equals("/echo") || path.equals(DigestBodies.PATH);
        if (uploads && !method.equals(HttpMethod.POST) && !method.equals(HttpMethod.PUT)) {
            methodNotAllowed(ctx, request, "POST, PUT");
        } else if (path.equals("/echo")) {
            echo(ctx, request);
        } else if (path.equals(DigestBodies.PATH)) {
            answer(ctx, request, full(HttpResponseStatus.OK, request.content().retain(), TEXT));
        } else if (!isResource(path)) {
            answer(ctx, request, text(HttpResponseStatus.NOT_FOUND, "nothing here; ix run http --help tells\n"));
        } else if (!reads) {
            methodNotAllowed(ctx, request, "GET, HEAD");
        } else if (path.equals("/")) {
            answer(ctx, request, full(HttpResponseStatus.OK, HELLO.duplicate(), TEXT));
        } else if (path.equals("/json")) {
            answer(
                    ctx,
                    request,
                    full(HttpResponseStatus.OK, HELLO_JSON.duplicate(), HttpHeaderValues.APPLICATION_JSON));
        } else if (path.startsWith(BYTES)) {
            bytes(ctx, request, path.substring(BYTES.length()));
        } else {
            sequence(ctx, request, path.substring(SEQUENCE.length()));
        }
    }

    static String path(HttpRequest request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    private static boolean isResource(String path) {
        return path.equals("/") || path.equals("/json") || path.startsWith(BYTES) || path.startsWith(SEQUENCE);
    }

    private void echo(ChannelHandlerContext ctx, FullHttpRequest request) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, request.content().retain());
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type == null ? HttpHeaderValues.APPLICATION_OCTET_STREAM : type);
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        answer(ctx, request, response);
    }

    private void bytes(ChannelHandlerContext ctx, FullHttpRequest request, String count) {
        long length = length(count);
        if (length < 0) {
            answer(ctx, request, badLength());
        } else if (length <= WHOLE_ANSWER_BYTES || request.method().equals(HttpMethod.HEAD)) {
            int body = request.method().equals(HttpMethod.HEAD) ? 0 : (int) length;
            FullHttpResponse response =
                    full(HttpResponseStatus.OK, ZeroBytes.slice(body), HttpHeaderValues.APPLICATION_OCTET_STREAM);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
            answer(ctx, request, response);
        } else {
            stream(ctx, request, new ZeroBytes(length), HttpHeaderValues.APPLICATION_OCTET_STREAM);
        }
    }

    private void sequence(ChannelHandlerContext ctx, FullHttpRequest request, String count) {
        long length = length(count);
        if (length < 0) {
            answer(ctx, request, badLength());
        } else if (request.method().equals(HttpMethod.HEAD)) {
            FullHttpResponse response = full(HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER, TEXT);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
            answer(ctx, request, response);
        } else {
            stream(ctx, request, new SequenceBytes(length), TEXT);
        }
    }

    /** Returns what {@code count} says, or -1 if that is no length. */
    private static long length(String count) {
        long length = count.matches("\\d{1,13}") ? Long.parseLong(count) : -1;
        return length > MAX_BYTES ? -1 : length;
    }

    private static FullHttpResponse badLength() {
        return text(HttpResponseStatus.BAD_REQUEST, "a length must be 0 to " + MAX_BYTES + "\n");
    }

    /** The ChunkedWriteHandler asks {@code body} for more whenever the connection is writable. */
    private void stream(
            ChannelHandlerContext ctx, FullHttpRequest request, ChunkedInput<ByteBuf> body, CharSequence type) {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, type).set(HttpHeaderNames.CONTENT_LENGTH, body.length());
        boolean keepAlive = complete(head, request);
        ctx.write(head);
        end(ctx.write(new HttpChunkedInput(body)), keepAlive);
    }

    private void methodNotAllowed(ChannelHandlerContext ctx, FullHttpRequest request, String allowed) {
        FullHttpResponse response = text(HttpResponseStatus.METHOD_NOT_ALLOWED, "use " + allowed + "\n");
        response.headers().set(HttpHeaderNames.ALLOW, allowed);
        answer(ctx, request, response);
    }

    /** Where the next request starts is unknown after one that cannot be read; so the connection ends. */
    private void reject(ChannelHandlerContext ctx, Throwable cause) {
        HttpResponseStatus status = HttpResponseStatus.BAD_REQUEST;
        if (cause instanceof TooLongHttpLineException) {
            status = HttpResponseStatus.REQUEST_URI_TOO_LONG;
        } else if (cause instanceof TooLongHttpHeaderException) {
            status = HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
        }
        FullHttpResponse response = text(status, status + "\n");
        response.headers()
                .set(HttpHeaderNames.SERVER, SERVER)
                .set(HttpHeaderNames.DATE, HttpDate.now())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        end(ctx.write(response), false);
    }

    private void answer(ChannelHandlerContext ctx, FullHttpRequest request, FullHttpResponse response) {
        boolean keepAlive = complete(response, request);
        end(ctx.write(response), keepAlive);
    }

    /** Adds the headers that every answer has; returns whether the connection goes on. */
    private static boolean complete(HttpResponse response, FullHttpRequest request) {
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.SERVER, SERVER).set(HttpHeaderNames.DATE, HttpDate.now());
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(headers, request.protocolVersion(), keepAlive);
        return keepAlive;
    }

    private void end(ChannelFuture written, boolean keepAlive) {
        if (!keepAlive) {
            answeredLast = true;
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static FullHttpResponse text(HttpResponseStatus status, String body) {
        return full(status, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8), TEXT);
    }

    private static FullHttpResponse full(HttpResponseStatus status, ByteBuf body, CharSequence type) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return response;
    }

    private static ByteBuf constant(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf direct = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        return Unpooled.unreleasableBuffer(direct.asReadOnly());
    }
}
