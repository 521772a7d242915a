package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketTestPermutation;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.ixnet.netty.IxDatagramChannel;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxServerSocketChannel;
import org.ixnet.netty.IxSocketChannel;
import org.ixnet.netty.VirtualNetwork;
import org.ixnet.stack.dataplane.Address;
import org.ixnet.stack.dataplane.Cidr;
import org.ixnet.stack.dataplane.IxConfig;

/**
 * The two sides of {@link Pairing#HERE}, and the bootstraps that the suite asks for. IX with IX needs no network: its own
 * holds the testsuite's unreachable host, which nobody answers for. With the kernel, IX has a TAP and a network of its own,
 * and the unreachable host lies behind the kernel.
 */
final class IxTestPermutation extends SocketTestPermutation {
    static final IxTestPermutation INSTANCE = new IxTestPermutation(0, 1500);

    private static final int LOOPS = 2;

    private final InetAddress kernelAddress;
    /** Not the kernel's, where the other one is. */
    private final Host tested;

    private final Host serverHost;
    private final Host clientHost;

    /** On a wire whose segments hold whole messages of 1,024 bytes: two, or one where DPDK's net_tap allows no more. */
    static final class WholeMessages {
        private static final int SEGMENT_BYTES = Pairing.HERE.withKernel() ? 1024 : 2 * 1024;

        /** Headers are 40 bytes, options 12. */
        static final IxTestPermutation INSTANCE = new IxTestPermutation(1, SEGMENT_BYTES + 40 + 12);

        private WholeMessages() {}
    }

    private IxTestPermutation(int number, int mtuBytes) {
        // JVMs that run at the same time have networks of their own.
        int network = 2 * Integer.getInteger("ix.testsuite.fork", 0) + number;
        kernelAddress = Pairing.HERE.withKernel() ? address("10.18." + network + ".1") : NetUtil.LOCALHOST4;
        tested = switch (Pairing.HERE) {
            case IX_IX -> virtual("testsuite-" + number, mtuBytes);
            case IX_NIO, NIO_IX -> tapped(network, mtuBytes);
            case EPOLL -> epoll();
        };
        serverHost = Pairing.HERE == Pairing.NIO_IX ? nio() : tested;
        clientHost = Pairing.HERE == Pairing.IX_NIO ? nio() : tested;
    }

    private static Host virtual(String wire, int mtuBytes) {
        IxConfig config = VirtualNetwork.config(wire, "198.51.100.1/24", LOOPS).toBuilder()
                .mtuBytes(mtuBytes)
                .build();
        return ix(NetUtil.LOCALHOST4, config);
    }

    private Host tapped(int network, int mtuBytes) {
        String own = "10.18." + network + ".2";
        IxConfig config = IxConfig.builder()
                .device("tap")
                .interfaceName("ix" + network)
                .address(own + "/24")
                .hostAddress(Cidr.parse(kernelAddress.getHostAddress() + "/24"))
                .gateway(Address.parse(kernelAddress.getHostAddress()))
                .mtuBytes(mtuBytes)
                .mbufs(8192)
                .build();
        return ix(address(own), config);
    }

    private static Host ix(InetAddress address, IxConfig config) {
        return new Host(
                address,
                new IxEventLoopGroup(LOOPS, config),
                IxServerSocketChannel::new,
                IxSocketChannel::new,
                IxDatagramChannel::new);
    }

    private Host nio() {
        return new Host(
                kernelAddress,
                new MultiThreadIoEventLoopGroup(LOOPS, NioIoHandler.newFactory()),
                NioServerSocketChannel::new,
                NioSocketChannel::new,
                NioDatagramChannel::new);
    }

    private Host epoll() {
        return new Host(
                kernelAddress,
                new MultiThreadIoEventLoopGroup(LOOPS, EpollIoHandler.newFactory()),
                EpollServerSocketChannel::new,
                EpollSocketChannel::new,
                EpollDatagramChannel::new);
    }

    private static InetAddress address(String text) {
        return new InetSocketAddress(text, 0).getAddress();
    }

    /** Where a socket that a test takes from the kernel itself is reached. */
    InetSocketAddress kernelSocket() {
        return new InetSocketAddress(kernelAddress, 0);
    }

    @Override
    public List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> socket() {
        return combo(List.of(serverHost::server), clientSocket());
    }

    @Override
    public List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> socketWithFastOpen() {
        return socket();
    }

    /** For clients of the kernel. */
    @Override
    public List<BootstrapFactory<ServerBootstrap>> serverSocket() {
        return List.of(tested::server);
    }

    @Override
    public List<BootstrapFactory<Bootstrap>> clientSocket() {
        return List.of(() -> clientHost.socket(serverHost));
    }

    @Override
    public List<BootstrapFactory<Bootstrap>> clientSocketWithFastOpen() {
        return clientSocket();
    }

    /** For servers of the kernel. */
    List<BootstrapFactory<Bootstrap>> clientSocketOfKernel() {
        return List.of(() -> tested.socket(Pairing.HERE == Pairing.NIO_IX ? serverHost : clientHost));
    }

    @Override
    public List<BootstrapComboFactory<Bootstrap, Bootstrap>> datagram(SocketProtocolFamily family) {
        return combo(List.of(() -> serverHost.datagram(new Bootstrap(), clientHost)), datagramSocket());
    }

    @Override
    public List<BootstrapFactory<Bootstrap>> datagramSocket() {
        return List.of(() -> clientHost.datagram(new Bootstrap(), serverHost));
    }

    /** For a test that makes its server of a clone of its client: the clone is the other side. */
    List<BootstrapFactory<Bootstrap>> datagramSocketWhoseCloneIsTheServer() {
        return List.of(() -> {
            Bootstrap client = new Bootstrap() {
                @Override
                public Bootstrap clone() {
                    Bootstrap server = serverHost.datagram(new Bootstrap(), clientHost);
                    config().options().forEach((option, value) -> copy(server, option, value));
                    return server;
                }
            };
            return clientHost.datagram(client, serverHost);
        });
    }

    @SuppressWarnings("unchecked") // an option and its own value
    private static <T> void copy(Bootstrap to, ChannelOption<T> option, Object value) {
        to.option(option, (T) value);
    }
}
