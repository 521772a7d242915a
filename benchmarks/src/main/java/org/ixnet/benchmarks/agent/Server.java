package org.ixnet.benchmarks.agent;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.ixnet.examples.http.HttpCommand;
import org.ixnet.examples.memcached.MemcachedCommand;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.StoreConfig;
import org.jspecify.annotations.Nullable;

/**
 * Every {@link Service} on one event loop of one transport. Thread rule: made, asked and closed by the main thread; the
 * handlers run on the loop.
 */
final class Server implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final long CACHE_BYTES = 256L << 20;

    private final TransportKind transport;
    private final String host;
    private final MultiThreadIoEventLoopGroup group;
    private final List<Channel> listeners = new ArrayList<>();
    private final SinkHandler sink = new SinkHandler();
    private final EchoHandler echo = new EchoHandler();
    private final ByteBuf payload = PooledByteBufAllocator.DEFAULT
            .directBuffer(MessageHandler.MAX_MESSAGE_BYTES)
            .writeZero(MessageHandler.MAX_MESSAGE_BYTES);
    private final org.ixnet.examples.Service memcached = MemcachedCommand.service(
            new StoreConfig(CACHE_BYTES, StoreConfig.DEFAULT_ITEM_BYTES, 1), CacheClock.system(), 1);
    private final org.ixnet.examples.Service http = HttpCommand.service(1 << 20);
    private final long threadId;

    Server(TransportKind transport, String host) throws InterruptedException {
        this.transport = transport;
        this.host = host;
        this.group = transport.newGroup();
        this.threadId = group.next()
                .submit(() -> Thread.currentThread().threadId())
                .sync()
                .getNow();
    }

    /**
     * Opens the ports of {@code services}.
     *
     * @param tls for {@link Service#TLS}; needed only then
     */
    void open(Iterable<Service> services, @Nullable SslContext tls) throws InterruptedException {
        for (Service service : services) {
            for (int i = 0; i < service.ports(); i++) {
                bind(service, service.firstPort() + i, tls);
            }
        }
    }

    private void bind(Service service, int port, @Nullable SslContext tls) throws InterruptedException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        pipeline(service, channel, tls);
                    }
                });
        listeners.add(bootstrap.bind(host, port).sync().channel());
    }

    private void pipeline(Service service, SocketChannel channel, @Nullable SslContext tls) {
        switch (service) {
            case ECHO -> channel.pipeline().addLast(echo);
            case MESSAGE -> channel.pipeline().addLast(new MessageHandler(payload));
            case SINK -> channel.pipeline().addLast(sink);
            case TLS -> {
                if (tls != null) {
                    channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                }
                channel.pipeline().addLast(echo);
            }
            case MEMCACHED -> memcached.initialize(channel.pipeline());
            case HTTP -> http.initialize(channel.pipeline());
        }
    }

    /** Running totals: what {@link ProcessFigures} says, {@code sink_bytes} and {@code nanos}, the time of asking. */
    Map<String, Double> figures() {
        Map<String, Double> figures = new TreeMap<>();
        ProcessFigures.now(threadId).put(figures);
        figures.put("sink_bytes", (double) sink.bytes());
        figures.put("nanos", (double) System.nanoTime());
        return figures;
    }

    @Override
    public void close() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        memcached.close();
        http.close();
        payload.release();
    }
}
