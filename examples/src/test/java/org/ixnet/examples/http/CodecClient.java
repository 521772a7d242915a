package org.ixnet.examples.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketChunkedInput;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ixnet.examples.Transport;
import org.ixnet.netty.IxSocketChannel;

/** One connection of a client to {@link HttpService}, on any transport; what it received is hashed, not kept. */
final class CodecClient implements AutoCloseable {
    private static final int SHOWN_BYTES = 100;
    private static final long TIMEOUT_SECONDS = 120;

    enum Protocol {
        HTTP1,
        HTTP2,
        WEB_SOCKET
    }

    /** An answer: its status, the digest of its body, and how the body begins. */
    record Answer(int status, String digest, String start) {}

    private final Protocol protocol;
    private final Channel connection;
    /** HTTP/1.1 and WebSocket: takes what comes. */
    private final Receiver receiver = new Receiver();

    CodecClient(Transport transport, EventLoopGroup group, InetSocketAddress server, Protocol protocol, SslContext tls)
            throws Exception {
        this.protocol = protocol;
        connection = new Bootstrap()
                .group(group)
                .channel(channel(transport))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 30_000)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (tls != null) {
                            SslHandler handler = tls.newHandler(channel.alloc(), "localhost", server.getPort());
                            handler.setHandshakeTimeoutMillis(60_000);
                            channel.pipeline().addLast(handler);
                        }
                        initialize(channel.pipeline());
                    }
                })
                .connect(server)
                .sync()
                .channel();
        if (tls != null) {
            SslHandler handler = connection.pipeline().get(SslHandler.class);
            handler.handshakeFuture().sync();
            String expected = protocol == Protocol.HTTP2 ? "h2" : "http/1.1";
            if (!expected.equals(handler.applicationProtocol())) {
                throw new IOException("ALPN chose " + handler.applicationProtocol() + ", not " + expected);
            }
        }
        if (protocol == Protocol.WEB_SOCKET) {
            receiver.upgraded.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Class<? extends Channel> channel(Transport transport) {
        return switch (transport) {
            case IX -> IxSocketChannel.class;
            case EPOLL -> EpollSocketChannel.class;
            case IO_URING -> IoUringSocketChannel.class;
            case NIO -> NioSocketChannel.class;
        };
    }

    private void initialize(ChannelPipeline pipeline) {
        switch (protocol) {
            case HTTP1 -> pipeline.addLast(new HttpClientCodec(), new ChunkedWriteHandler(), receiver);
            case HTTP2 ->
                pipeline.addLast(
                        Http2FrameCodecBuilder.forClient().build(),
                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
            case WEB_SOCKET ->
                pipeline.addLast(
                        new HttpClientCodec(),
                        new HttpObjectAggregator(8192),
                        new WebSocketClientProtocolHandler(WebSocketClientHandshakerFactory.newHandshaker(
                                URI.create("ws://localhost/ws"),
                                WebSocketVersion.V13,
                                null,
                                false,
                                new DefaultHttpHeaders(),
                                1 << 20)),
                        new ChunkedWriteHandler(),
                        receiver);
        }
    }

    Answer get(String path) throws Exception {
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        request.headers().set(HttpHeaderNames.HOST, "localhost");
        return exchange(channel -> channel.writeAndFlush(request));
    }

    /** Sends the first {@code length} bytes of the sequence. */
    Answer post(String path, long length) throws Exception {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path);
        request.headers().set(HttpHeaderNames.HOST, "localhost").set(HttpHeaderNames.CONTENT_LENGTH, length);
        return exchange(channel -> {
            channel.write(request);
            return channel.writeAndFlush(new HttpChunkedInput(new SequenceBytes(length)));
        });
    }

    /** Sends the sequence as one message in fragments; returns the digest of what came back. */
    String echo(long length) throws Exception {
        CompletableFuture<Answer> answer = receiver.begin();
        receiver.echoBytes = length;
        connection.write(new BinaryWebSocketFrame(false, 0, Unpooled.EMPTY_BUFFER));
        fail(answer, connection.writeAndFlush(new WebSocketChunkedInput(new SequenceBytes(length))));
        return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS).digest();
    }

    private interface Sender {
        ChannelFuture send(Channel channel);
    }

    private Answer exchange(Sender sender) throws Exception {
        Channel channel = connection;
        Receiver answering = receiver;
        if (protocol == Protocol.HTTP2) {
            Receiver stream = new Receiver();
            channel = new Http2StreamChannelBootstrap(connection)
                    .handler(new ChannelInitializer<Http2StreamChannel>() {
                        @Override
                        protected void initChannel(Http2StreamChannel opened) {
                            opened.pipeline()
                                    .addLast(
                                            new Http2StreamFrameToHttpObjectCodec(false),
                                            new ChunkedWriteHandler(),
                                            stream);
                        }
                    })
                    .open()
                    .sync()
                    .getNow();
            answering = stream;
        }
        CompletableFuture<Answer> answer = answering.begin();
        fail(answer, sender.send(channel));
        return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private static void fail(CompletableFuture<Answer> answer, ChannelFuture written) {
        written.addListener(done -> {
            if (!done.isSuccess()) {
                answer.completeExceptionally(done.cause());
            }
        });
    }

    @Override
    public void close() {
        connection.close().syncUninterruptibly();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Hashes what comes; its fields belong to the loop once {@link #begin} has returned and the request was written. */
    private static final class Receiver extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Void> upgraded = new CompletableFuture<>();
        final MessageDigest digest = sha256();
        final ByteArrayOutputStream start = new ByteArrayOutputStream();
        volatile CompletableFuture<Answer> answer = new CompletableFuture<>();
        volatile long echoBytes;
        long receivedBytes;
        int status;

        CompletableFuture<Answer> begin() {
            answer = new CompletableFuture<>();
            return answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                if (message instanceof HttpResponse response) {
                    status = response.status().code();
                }
                if (message instanceof HttpContent content) {
                    take(content.content());
                    if (content instanceof LastHttpContent) {
                        complete();
                    }
                } else if (message instanceof WebSocketFrame frame) {
                    take(frame.content());
                    if (receivedBytes == echoBytes && frame.isFinalFragment()) {
                        complete();
                    }
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void take(ByteBuf bytes) {
            int shown = Math.min(SHOWN_BYTES - start.size(), bytes.readableBytes());
            if (shown > 0) {
                byte[] copy = new byte[shown];
                bytes.getBytes(bytes.readerIndex(), copy);
                start.writeBytes(copy);
            }
            receivedBytes += bytes.readableBytes();
            for (ByteBuffer piece : bytes.nioBuffers()) {
                digest.update(piece);
            }
        }

        private void complete() {
            Answer complete = new Answer(
                    status, HexFormat.of().formatHex(digest.digest()), start.toString(StandardCharsets.UTF_8));
            start.reset();
            receivedBytes = 0;
            answer.complete(complete);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == WebSocketClientProtocolHandler.ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                upgraded.complete(null);
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            exceptionCaught(ctx, new IOException("the server closed the connection"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            upgraded.completeExceptionally(cause);
            answer.completeExceptionally(cause);
            ctx.close();
        }
    }
}
