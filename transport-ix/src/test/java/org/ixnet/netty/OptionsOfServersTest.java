package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the options of accepting and of connecting do. */
@Timeout(60)
@SuppressWarnings("deprecation") // what Netty will drop is an option as long as it is there
class OptionsOfServersTest {
    private TappedHosts hosts;
    /** Of the last connection that was accepted. */
    private EventRecorder child;

    private final List<EventRecorder> children = new ArrayList<>();
    private Channel listening;

    @BeforeEach
    void open() {
        hosts = TappedHosts.open(1);
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private void listen(ServerBootstrap bootstrap) throws InterruptedException {
        listening = bootstrap
                .childHandler(new io.netty.channel.ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        EventRecorder recorder = new EventRecorder("child");
                        channel.pipeline().addLast(recorder);
                        synchronized (children) {
                            children.add(recorder);
                            child = recorder;
                        }
                    }
                })
                .bind(TappedHosts.SERVER, 0)
                .sync()
                .channel();
    }

    private int accepted() {
        synchronized (children) {
            return children.size();
        }
    }

    private void awaitAccepted(int count) throws InterruptedException {
        TappedHosts.await(count + " accepted", () -> accepted() >= count);
    }

    private Channel connect() throws InterruptedException {
        return hosts.client()
                .handler(new EventRecorder("client"))
                .connect(listening.localAddress())
                .sync()
                .channel();
    }

    /** What has reached the server's host has gone through its loop. */
    private void settle() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            listening.eventLoop().submit(() -> {}).sync();
        }
    }

    // ---- AUTO_READ

    @Test
    void aServerThatDoesNotReadAcceptsOnlyWhenAsked() throws Exception {
        listen(hosts.server().option(ChannelOption.AUTO_READ, false).option(ChannelOption.MAX_MESSAGES_PER_READ, 1));
        Channel first = connect();
        Channel second = connect();
        settle();
        assertThat(accepted()).isZero();
        listening.read();
        awaitAccepted(1);
        settle();
        assertThat(accepted()).isEqualTo(1);
        listening.config().setAutoRead(true);
        awaitAccepted(2);
        first.writeAndFlush(TappedHosts.bytes(3));
        second.writeAndFlush(TappedHosts.bytes(3));
        children.getFirst().awaitBytes(3);
        children.getLast().awaitBytes(3);
    }

    // ---- TCP_DEFER_ACCEPT

    @Test
    void deferredConnectionsAreAcceptedWithTheirFirstData() throws Exception {
        listen(hosts.server().option(IxChannelOption.TCP_DEFER_ACCEPT, 30));
        Channel silent = connect();
        Channel talking = connect();
        settle();
        assertThat(accepted()).isZero();
        talking.writeAndFlush(TappedHosts.bytes(100)).sync();
        awaitAccepted(1);
        child.awaitBytes(100);
        assertThat(child.channel().remoteAddress()).isEqualTo(talking.localAddress());
        child.channel().writeAndFlush(TappedHosts.bytes(50)).sync();
        ((EventRecorder) talking.pipeline().first()).awaitBytes(50);
        assertThat(accepted()).isEqualTo(1);
        silent.close().sync();
        // Its end is something to hear of too, as on Linux.
        awaitAccepted(2);
        child.awaitEnd();
    }

    @Test
    void deferredConnectionsAreAcceptedWhenTheTimeIsOver() throws Exception {
        listen(hosts.server().option(IxChannelOption.TCP_DEFER_ACCEPT, 1));
        long startNanos = System.nanoTime();
        connect();
        awaitAccepted(1);
        assertThat(System.nanoTime() - startNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
        assertThat(child.receivedBytes()).isZero();
    }

    @Test
    void nobodyHearsOfADeferredConnectionThatIsReset() throws Exception {
        listen(hosts.server().option(IxChannelOption.TCP_DEFER_ACCEPT, 30));
        Channel silent = connect();
        settle();
        silent.config().setOption(ChannelOption.SO_LINGER, 0);
        silent.close().sync();
        Channel talking = connect();
        talking.writeAndFlush(TappedHosts.bytes(1)).sync();
        awaitAccepted(1);
        assertThat(child.channel().remoteAddress()).isEqualTo(talking.localAddress());
        assertThat(accepted()).isEqualTo(1);
    }

    @Test
    void noMoreThanTheBacklogAreDeferred() throws Exception {
        listen(hosts.server().option(IxChannelOption.TCP_DEFER_ACCEPT, 30).option(ChannelOption.SO_BACKLOG, 2));
        for (int i = 0; i < 5; i++) {
            connect();
        }
        awaitAccepted(3);
        settle();
        assertThat(accepted()).isEqualTo(3);
    }

    @Test
    void deferredConnectionsEndWithTheServer() throws Exception {
        listen(hosts.server().option(IxChannelOption.TCP_DEFER_ACCEPT, 30));
        Channel silent = connect();
        settle();
        listening.close().sync();
        assertThat(silent.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(accepted()).isZero();
    }

    // ---- CONNECT_TIMEOUT_MILLIS

    @Test
    void connectingEndsAfterItsTime() throws Exception {
        listen(hosts.server());
        hosts.cut();
        EventRecorder recorder = new EventRecorder("client");
        long startNanos = System.nanoTime();
        ChannelFuture connecting = hosts.client()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 300)
                .handler(recorder)
                .connect(listening.localAddress());
        assertThatThrownBy(connecting::sync)
                .isInstanceOf(ConnectTimeoutException.class)
                .hasMessageContaining("300 ms");
        assertThat(System.nanoTime() - startNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(290));
        recorder.awaitEnd();
        assertThat(connecting.channel().isOpen()).isFalse();
        assertThat(recorder.events()).doesNotContain("client active");
    }

    @Test
    void connectingMayTakeLessThanItsTime() throws Exception {
        listen(hosts.server());
        hosts.cut();
        ChannelFuture connecting = hosts.client()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 30_000)
                .handler(new EventRecorder("client"))
                .connect(listening.localAddress());
        assertThat(connecting.await(400, TimeUnit.MILLISECONDS)).isFalse();
        hosts.mend();
        assertThat(connecting.sync().channel().isActive()).isTrue();
    }
}
