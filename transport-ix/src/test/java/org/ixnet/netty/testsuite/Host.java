package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Supplier;

/**
 * A transport and the address under which it is reached. The suite means "this machine" when it says 127.0.0.1; where its
 * two sides have addresses of their own, the channels made here take that for their own address when they are bound,
 * and for the other side's when they are connected.
 */
record Host(
        InetAddress address,
        EventLoopGroup group,
        Supplier<? extends ServerChannel> newServer,
        Supplier<? extends Channel> newSocket,
        Supplier<? extends Channel> newDatagram) {

    ServerBootstrap server() {
        return new ServerBootstrap().group(group).channelFactory(() -> translating(newServer.get(), address, address));
    }

    Bootstrap socket(Host peer) {
        return new Bootstrap().group(group).channelFactory(() -> translating(newSocket.get(), address, peer.address));
    }

    /** Fills {@code bootstrap}. */
    Bootstrap datagram(Bootstrap bootstrap, Host peer) {
        return bootstrap.group(group).channelFactory(() -> translating(newDatagram.get(), address, peer.address));
    }

    private static <C extends Channel> C translating(C channel, InetAddress own, InetAddress peer) {
        if (!own.isLoopbackAddress()) {
            channel.pipeline().addFirst(new Translation(own, peer));
        }
        return channel;
    }

    /** Of each address but the wildcard that is bound, and of each that means this machine and is connected to. */
    private static final class Translation extends ChannelOutboundHandlerAdapter {
        private final InetAddress own;
        private final InetAddress peer;

        Translation(InetAddress own, InetAddress peer) {
            this.own = own;
            this.peer = peer;
        }

        @Override
        public void bind(ChannelHandlerContext context, SocketAddress local, ChannelPromise promise) {
            context.bind(own(local), promise);
        }

        @Override
        public void connect(
                ChannelHandlerContext context, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            context.connect(peer(remote), local == null ? null : own(local), promise);
        }

        private SocketAddress own(SocketAddress given) {
            return given instanceof InetSocketAddress local
                            && !local.getAddress().isAnyLocalAddress()
                    ? new InetSocketAddress(own, local.getPort())
                    : given;
        }

        private SocketAddress peer(SocketAddress given) {
            return given instanceof InetSocketAddress remote && !remote.isUnresolved() && meansThisMachine(remote)
                    ? new InetSocketAddress(peer, remote.getPort())
                    : given;
        }

        private static boolean meansThisMachine(InetSocketAddress remote) {
            return remote.getAddress().isLoopbackAddress()
                    || remote.getAddress().isAnyLocalAddress();
        }
    }
}
