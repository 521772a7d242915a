package org.ixnet.benchmarks.agent;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxIoHandler;
import org.ixnet.netty.IxServerSocketChannel;
import org.ixnet.netty.IxSocketChannel;

/** A Netty transport: all that differs between the contenders' pipelines. Thread rule: any thread. */
public enum TransportKind {
    NIO(NioIoHandler::newFactory, NioServerSocketChannel.class, NioSocketChannel::new),
    EPOLL(EpollIoHandler::newFactory, EpollServerSocketChannel.class, EpollSocketChannel::new),
    IO_URING(IoUringIoHandler::newFactory, IoUringServerSocketChannel.class, IoUringSocketChannel::new),
    /** Configured by the system properties {@code ix.*}. */
    IX(IxIoHandler::newFactory, IxServerSocketChannel.class, IxSocketChannel::new);

    private final Supplier<IoHandlerFactory> factory;
    private final Class<? extends ServerChannel> serverChannel;
    private final Supplier<SocketChannel> clientChannel;

    TransportKind(
            Supplier<IoHandlerFactory> factory,
            Class<? extends ServerChannel> serverChannel,
            Supplier<SocketChannel> clientChannel) {
        this.factory = factory;
        this.serverChannel = serverChannel;
        this.clientChannel = clientChannel;
    }

    /** The kind named {@code label}: {@code nio}, {@code epoll}, {@code io_uring} or {@code ix}. */
    public static TransportKind of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("transport is '" + label + "'; must be one of "
                        + Arrays.stream(values()).map(TransportKind::label).toList()));
    }

    /** The name used on command lines and in results. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** One loop, as an application would make it. */
    public MultiThreadIoEventLoopGroup newGroup() {
        return this == IX ? new IxEventLoopGroup(1) : new MultiThreadIoEventLoopGroup(1, factory());
    }

    public IoHandlerFactory factory() {
        return factory.get();
    }

    public Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    /** A channel that is neither registered nor connected. */
    SocketChannel newClientChannel() {
        return clientChannel.get();
    }
}
