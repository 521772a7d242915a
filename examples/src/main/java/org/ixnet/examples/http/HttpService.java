package org.ixnet.examples.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.stream.ChunkedWriteHandler;
import org.ixnet.examples.Service;
import org.jspecify.annotations.Nullable;

/**
 * The pipelines. What a connection speaks is known by its first bytes, or by ALPN under TLS; the resources of
 * {@link HttpHandler} are the same in each.
 *
 * <pre>
 *  [SslHandler] -- PriorKnowledge or ALPN
 *                     |-- HttpServerCodec -- resources                                HTTP/1.1
 *                     |        `-- WebSocket frames -- WebSocketEcho                  after an upgrade at /ws
 *                     `-- Http2FrameCodec -- Http2MultiplexHandler -- a channel for each stream: resources
 * </pre>
 */
final class HttpService implements Service {
    private static final String WEB_SOCKET_PATH = "/ws";
    private static final int MAX_FRAME_BYTES = 1 << 20;
    private static final int MAX_STREAMS = 128;
    private static final int STREAM_WINDOW_BYTES = 256 << 10;

    private final int maxContentBytes;
    private final @Nullable SslContext tls;

    HttpService(int maxContentBytes, @Nullable SslContext tls) {
        this.maxContentBytes = maxContentBytes;
        this.tls = tls;
    }

    @Override
    public void initialize(ChannelPipeline pipeline) {
        if (tls == null) {
            pipeline.addLast(new PriorKnowledge(this));
            return;
        }
        pipeline.addLast(tls.newHandler(pipeline.channel().alloc()))
                .addLast(new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
                    @Override
                    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
                        if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                            http2(ctx.pipeline());
                        } else {
                            http1(ctx.pipeline());
                        }
                    }
                });
    }

    void http1(ChannelPipeline pipeline) {
        WebSocketServerProtocolConfig webSocket = WebSocketServerProtocolConfig.newBuilder()
                .websocketPath(WEB_SOCKET_PATH)
                .maxFramePayloadLength(MAX_FRAME_BYTES)
                .build();
        pipeline.addLast(new HttpServerCodec())
                .addLast(new DigestBodies())
                .addLast(new HttpObjectAggregator(maxContentBytes))
                .addLast(new WebSocketServerProtocolHandler(webSocket))
                .addLast(new WebSocketEcho())
                .addLast(new ChunkedWriteHandler())
                .addLast(new HttpHandler());
    }

    void http2(ChannelPipeline pipeline) {
        // A peer that has ended its side cannot even send WINDOW_UPDATE: nothing is left to wait for.
        pipeline.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        Http2Settings settings = Http2Settings.defaultSettings()
                .maxConcurrentStreams(MAX_STREAMS)
                .initialWindowSize(STREAM_WINDOW_BYTES);
        pipeline.addLast(Http2FrameCodecBuilder.forServer()
                        .initialSettings(settings)
                        .build())
                .addLast(new Http2MultiplexHandler(new ChannelInitializer<Http2StreamChannel>() {
                    @Override
                    protected void initChannel(Http2StreamChannel stream) {
                        stream.pipeline()
                                .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                                .addLast(new DigestBodies())
                                .addLast(new HttpObjectAggregator(maxContentBytes))
                                .addLast(new ChunkedWriteHandler())
                                .addLast(new HttpHandler());
                    }
                }));
    }
}
