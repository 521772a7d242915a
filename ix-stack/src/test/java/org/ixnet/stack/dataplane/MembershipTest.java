package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections whose packets come by way of threads that then leave. All threads are driven by the test thread. */
class MembershipTest {
    private static final int PORT = 7;
    /** A wire so long that transfers take a while. */
    private static final Impairments DISTANT = new Impairments(0, 0, 0, 0, 0, 500_000, 0, 0, 0);

    private static VirtualNet net(int threads, int queues, long seed) {
        VirtualNet net = new VirtualNet(
                VirtualNet.end("a", 0x02_00_00_00_00_0aL),
                VirtualNet.end("b", 0x02_00_00_00_00_0bL).withQueues(queues),
                1,
                threads,
                seed);
        net.link.impair(DISTANT);
        return net;
    }

    /** Only thread {@code index} owns flow groups. */
    private static void allGroupsTo(VirtualNet net, int index) {
        net.serverThreads.get(index).ownsFlows(true);
        for (ElasticThread thread : net.serverThreads) {
            if (thread.index() != index) {
                thread.ownsFlows(false);
            }
        }
        net.run(VirtualNet.MILLI / 10);
        assertThat(net.serverThreads.get(index).snapshot().flowGroups()).isEqualTo(128);
    }

    /** A connection on thread 0 of {@code net}, in the middle of its transfer. */
    private static StreamClient connection(VirtualNet net) {
        allGroupsTo(net, 0);
        StreamClient client = new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 2_000_000, 1);
        assertThat(net.runUntil(() -> client.receivedBytes > 0, VirtualNet.SECOND))
                .isTrue();
        assertThat(client.isDone()).isFalse();
        return client;
    }

    private static void finish(VirtualNet net, StreamClient client) {
        assertThat(net.runUntil(client::isDone, 60 * VirtualNet.SECOND))
                .as("the connection goes on")
                .isTrue();
        client.assertEchoed();
        assertForgotten(net);
    }

    private static void assertForgotten(VirtualNet net) {
        net.run(3 * VirtualNet.SECOND);
        assertThat(net.serverThreads)
                .as("nobody forwards to connections that ended")
                .noneMatch(thread ->
                        thread.strays().forwardsAny() || thread.strays().hostsAny());
        assertThat(net.missingMbufs()).containsExactly(0, 0);
    }

    private static List<EchoServer> listenOnAll(VirtualNet net) {
        return new ArrayList<>(net.serverThreads.stream()
                .map(thread -> EchoServer.listen(thread, PORT))
                .toList());
    }

    private static void move(VirtualNet net, List<EchoServer> servers, int from, int to) {
        assertThat(SteeringTest.moveAll(servers.get(from), servers.get(to))).isEqualTo(1);
        net.run(VirtualNet.MILLI / 10);
    }

    /** The flow group comes to where the connection lives, by way of a third thread that knows an older place. */
    @Test
    void aDetourOverAThreadThatLeavesEnds() {
        try (VirtualNet net = net(3, 1, 21)) {
            List<EchoServer> servers = listenOnAll(net);
            StreamClient client = connection(net);
            allGroupsTo(net, 1);
            move(net, servers, 0, 2);
            allGroupsTo(net, 2);
            net.detach(servers.getFirst().thread);
            finish(net, client);
        }
    }

    /** Who forwarded the connection to a thread that left, and later leaves too, tells nobody of that thread. */
    @Test
    void whatIsToldAtLeavingIsNotOutOfDate() {
        try (VirtualNet net = net(4, 1, 22)) {
            List<EchoServer> servers = listenOnAll(net);
            StreamClient client = connection(net);
            allGroupsTo(net, 3);
            move(net, servers, 0, 1);
            move(net, servers, 1, 2);
            move(net, servers, 2, 0);
            net.detach(servers.get(2).thread);
            net.run(VirtualNet.MILLI / 10);
            net.detach(servers.get(1).thread);
            finish(net, client);
        }
    }

    /** Packets that are on their way through a leaving thread still find their connection. */
    @Test
    void packetsInTheRingsOfALeavingThreadGoOn() {
        try (VirtualNet net = net(3, 1, 23)) {
            List<EchoServer> servers = listenOnAll(net);
            StreamClient client = connection(net);
            allGroupsTo(net, 1);
            move(net, servers, 0, 2);
            // Thread 0 is polled before thread 1, which now puts a packet into its ring.
            long forwarded = forwardedByOne(net);
            assertThat(net.runUntil(() -> forwardedByOne(net) > forwarded, VirtualNet.SECOND))
                    .isTrue();
            net.detach(servers.getFirst().thread);
            finish(net, client);
        }
    }

    private static long forwardedByOne(VirtualNet net) {
        return net.serverThreads.get(1).counters().get(ThreadCounter.STRAYS_FORWARDED);
    }

    /** Threads come, leave, change their role and pass connections round: only those on a thread that leaves are lost. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void comingAndGoingLosesOnlyWhatLivesOnTheLeaver(int queues) {
        int lost = 0;
        for (long seed = 1; seed <= 60; seed++) {
            lost += new Wandering(queues, seed).run();
        }
        assertThat(lost).as("some threads had connections when they left").isPositive();
    }

    /** One random history. */
    private static final class Wandering {
        private static final int CONNECTIONS = 12;
        private static final int CHANGES = 60;

        private final int queues;
        private final long seed;
        private final RandomSource random;
        private int onLeavers;

        Wandering(int queues, long seed) {
            this.queues = queues;
            this.seed = seed;
            this.random = new RandomSource(seed);
        }

        private int pick(int bound) {
            return (int) Long.remainderUnsigned(random.nextLong(), bound);
        }

        /** Returns how many connections were lost. */
        int run() {
            try (VirtualNet net = net(3, queues, seed)) {
                List<EchoServer> servers = listenOnAll(net);
                List<StreamClient> clients = new ArrayList<>();
                IntConsumer open = count -> {
                    for (int i = 0; i < count; i++) {
                        clients.add(new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 300_000, i));
                    }
                };
                open.accept(1);
                net.runUntil(() -> clients.getFirst().connected, VirtualNet.SECOND);
                open.accept(CONNECTIONS - 1);
                for (int i = 0; i < CHANGES; i++) {
                    for (int steps = pick(40); steps > 0; steps--) {
                        net.step();
                    }
                    change(net, servers);
                    if (i % 10 == 0) {
                        open.accept(1);
                    }
                }
                assertThat(net.runUntil(() -> clients.stream().allMatch(StreamClient::isDone), 100 * VirtualNet.SECOND))
                        .as("all go on; queues %d, seed %d", queues, seed)
                        .isTrue();
                int lost = 0;
                for (StreamClient client : clients) {
                    if (client.death == DeathReason.RESET_BY_PEER) {
                        lost++;
                    } else {
                        client.assertEchoed();
                    }
                }
                assertThat(lost).as("reset; queues %d, seed %d", queues, seed).isLessThanOrEqualTo(onLeavers);
                assertForgotten(net);
                return lost;
            }
        }

        private void change(VirtualNet net, List<EchoServer> servers) {
            EchoServer one = servers.get(pick(servers.size()));
            switch (pick(6)) {
                case 0, 1, 2 -> SteeringTest.moveAll(one, servers.get(pick(servers.size())));
                case 3 -> one.thread.ownsFlows(!one.thread.ownsFlows());
                case 4 -> {
                    if (servers.size() > 2) {
                        servers.remove(one);
                        // Those on their way to it count too; and those that nobody has accepted.
                        onLeavers += one.open;
                        one.thread.tcpLayer().forEachFlow(flow -> {
                            boolean accepted =
                                    flow instanceof Tcb tcb && tcb.userHandle instanceof EchoServer.Connection;
                            onLeavers += accepted ? 0 : 1;
                        });
                        net.detach(one.thread);
                    }
                }
                default -> {
                    if (servers.size() < 5) {
                        ElasticThread thread = net.server.attach(() -> {}, net.nowNanos);
                        net.serverThreads.add(thread);
                        servers.add(EchoServer.listen(thread, PORT));
                    }
                }
            }
        }
    }
}
