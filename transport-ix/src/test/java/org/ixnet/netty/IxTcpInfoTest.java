package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollTcpInfo;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TCP_INFO: each field says what happened. */
@Timeout(60)
class IxTcpInfoTest {
    private static final int RECOVERY_LOSS = 4;
    /** Long enough for what is to be seen before the timeout. */
    private static final int RTO_MILLIS = 10_000;

    private TappedHosts hosts;
    private EventRecorder server;
    private IxSocketChannel connected;

    @BeforeEach
    void open() {
        hosts = TappedHosts.open(1);
        server = new EventRecorder("server");
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private void connect(ServerBootstrap serverBootstrap, Bootstrap clientBootstrap) throws InterruptedException {
        var listening = serverBootstrap
                .childHandler(server)
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel();
        connected = (IxSocketChannel) clientBootstrap
                .handler(new EventRecorder("client"))
                .connect(listening.localAddress())
                .sync()
                .channel();
        server.awaitEvent("active");
    }

    private static IxTcpInfo info(IxSocketChannel channel) {
        return channel.tcpInfo().syncUninterruptibly().getNow();
    }

    private IxTcpInfo info() {
        return info(connected);
    }

    private IxTcpInfo serverInfo() {
        return info((IxSocketChannel) server.channel());
    }

    private IxTcpInfo await(String what, Predicate<IxTcpInfo> condition) throws InterruptedException {
        IxTcpInfo[] last = new IxTcpInfo[1];
        TappedHosts.await(what, () -> {
            last[0] = info();
            return condition.test(last[0]);
        });
        return last[0];
    }

    @Test
    void hasEveryFieldOfEpolls() throws Exception {
        for (Method method : EpollTcpInfo.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())) {
                assertThat(IxTcpInfo.class.getMethod(method.getName()).getReturnType())
                        .as(method.getName())
                        .isEqualTo(method.getReturnType());
            }
        }
    }

    @Test
    void tellsOfANewConnection() throws Exception {
        connect(
                hosts.server().option(ChannelOption.SO_RCVBUF, 100_000),
                hosts.client().option(ChannelOption.SO_RCVBUF, 300_000));
        IxTcpInfo info = info();
        assertThat(info.state()).isEqualTo(1);
        assertThat(info.caState()).isZero();
        assertThat(info.options()).as("timestamps, SACK, window scale").isEqualTo(7);
        assertThat(info.sndWscale()).isEqualTo(serverInfo().rcvWscale());
        assertThat(info.rcvWscale()).isEqualTo(serverInfo().sndWscale()).isPositive();
        assertThat(300_000L).isLessThanOrEqualTo(65_535L << info.rcvWscale());
        assertThat(info.pmtu()).isEqualTo(1500);
        assertThat(info.advmss()).isEqualTo(1460);
        assertThat(info.sndMss()).isEqualTo(1448);
        assertThat(info.sndCwnd()).isEqualTo(10);
        assertThat(info.sndSsthresh()).isEqualTo(Integer.MAX_VALUE);
        assertThat(info.rcvSsthresh()).isEqualTo(300_000);
        assertThat(info.ato()).isEqualTo(40_000);
        assertThat(info.reordering()).isEqualTo(3);
        assertThat(info.unacked() + info.sacked() + info.lost() + info.retrans() + info.totalRetrans())
                .isZero();
        assertThat(info.retransmits() + info.probes() + info.backoff()).isZero();
        assertThat(info.fackets() + info.lastAckSent() + info.rcvRtt())
                .as("not kept")
                .isZero();
    }

    @Test
    void measuresTheRoundTrip() throws Exception {
        hosts.delay(TimeUnit.MILLISECONDS.toNanos(15));
        connect(hosts.server(), hosts.client());
        connected.writeAndFlush(TappedHosts.bytes(100)).sync();
        server.awaitBytes(100);
        IxTcpInfo info = await("an acknowledgement", now -> now.unacked() == 0);
        assertThat(info.rtt()).isBetween(30_000L, 5_000_000L);
        assertThat(info.rttvar()).isPositive();
        assertThat(info.rto()).isGreaterThanOrEqualTo(info.rtt() + 200_000);
    }

    @Test
    void countsWhatIsLostAndSentAgain() throws Exception {
        connect(hosts.server(), hosts.client());
        connected.writeAndFlush(TappedHosts.bytes(10)).sync();
        server.awaitBytes(10);
        await("an acknowledgement", now -> now.unacked() == 0);
        hosts.cut();
        connected.writeAndFlush(TappedHosts.bytes(3 * 1448)).sync();
        IxTcpInfo sent = await("three in flight", now -> now.unacked() == 3);
        assertThat(sent.lastDataSent()).isLessThan(10_000);
        IxTcpInfo again = await("retransmissions", now -> now.retransmits() >= 2);
        assertThat(again.backoff()).isGreaterThanOrEqualTo(2);
        assertThat(again.caState()).isEqualTo(RECOVERY_LOSS);
        assertThat(again.lost()).isEqualTo(3);
        assertThat(again.retrans()).isEqualTo(1);
        assertThat(again.totalRetrans()).isGreaterThanOrEqualTo(2);
        assertThat(again.sndCwnd()).isEqualTo(1);
        assertThat(again.sndSsthresh()).isLessThan(10);
        hosts.mend();
        server.awaitBytes(10 + 3 * 1448);
        IxTcpInfo well = await("an end of the recovery", now -> now.unacked() == 0 && now.caState() == 0);
        assertThat(well.retransmits() + well.backoff()).isZero();
        assertThat(well.lost() + well.retrans()).isZero();
        assertThat(well.totalRetrans()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void tellsWhatThePeerReportsBySack() throws Exception {
        hosts.close();
        hosts = new TappedHosts(
                1,
                TappedHosts.serverConfig(1),
                TappedHosts.clientConfig(1).toBuilder()
                        .tcpRtoMinMillis(RTO_MILLIS)
                        .build());
        connect(hosts.server(), hosts.client());
        hosts.cut();
        connected.writeAndFlush(TappedHosts.bytes(1448)).sync();
        await("one in flight", now -> now.unacked() == 1);
        hosts.mend();
        connected.writeAndFlush(TappedHosts.bytes(1448)).sync();
        connected.writeAndFlush(TappedHosts.bytes(1448)).sync();
        IxTcpInfo info = await("two reported", now -> now.sacked() == 2);
        assertThat(info.caState()).as("too few to mean a loss").isEqualTo(1);
        assertThat(info.unacked()).isEqualTo(3);
        connected.writeAndFlush(TappedHosts.bytes(1448)).sync();
        server.awaitBytes(4 * 1448);
        IxTcpInfo well = await("all acknowledged", now -> now.unacked() == 0);
        assertThat(well.sacked()).isZero();
        assertThat(well.totalRetrans()).isEqualTo(1);
        assertThat(well.retransmits()).as("by fast recovery").isZero();
    }

    @Test
    void growsItsWindowByWhatIsAcknowledged() throws Exception {
        connect(hosts.server(), hosts.client());
        connected.writeAndFlush(TappedHosts.bytes(2_000_000));
        server.awaitBytes(2_000_000);
        assertThat(info().sndCwnd()).isGreaterThan(10);
    }

    @Test
    void showsAWindowThatFillsAndItsProbes() throws Exception {
        connect(
                hosts.server().option(ChannelOption.SO_RCVBUF, 20_000).childOption(ChannelOption.AUTO_READ, false),
                hosts.client());
        long before = serverInfo().rcvSpace();
        connected.writeAndFlush(TappedHosts.bytes(100_000));
        await("a closed window", now -> now.info().sendWindowBytes() == 0 && now.unacked() == 0);
        hosts.cut();
        await("a probe", now -> now.probes() >= 1);
        hosts.mend();
        assertThat(before).isGreaterThan(10_000);
        assertThat(serverInfo().rcvSpace()).isLessThan(1448);
        server.channel().config().setAutoRead(true);
        server.awaitBytes(100_000);
        await("no probes", now -> now.probes() == 0 && now.unacked() == 0);
        assertThat(serverInfo().rcvMss()).isEqualTo(1448);
    }

    @Test
    void tellsHowLongAgoItHeardAndSpoke() throws Exception {
        connect(hosts.server(), hosts.client());
        assertThat(info().lastDataRecv()).as("none yet").isZero();
        connected.writeAndFlush(TappedHosts.bytes(10)).sync();
        server.awaitBytes(10);
        server.channel().writeAndFlush(TappedHosts.bytes(10)).sync();
        IxTcpInfo info = await(
                "half a second",
                now -> now.lastDataSent() >= 500 && now.lastDataRecv() >= 450 && now.lastAckRecv() >= 400);
        long startNanos = System.nanoTime();
        connected.writeAndFlush(TappedHosts.bytes(10)).sync();
        server.awaitBytes(20);
        IxTcpInfo after = await("an acknowledgement", now -> now.unacked() == 0);
        long passedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos) + 1;
        assertThat(after.lastAckRecv()).isLessThanOrEqualTo(passedMillis);
        assertThat(after.lastDataSent()).isLessThanOrEqualTo(passedMillis);
        assertThat(after.lastDataRecv()).as("no data came").isGreaterThanOrEqualTo(info.lastDataRecv());
    }

    @Test
    void followsTheStatesOfAClose() throws Exception {
        connect(
                hosts.server().childOption(ChannelOption.ALLOW_HALF_CLOSURE, true),
                hosts.client().option(ChannelOption.ALLOW_HALF_CLOSURE, true));
        connected.shutdownOutput().sync();
        server.awaitEvent("ChannelInputShutdownReadComplete");
        await("FIN-WAIT-2", now -> now.state() == 5);
        assertThat(serverInfo().state()).as("CLOSE-WAIT").isEqualTo(8);
    }
}
