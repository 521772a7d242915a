package org.ixnet.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A transport by what a program names of it: the group and the channel classes. */
record Transport(
        String name,
        EventLoopGroup group,
        Class<? extends ServerChannel> serverChannel,
        Class<? extends Channel> clientChannel)
        implements AutoCloseable {

    static Transport nio() {
        return new Transport(
                "nio",
                new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory()),
                NioServerSocketChannel.class,
                NioSocketChannel.class);
    }

    static Transport epoll() {
        return new Transport(
                "epoll",
                new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory()),
                EpollServerSocketChannel.class,
                EpollSocketChannel.class);
    }

    static Transport ioUring() {
        return new Transport(
                "io_uring",
                new MultiThreadIoEventLoopGroup(2, IoUringIoHandler.newFactory()),
                IoUringServerSocketChannel.class,
                IoUringSocketChannel.class);
    }

    /** Over the internal loopback of a dataplane of its own. */
    static Transport ix(String wire) {
        return new Transport(
                "ix",
                new IxEventLoopGroup(2, VirtualNetwork.config(wire, "10.9.0.1/24", 2)),
                IxServerSocketChannel.class,
                IxSocketChannel.class);
    }

    /** The kernel's transports that events are compared with; io_uring differs from both. */
    static List<Transport> ofTheKernel() {
        List<Transport> transports = new ArrayList<>();
        transports.add(nio());
        if (Epoll.isAvailable()) {
            transports.add(epoll());
        }
        return transports;
    }

    ServerBootstrap server() {
        return new ServerBootstrap().group(group).channel(serverChannel);
    }

    Bootstrap client() {
        return new Bootstrap().group(group).channel(clientChannel);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Override
    public String toString() {
        return name;
    }
}
