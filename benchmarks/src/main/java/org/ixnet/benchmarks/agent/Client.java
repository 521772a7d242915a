package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.UncheckedIOException;
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
    private final Map<Integer, InetSocketAddress> addresses = new HashMap<>();
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
     * Opens a connection as {@code Bootstrap} does, without what only costs the generator's core: a resolver and an initializer for
     * each.
     *
     * @param closeByReset SO_LINGER 0: closing sends RST and leaves no TIME_WAIT
     * @param tls with TLS around {@code handler}; the certificate is not verified
     */
    ChannelFuture connect(int port, boolean closeByReset, boolean tls, ChannelHandler handler) {
        SocketChannel channel = transport.newClientChannel();
        channel.config().setTcpNoDelay(true).setConnectTimeoutMillis(CONNECT_TIMEOUT_MILLIS);
        if (closeByReset) {
            channel.config().setSoLinger(0);
        }
        ChannelFuture registered = loop().register(channel);
        if (!registered.isSuccess()) {
            return registered.isDone()
                    ? registered
                    : channel.newFailedFuture(new IllegalStateException("connect was not called on the loop"));
        }
        if (tls) {
            channel.pipeline().addLast(tlsClient().newHandler(channel.alloc()));
        }
        channel.pipeline().addLast(handler);
        InetSocketAddress address = addresses.computeIfAbsent(port, p -> new InetSocketAddress(host, p));
        ChannelPromise connected = channel.newPromise();
        // After the events in hand, as with Bootstrap: on epoll a connect in the middle of them costs a tenth of the
        // rate.
        loop().execute(() -> channel.connect(address, connected));
        return connected;
    }

    private SslContext tlsClient() {
        if (sslContext == null) {
            try {
                sslContext = SslContextBuilder.forClient()
                        .sslProvider(SslProvider.OPENSSL)
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null)
                        .build();
            } catch (SSLException e) {
                throw new UncheckedIOException(e);
            }
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
