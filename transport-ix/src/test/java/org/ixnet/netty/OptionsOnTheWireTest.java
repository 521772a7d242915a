package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ixnet.netty.TappedHosts.Seen;
import org.ixnet.stack.wire.Tcp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each option does, seen on the wire or in behaviour; set through Netty's bootstraps and configurations. */
@Timeout(60)
class OptionsOnTheWireTest {
    private TappedHosts hosts;
    private EventRecorder client;
    private EventRecorder server;
    private Channel listening;

    @BeforeEach
    void open() {
        hosts = TappedHosts.open(1);
        client = new EventRecorder("client");
        server = new EventRecorder("server");
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private IxSocketChannel connect(ServerBootstrap serverBootstrap, Bootstrap clientBootstrap) throws Exception {
        listening = serverBootstrap
                .childHandler(server)
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel();
        Channel connected = clientBootstrap
                .handler(client)
                .connect(listening.localAddress())
                .sync()
                .channel();
        server.awaitEvent("active");
        client.awaitEvent("active");
        return (IxSocketChannel) connected;
    }

    private IxSocketChannel connect() throws Exception {
        return connect(hosts.server(), hosts.client());
    }

    /** A write in a cycle of its own. */
    private static ChannelFuture send(Channel channel, int bytes) throws InterruptedException {
        ChannelFuture done = channel.writeAndFlush(TappedHosts.bytes(bytes)).sync();
        channel.eventLoop().submit(() -> {}).sync();
        return done;
    }

    private static IxTcpInfo info(IxSocketChannel channel) {
        return channel.tcpInfo().syncUninterruptibly().getNow();
    }

    // ---- IP_TOS

    @Test
    void trafficClassIsInEverySegment() throws Exception {
        IxSocketChannel connected = connect(
                hosts.server().childOption(ChannelOption.IP_TOS, 0x88),
                hosts.client().option(ChannelOption.IP_TOS, 0x28));
        send(connected, 10);
        server.awaitBytes(10);
        assertThat(hosts.segments(Seen::fromClient)).isNotEmpty().allMatch(seen -> seen.trafficClass() == 0x28);
        connected.config().setTrafficClass(0x10);
        send(connected, 10);
        server.awaitBytes(20);
        assertThat(hosts.clientData().getLast().trafficClass()).isEqualTo(0x10);
        send(server.channel(), 10);
        client.awaitBytes(10);
        assertThat(hosts.segments(seen -> !seen.fromClient() && seen.payloadBytes() > 0))
                .isNotEmpty()
                .allMatch(seen -> seen.trafficClass() == 0x88);
    }

    // ---- SO_LINGER

    @Test
    void lingerOfZeroResets() throws Exception {
        IxSocketChannel connected = connect(hosts.server(), hosts.client().option(ChannelOption.SO_LINGER, 0));
        connected.close().sync();
        server.awaitEvent("exception IOException");
        server.awaitEnd();
        assertThat(hosts.segments(seen -> seen.fromClient() && seen.has(Tcp.RST)))
                .hasSize(1);
        assertThat(hosts.segments(seen -> seen.has(Tcp.FIN))).isEmpty();
    }

    @Test
    void lingerHoldsTheCloseUntilThePeerHasEverything() throws Exception {
        IxSocketChannel connected = connect(hosts.server(), hosts.client().option(ChannelOption.SO_LINGER, 15));
        hosts.cut();
        connected.writeAndFlush(TappedHosts.bytes(1000)).sync();
        ChannelFuture closed = connected.close();
        assertThat(closed.await(300, TimeUnit.MILLISECONDS)).isFalse();
        hosts.mend();
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        server.awaitBytes(1000);
        server.awaitEnd();
    }

    @Test
    void lingerEndsAfterItsTime() throws Exception {
        IxSocketChannel connected = connect(hosts.server(), hosts.client().option(ChannelOption.SO_LINGER, 1));
        hosts.cut();
        connected.writeAndFlush(TappedHosts.bytes(1000)).sync();
        long startNanos = System.nanoTime();
        connected.close().sync();
        assertThat(System.nanoTime() - startNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
    }

    @Test
    void withoutLingerTheCloseDoesNotWait() throws Exception {
        IxSocketChannel connected = connect();
        hosts.cut();
        connected.writeAndFlush(TappedHosts.bytes(1000)).sync();
        connected.close().sync();
        hosts.mend();
        server.awaitBytes(1000);
        server.awaitEnd();
    }

    // ---- what is sent when

    @Test
    void corkGathersSmallWritesUntilItIsPulled() throws Exception {
        IxSocketChannel connected = connect();
        connected.config().setTcpCork(true);
        send(connected, 100);
        send(connected, 60);
        connected.config().setTcpCork(false);
        server.awaitBytes(160);
        assertThat(hosts.clientDataBytes()).containsExactly(160);
        hosts.forget();
        sendEachOnItsOwn(connected, 100, 60);
        assertThat(hosts.clientDataBytes()).containsExactly(100, 60);
    }

    private void sendEachOnItsOwn(IxSocketChannel connected, int... sizes) throws InterruptedException {
        for (int i = 0; i < sizes.length; i++) {
            send(connected, sizes[i]);
            int expected = i + 1;
            TappedHosts.await("segment " + expected, () -> hosts.clientData().size() >= expected);
        }
    }

    @Test
    void nagleHoldsSmallWritesWhileDataIsUnacknowledged() throws Exception {
        IxSocketChannel connected = connect(hosts.server(), hosts.client().option(ChannelOption.TCP_NODELAY, false));
        hosts.delay(TimeUnit.MILLISECONDS.toNanos(40));
        sendEachOnItsOwn(connected, 10);
        send(connected, 20);
        send(connected, 30);
        server.awaitBytes(60);
        assertThat(hosts.clientDataBytes()).containsExactly(10, 50);
    }

    @Test
    void noDelaySendsSmallWritesAtOnce() throws Exception {
        IxSocketChannel connected = connect();
        assertThat(connected.config().isTcpNoDelay()).as("Netty's default").isTrue();
        hosts.delay(TimeUnit.MILLISECONDS.toNanos(40));
        sendEachOnItsOwn(connected, 10, 20, 30);
        assertThat(hosts.segments(seen -> !seen.fromClient() && seen.payloadBytes() == 0 && !seen.has(Tcp.SYN)))
                .as("acknowledgements before the last segment left")
                .isEmpty();
        server.awaitBytes(60);
        assertThat(hosts.clientDataBytes()).containsExactly(10, 20, 30);
    }

    @Test
    void quickAckAcknowledgesASmallSegmentAtOnce() throws Exception {
        IxSocketChannel connected = connect();
        // The first 16 of a connection are quick in any case; then each second one is, since the next text comes late
        // when a delay was waited for.
        List<Long> delayed = acknowledgementDelays(connected, 20);
        server.channel().config().setOption(IxChannelOption.TCP_QUICKACK, true);
        List<Long> quick = acknowledgementDelays(connected, 10);
        // A delayed one can be no earlier; a quick one may be held up by a busy machine, but not each time.
        long limitNanos = TimeUnit.MILLISECONDS.toNanos(20);
        assertThat(delayed.subList(16, 20)).anyMatch(nanos -> nanos > limitNanos);
        assertThat(quick).filteredOn(nanos -> nanos < limitNanos).hasSizeGreaterThan(6);
    }

    private List<Long> acknowledgementDelays(IxSocketChannel connected, int count) throws InterruptedException {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hosts.forget();
            send(connected, 10);
            TappedHosts.await(
                    "an acknowledgement",
                    () -> !hosts.segments(seen -> !seen.fromClient()).isEmpty());
            delays.add(hosts.segments(seen -> !seen.fromClient()).getFirst().nanos()
                    - hosts.clientData().getFirst().nanos());
        }
        return delays;
    }

    // ---- keepalive and user timeout

    @Test
    void keepAliveProbesAndGivesUpAfterItsCount() throws Exception {
        IxSocketChannel connected = connect(
                hosts.server(),
                hosts.client()
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(IxChannelOption.TCP_KEEPIDLE, 1)
                        .option(IxChannelOption.TCP_KEEPINTVL, 1)
                        .option(IxChannelOption.TCP_KEEPCNT, 2));
        send(connected, 10);
        server.awaitBytes(10);
        TappedHosts.await("quiet", () -> info(connected).info().unackedBytes() == 0);
        Seen last = hosts.clientData().getLast();
        hosts.cut();
        hosts.forget();
        client.awaitEvent("exception IOException");
        client.awaitEnd();
        long endedNanos = System.nanoTime();
        List<Seen> probes = hosts.segments(seen -> seen.fromClient() && !seen.has(Tcp.RST));
        assertThat(probes).hasSize(2).allMatch(seen -> seen.sequence() - (last.sequence() + 10) < 0);
        assertThat(probes.getFirst().nanos() - last.nanos()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(950));
        assertThat(probes.getLast().nanos() - probes.getFirst().nanos())
                .isBetween(TimeUnit.MILLISECONDS.toNanos(900), TimeUnit.MILLISECONDS.toNanos(1900));
        assertThat(endedNanos - probes.getLast().nanos()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
    }

    @Test
    void userTimeoutEndsAConnectionThatIsNotAnswered() throws Exception {
        IxSocketChannel connected =
                connect(hosts.server(), hosts.client().option(IxChannelOption.TCP_USER_TIMEOUT, 700));
        hosts.cut();
        long startNanos = System.nanoTime();
        connected.writeAndFlush(TappedHosts.bytes(10));
        client.awaitEvent("exception IOException");
        assertThat(System.nanoTime() - startNanos)
                .isBetween(TimeUnit.MILLISECONDS.toNanos(700), TimeUnit.SECONDS.toNanos(10));
    }

    // ---- buffers

    @Test
    void sendBufferBoundsWhatIsAccepted() throws Exception {
        IxSocketChannel connected = connect(hosts.server(), hosts.client().option(ChannelOption.SO_SNDBUF, 8000));
        hosts.cut();
        assertThat(accepted(connected, 20)).isEqualTo(8);
    }

    /** How many of {@code count} writes of 1000 bytes are accepted. */
    private static int accepted(Channel connected, int count) throws InterruptedException {
        List<ChannelFuture> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            writes.add(connected.writeAndFlush(TappedHosts.bytes(1000)));
        }
        for (int i = 0; i < 3; i++) {
            connected.eventLoop().submit(() -> {}).sync();
        }
        return (int) writes.stream().filter(ChannelFuture::isSuccess).count();
    }

    @Test
    void notSentLowWaterBoundsWhatWaitsToBeSent() throws Exception {
        IxSocketChannel connected = connect(
                hosts.server().option(ChannelOption.SO_RCVBUF, 16_384).childOption(ChannelOption.AUTO_READ, false),
                hosts.client().option(IxChannelOption.TCP_NOTSENT_LOWAT, 4000L));
        connected.writeAndFlush(TappedHosts.bytes(500_000));
        TappedHosts.await("a closed window", () -> info(connected).info().sendWindowBytes() == 0);
        assertThat(info(connected).info().notSentBytes()).isBetween(1L, 4000L);
        server.channel().config().setAutoRead(true);
        server.awaitBytes(500_000);
    }

    @Test
    void receiveBufferBoundsWhatThePeerMaySend() throws Exception {
        IxSocketChannel connected = connect(
                hosts.server().option(ChannelOption.SO_RCVBUF, 20_000).childOption(ChannelOption.AUTO_READ, false),
                hosts.client());
        connected.writeAndFlush(TappedHosts.bytes(500_000));
        TappedHosts.await("a closed window", () -> info(connected).info().sendWindowBytes() == 0);
        TappedHosts.await("all acknowledged", () -> info(connected).info().unackedBytes() <= 1);
        // The field of the window counts in steps of its scale.
        assertThat(info(connected).info().bytesAcked()).isBetween(18_000L, 20_300L);
        server.channel().config().setAutoRead(true);
        server.awaitBytes(500_000);
    }

    @Test
    void receiveBufferOfALiveConnectionMayGrow() throws Exception {
        IxSocketChannel connected = connect(
                hosts.server().option(ChannelOption.SO_RCVBUF, 20_000).childOption(ChannelOption.AUTO_READ, false),
                hosts.client());
        connected.writeAndFlush(TappedHosts.bytes(500_000));
        TappedHosts.await("a closed window", () -> info(connected).info().sendWindowBytes() == 0);
        server.channel().config().setOption(ChannelOption.SO_RCVBUF, 100_000);
        TappedHosts.await("more", () -> info(connected).info().bytesAcked() > 90_000);
        assertThat(server.receivedBytes()).isLessThan(500_000);
    }

    @Test
    void backlogBoundsWhatWaitsForAccept() throws Exception {
        listening = hosts.server()
                .option(ChannelOption.SO_BACKLOG, 3)
                .option(ChannelOption.AUTO_READ, false)
                .childHandler(server)
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel();
        List<ChannelFuture> connects = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            connects.add(hosts.client()
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 500)
                    .handler(new EventRecorder("client " + i))
                    .connect(listening.localAddress())
                    .await());
        }
        // As on Linux, one more than the backlog is let in.
        assertThat(connects.stream().filter(ChannelFuture::isSuccess)).hasSizeBetween(3, 4);
        assertThat(connects.stream().filter(done -> !done.isSuccess()))
                .allMatch(done -> done.cause() instanceof io.netty.channel.ConnectTimeoutException);
    }

    // ---- defaults of the dataplane

    @Test
    void dataplaneGivesTheDefaults() throws Exception {
        hosts.close();
        hosts = new TappedHosts(
                1,
                TappedHosts.serverConfig(1).toBuilder()
                        .tcpReceiveBufferBytes(30_000)
                        .tcpSendBufferBytes(50_000)
                        .build(),
                TappedHosts.clientConfig(1).toBuilder()
                        .tcpSendBufferBytes(7000)
                        .tcpReceiveBufferBytes(40_000)
                        .tcpCongestion("newreno")
                        .build());
        IxSocketChannel connected = connect(hosts.server(), hosts.client().option(ChannelOption.SO_RCVBUF, 25_000));
        assertThat(connected.config().getSendBufferSize()).isEqualTo(7000);
        assertThat(connected.config().getReceiveBufferSize())
                .as("set by the user")
                .isEqualTo(25_000);
        assertThat(connected.config().options().congestionControl)
                .isEqualTo(org.ixnet.stack.congestion.CongestionAlgorithm.NEW_RENO);
        IxSocketChannelConfig child = ((IxSocketChannel) server.channel()).config();
        assertThat(child.getSendBufferSize()).isEqualTo(50_000);
        assertThat(child.getReceiveBufferSize()).isEqualTo(30_000);
        assertThat(listening.config().getOption(ChannelOption.SO_RCVBUF)).isEqualTo(30_000);
        hosts.cut();
        assertThat(accepted(connected, 20)).isEqualTo(7);
    }

    // ---- reset

    @Test
    void whatCameBeforeAResetIsReadFirst() throws Exception {
        IxSocketChannel connected = connect(hosts.server().childOption(ChannelOption.AUTO_READ, false), hosts.client());
        connected.writeAndFlush(TappedHosts.bytes(300_000));
        TappedHosts.await("all acknowledged", () -> info(connected).info().bytesAcked() >= 300_000);
        assertThat(server.receivedBytes()).isZero();
        connected.config().setSoLinger(0);
        connected.close().sync();
        server.awaitEnd();
        assertThat(server.receivedBytes()).isEqualTo(300_000);
        assertThat(server.events())
                .containsSubsequence("server read", "server exception IOException", "server inactive");
        assertThat(server.events().indexOf("server exception IOException"))
                .isGreaterThan(server.events().lastIndexOf("server read"));
    }
}
