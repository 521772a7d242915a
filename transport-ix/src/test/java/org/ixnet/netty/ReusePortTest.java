package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SO_REUSEPORT: several server channels on one port. */
@Timeout(60)
class ReusePortTest {
    private static final int LOOPS = 2;
    private static final int CONNECTIONS = 24;

    /** Where a connection was accepted: the server channel, the thread of its pipeline, and the child's own. */
    private record Accepted(Channel server, Thread acceptedBy, EventExecutor childLoop) {}

    /** One server channel, with the loop that it is on. */
    private static Channel listen(TappedHosts hosts, EventExecutor loop, int port, Queue<Accepted> accepted)
            throws InterruptedException {
        return new ServerBootstrap()
                .group((IxEventLoop) loop, hosts.servers)
                .channel(IxServerSocketChannel.class)
                .option(IxChannelOption.SO_REUSEPORT, true)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                        IxSocketChannel child = (IxSocketChannel) msg;
                        EventExecutor owner = (EventExecutor) child.owner().executor();
                        accepted.add(new Accepted(ctx.channel(), Thread.currentThread(), owner));
                        ctx.fireChannelRead(msg);
                    }
                })
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {}
                })
                .bind(TappedHosts.SERVER, port)
                .sync()
                .channel();
    }

    private static List<Channel> connect(TappedHosts hosts, Channel listening, Queue<Accepted> accepted)
            throws InterruptedException {
        int before = accepted.size();
        List<Channel> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            clients.add(hosts.client()
                    .handler(new EventRecorder("client"))
                    .connect(listening.localAddress())
                    .sync()
                    .channel());
        }
        TappedHosts.await("accepts", () -> accepted.size() == before + CONNECTIONS);
        return clients;
    }

    @Test
    void aListenerOnEachLoopAcceptsWhatIsItsOwnAndTheOthersTakeOverWhenItCloses() throws Exception {
        try (TappedHosts hosts = TappedHosts.open(LOOPS)) {
            Queue<Accepted> accepted = new ConcurrentLinkedQueue<>();
            List<Channel> listening = new ArrayList<>();
            int port = 0;
            for (EventExecutor loop : hosts.servers) {
                Channel channel = listen(hosts, loop, port, accepted);
                port = ((IxServerSocketChannel) channel).localAddress().getPort();
                listening.add(channel);
            }
            List<Channel> clients = connect(hosts, listening.getFirst(), accepted);
            assertThat(accepted).allSatisfy(one -> {
                assertThat(one.childLoop()).as("no hop").isEqualTo(one.server().eventLoop());
                assertThat(one.childLoop().inEventLoop(one.acceptedBy())).isTrue();
            });
            assertThat(accepted.stream().map(Accepted::server).distinct()).hasSize(LOOPS);

            Channel left = listening.getLast();
            Channel closing = listening.getFirst();
            closing.close().sync();
            accepted.clear();
            clients.addAll(connect(hosts, left, accepted));
            assertThat(accepted).allMatch(one -> one.server().equals(left));
            assertThat(accepted.stream().map(Accepted::childLoop).distinct())
                    .as("also on the loop whose own listener has closed")
                    .hasSize(LOOPS);

            left.close().sync();
            accepted.clear();
            Channel again = listen(hosts, hosts.servers.next(), port, accepted);
            clients.addAll(connect(hosts, again, accepted));
            for (Channel client : clients) {
                client.close().sync();
            }
        }
    }

    @Test
    void whatWaitsToBeAcceptedGoesToTheListenerThatStays() throws Exception {
        try (TappedHosts hosts = TappedHosts.open(1)) {
            Queue<Accepted> accepted = new ConcurrentLinkedQueue<>();
            EventExecutor loop = hosts.servers.next();
            Channel silent = listen(hosts, loop, 0, accepted);
            silent.config().setAutoRead(false);
            Channel other = listen(
                    hosts, loop, ((IxServerSocketChannel) silent).localAddress().getPort(), accepted);
            other.config().setAutoRead(false);
            // A read that was under way when AUTO_READ went off may still take one connection each.
            List<Channel> clients = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(hosts.client()
                        .handler(new EventRecorder("client"))
                        .connect(silent.localAddress())
                        .sync()
                        .channel());
            }
            silent.close().sync();
            other.config().setAutoRead(true);
            TappedHosts.await(
                    "accepts by the one that stays",
                    () -> accepted.stream()
                                    .filter(one -> one.server().equals(other))
                                    .count()
                            >= CONNECTIONS / 2);
            for (Channel client : clients) {
                client.close().sync();
            }
            other.close().sync();
        }
    }
}
