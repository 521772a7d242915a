package org.ixnet.benchmarks.agent;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What the load generators of one client process share: the loop, the transport, the server's address. Thread rule: made and
 * closed by the main thread; {@link #connect} on the loop.
 */
final class Client implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final TransportKind transport;
    private final String host;
    private final MultiThreadIoEventLoopGroup group;
    private final PollHook hook;
    private final Map<CacheProfile, CacheWorkload> cacheWorkloads = new EnumMap<>(CacheProfile.class);
    private final Map<Integer, EchoWorkload> echoWorkloads = new HashMap<>();
    private @Nullable SslContext sslContext;

    Client(TransportKind transport, String host) {
        this.transport = transport;
        this.host = host;
        this.hook = new PollHook(transport.factory());
        this.group = new MultiThreadIoEventLoopGroup(1, hook);
    }

    EventLoop loop() {
        return group.next();
    }

    PollHook hook() {
        return hook;
    }

    ByteBufAllocator allocator() {
        return PooledByteBufAllocator.DEFAULT;
    }

    /**
     * The same records for every load of this process, since the server was filled with them once.
     *
     * @return released with the client
     */
    CacheWorkload cacheWorkload(CacheProfile profile) {
        return cacheWorkloads.computeIfAbsent(profile, p -> new CacheWorkload(allocator(), p, p.ordinal() + 1));
    }

    /** @return released with the client */
    EchoWorkload echoWorkload(int messageBytes) {
        return echoWorkloads.computeIfAbsent(messageBytes, size -> new EchoWorkload(allocator(), size));
    }

    /**
     * @param closeByReset SO_LINGER 0: closing sends RST and leaves no TIME_WAIT
     * @param tls with TLS around {@code handler}; the certificate is not verified
     */
    ChannelFuture connect(int port, boolean closeByReset, boolean tls, ChannelHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(transport.clientChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) throws SSLException {
                        if (tls) {
                            channel.pipeline().addLast(tlsClient().newHandler(channel.alloc()));
                        }
                        channel.pipeline().addLast(handler);
                    }
                });
        if (closeByReset) {
            bootstrap.option(ChannelOption.SO_LINGER, 0);
        }
        return bootstrap.connect(new InetSocketAddress(host, port));
    }

    private SslContext tlsClient() throws SSLException {
        if (sslContext == null) {
            sslContext = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build();
        }
        return sslContext;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        cacheWorkloads.values().forEach(CacheWorkload::release);
        echoWorkloads.values().forEach(EchoWorkload::release);
    }
}
