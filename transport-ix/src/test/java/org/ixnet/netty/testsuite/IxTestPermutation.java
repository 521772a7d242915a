package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketTestPermutation;
import java.util.List;
import org.ixnet.netty.IxDatagramChannel;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxServerSocketChannel;
import org.ixnet.netty.IxSocketChannel;
import org.ixnet.netty.VirtualNetwork;

/**
 * IX with IX over the internal loopback of one dataplane. Its own network holds the testsuite's unreachable host, which
 * nobody answers for. With {@code -Dix.testsuite.transport=epoll} it is epoll with epoll instead, for comparison.
 */
final class IxTestPermutation extends SocketTestPermutation {
    static final boolean ON_EPOLL = "epoll".equals(System.getProperty("ix.testsuite.transport"));
    static final IxTestPermutation INSTANCE = new IxTestPermutation();

    private static final int LOOPS = 2;

    private final EventLoopGroup group = ON_EPOLL
            ? new MultiThreadIoEventLoopGroup(LOOPS, EpollIoHandler.newFactory())
            : new IxEventLoopGroup(LOOPS, VirtualNetwork.config("testsuite", "198.51.100.1/24", LOOPS));
    private final Class<? extends ServerChannel> server =
            ON_EPOLL ? EpollServerSocketChannel.class : IxServerSocketChannel.class;
    private final Class<? extends Channel> client = ON_EPOLL ? EpollSocketChannel.class : IxSocketChannel.class;
    private final Class<? extends Channel> datagram = ON_EPOLL ? EpollDatagramChannel.class : IxDatagramChannel.class;

    private IxTestPermutation() {}

    @Override
    public List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> socket() {
        return combo(serverSocket(), clientSocket());
    }

    @Override
    public List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> socketWithFastOpen() {
        return socket();
    }

    @Override
    public List<BootstrapFactory<ServerBootstrap>> serverSocket() {
        return List.of(() -> new ServerBootstrap().group(group).channel(server));
    }

    @Override
    public List<BootstrapFactory<Bootstrap>> clientSocket() {
        return List.of(() -> new Bootstrap().group(group).channel(client));
    }

    @Override
    public List<BootstrapFactory<Bootstrap>> clientSocketWithFastOpen() {
        return clientSocket();
    }

    @Override
    public List<BootstrapComboFactory<Bootstrap, Bootstrap>> datagram(SocketProtocolFamily family) {
        return combo(datagramSocket(), datagramSocket());
    }

    @Override
    public List<BootstrapFactory<Bootstrap>> datagramSocket() {
        return List.of(() -> new Bootstrap().group(group).channel(datagram));
    }
}
