package org.ixnet.examples;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import org.ixnet.netty.Ix;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxServerSocketChannel;
import org.jspecify.annotations.Nullable;

/** What carries the bytes. A server differs between them in the event loop group and the channel class alone. */
public enum Transport {
    /** Kernel bypass: TCP in Java over DPDK. */
    IX("ix"),
    /** The kernel's sockets through epoll, in C. */
    EPOLL("epoll"),
    /** The kernel's sockets through io_uring, in C. */
    IO_URING("io_uring"),
    /** The kernel's sockets through the JDK. */
    NIO("nio");

    private final String optionName;

    Transport(String optionName) {
        this.optionName = optionName;
    }

    /** Returns event loops; {@code loops} 0 means one for each processor, or what the IX configuration says. */
    public EventLoopGroup newGroup(int loops) {
        return switch (this) {
            case IX -> new IxEventLoopGroup(loops);
            case EPOLL -> new MultiThreadIoEventLoopGroup(orProcessors(loops), EpollIoHandler.newFactory());
            case IO_URING -> new MultiThreadIoEventLoopGroup(orProcessors(loops), IoUringIoHandler.newFactory());
            case NIO -> new MultiThreadIoEventLoopGroup(orProcessors(loops), NioIoHandler.newFactory());
        };
    }

    /** Returns the class of its listening channels. */
    public Class<? extends ServerSocketChannel> serverChannel() {
        return switch (this) {
            case IX -> IxServerSocketChannel.class;
            case EPOLL -> EpollServerSocketChannel.class;
            case IO_URING -> IoUringServerSocketChannel.class;
            case NIO -> NioServerSocketChannel.class;
        };
    }

    /** Returns why it cannot be used here, or null if it can. */
    public @Nullable Throwable unavailabilityCause() {
        return switch (this) {
            case IX -> Ix.unavailabilityCause();
            case EPOLL -> Epoll.unavailabilityCause();
            case IO_URING -> IoUring.unavailabilityCause();
            case NIO -> null;
        };
    }

    /** Returns the name as the command line knows it. */
    @Override
    public String toString() {
        return optionName;
    }

    private static int orProcessors(int loops) {
        return loops == 0 ? Runtime.getRuntime().availableProcessors() : loops;
    }
}
