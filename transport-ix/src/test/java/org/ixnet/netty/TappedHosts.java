package org.ixnet.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.ip.IpProtocol;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.Ipv4;
import org.ixnet.stack.wire.Tcp;
import org.ixnet.stack.wire.Udp;

/** A client host and a server host on a wire in memory that can be made bad, and whose TCP segments are written down. */
final class TappedHosts implements AutoCloseable {
    static final String SERVER = "10.2.0.2";

    private static final long LIMIT_SECONDS = 20;

    final IxEventLoopGroup servers;
    final IxEventLoopGroup clients;
    private final VirtualLink link;
    private final Dataplane server;
    private final Dataplane client;
    private final Queue<Seen> segments = new ConcurrentLinkedQueue<>();
    private final Queue<Seen> datagrams = new ConcurrentLinkedQueue<>();

    /** A TCP segment, or a UDP datagram with 0 where TCP has more, as its sender handed it to the wire. */
    record Seen(
            long nanos, boolean fromClient, int trafficClass, int flags, int sequence, int window, int payloadBytes) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    TappedHosts(int loops, IxConfig serverConfig, IxConfig clientConfig) {
        link = new VirtualLink(
                end("server", 2, loops, serverConfig), end("client", 4, loops, clientConfig), System::nanoTime, 1);
        link.tap(this::frame);
        server = dataplane(serverConfig, link.a());
        client = dataplane(clientConfig, link.b());
        servers = new IxEventLoopGroup(loops, server);
        clients = new IxEventLoopGroup(loops, client);
    }

    static TappedHosts open(int loops) {
        return new TappedHosts(loops, serverConfig(loops), clientConfig(loops));
    }

    static IxConfig serverConfig(int loops) {
        return VirtualNetwork.config("tapped", SERVER + "/24", loops);
    }

    static IxConfig clientConfig(int loops) {
        return VirtualNetwork.config("tapped", "10.2.0.1/24", loops);
    }

    private static VirtualLink.End end(String name, long mac, int loops, IxConfig config) {
        return VirtualLink.End.of(name, mac << 8).withQueues(loops).withMbufs(config.mbufs(), 2048);
    }

    private static Dataplane dataplane(IxConfig config, Device device) {
        return Dataplane.open(config, device);
    }

    private void frame(long nanos, boolean fromServer, long frame, int lengthBytes) {
        long ip = frame + Ethernet.HEADER_BYTES;
        if (Ethernet.type(frame) == Ethernet.TYPE_IPV4 && Ipv4.protocol(ip) == IpProtocol.TCP) {
            long tcp = ip + Ipv4.headerLengthBytes(ip);
            int payloadBytes = Ipv4.totalLengthBytes(ip) - Ipv4.headerLengthBytes(ip) - Tcp.headerLengthBytes(tcp);
            segments.add(new Seen(
                    nanos,
                    !fromServer,
                    Ipv4.trafficClass(ip),
                    Tcp.flags(tcp),
                    Tcp.sequence(tcp),
                    Tcp.window(tcp),
                    payloadBytes));
        } else if (Ethernet.type(frame) == Ethernet.TYPE_IPV4 && Ipv4.protocol(ip) == IpProtocol.UDP) {
            int payloadBytes = Ipv4.totalLengthBytes(ip) - Ipv4.headerLengthBytes(ip) - Udp.HEADER_BYTES;
            datagrams.add(new Seen(nanos, !fromServer, Ipv4.trafficClass(ip), 0, 0, 0, payloadBytes));
        }
    }

    ServerBootstrap server() {
        return new ServerBootstrap().group(servers).channel(IxServerSocketChannel.class);
    }

    Bootstrap client() {
        return new Bootstrap().group(clients).channel(IxSocketChannel.class);
    }

    /** What the wire does to frames from now on, both ways. */
    void impair(Impairments impairments) {
        link.impair(impairments);
    }

    /** Nothing gets through any more. */
    void cut() {
        impair(new Impairments(1, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    void mend() {
        impair(Impairments.NONE);
    }

    /** Each way takes this long. */
    void delay(long nanos) {
        impair(new Impairments(0, 0, 0, 0, 0, nanos, 0, 0, 0));
    }

    List<Seen> segments(Predicate<Seen> which) {
        return segments.stream().filter(which).toList();
    }

    List<Seen> datagrams(Predicate<Seen> which) {
        return datagrams.stream().filter(which).toList();
    }

    /** Segments with data that the client sent, the first of each sequence number. */
    List<Seen> clientData() {
        return segments(seen -> seen.fromClient() && seen.payloadBytes() > 0);
    }

    List<Integer> clientDataBytes() {
        return clientData().stream().map(Seen::payloadBytes).toList();
    }

    void forget() {
        segments.clear();
    }

    Dataplane serverDataplane() {
        return server;
    }

    Dataplane clientDataplane() {
        return client;
    }

    static ByteBuf bytes(int count) {
        return Unpooled.directBuffer(count).writeZero(count);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new AssertionError("waited " + LIMIT_SECONDS + " s for " + what);
            }
            Thread.sleep(0, 100_000); // other threads bring it about
        }
    }

    @Override
    public void close() {
        mend();
        clients.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        servers.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        client.release();
        server.release();
    }
}
