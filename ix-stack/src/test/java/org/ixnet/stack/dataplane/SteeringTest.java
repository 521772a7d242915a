package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Several elastic threads on one device, all driven by the test thread. */
class SteeringTest {
    private static final int PORT = 7;
    private static final int THREADS = 4;
    /** A wire so long that transfers take a while. */
    private static final Impairments DISTANT = new Impairments(0, 0, 0, 0, 0, 500_000, 0, 0, 0);

    private static VirtualLink.End client() {
        return VirtualNet.end("a", 0x02_00_00_00_00_0aL);
    }

    private static VirtualLink.End server() {
        return VirtualNet.end("b", 0x02_00_00_00_00_0bL);
    }

    /** The device of the server, and whether packets come by hardware. */
    static Stream<Arguments> devices() {
        return Stream.of(
                Arguments.of("RSS, a queue for each thread", server().withQueues(4), Distribution.HARDWARE),
                Arguments.of("RSS, fewer queues than threads", server().withQueues(2), Distribution.AUTO),
                Arguments.of("one queue, no RSS", server(), Distribution.AUTO),
                Arguments.of("RSS unused", server().withQueues(4), Distribution.SOFTWARE));
    }

    /** Opens connections and returns when all of them have data under way. */
    private static List<StreamClient> connectAndWait(VirtualNet net, int count, long bytes) {
        // Only so many SYNs wait for the answer to an ARP request, so let that come first.
        List<StreamClient> first = connect(net, net.clientThreads.size(), 1);
        assertThat(net.runUntil(() -> first.stream().allMatch(StreamClient::isDone), VirtualNet.SECOND))
                .isTrue();
        net.link.impair(DISTANT);
        List<StreamClient> clients = connect(net, count, bytes);
        assertThat(net.runUntil(() -> clients.stream().allMatch(each -> each.receivedBytes > 0), VirtualNet.SECOND))
                .isTrue();
        assertThat(clients).noneMatch(StreamClient::isDone);
        return clients;
    }

    private static long sum(List<ElasticThread> threads, ThreadCounter counter) {
        return threads.stream()
                .mapToLong(thread -> thread.counters().get(counter))
                .sum();
    }

    private static List<EchoServer> listenOnAll(VirtualNet net) {
        return new ArrayList<>(net.serverThreads.stream()
                .map(thread -> EchoServer.listen(thread, PORT))
                .toList());
    }

    private static List<StreamClient> connect(VirtualNet net, int count, long bytes) {
        net.run(VirtualNet.MILLI / 10); // until the flow groups have been dealt out
        List<StreamClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ElasticThread thread = net.clientThreads.get(i % net.clientThreads.size());
            clients.add(new StreamClient(thread, VirtualNet.SERVER, PORT, bytes, i));
        }
        return clients;
    }

    private static void finish(VirtualNet net, List<StreamClient> clients, List<EchoServer> servers) {
        assertThat(net.runUntil(() -> clients.stream().allMatch(StreamClient::isDone), 600 * VirtualNet.SECOND))
                .isTrue();
        clients.forEach(StreamClient::assertEchoed);
        assertThat(net.runUntil(() -> servers.stream().allMatch(each -> each.open == 0), 600 * VirtualNet.SECOND))
                .isTrue();
        assertThat(servers).allMatch(each -> each.consistent);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("devices")
    void everyThreadServesItsShareOfTheFlows(String name, VirtualLink.End device, Distribution distribution) {
        try (VirtualNet net = new VirtualNet(client(), device, 2, THREADS, 11, distribution)) {
            net.link.impair(Impairments.NONE.withLoss(0.002));
            List<EchoServer> servers = listenOnAll(net);
            List<StreamClient> clients = connect(net, 200, 30_000);
            finish(net, clients, servers);
            assertThat(servers.stream().mapToInt(each -> each.accepted).sum()).isEqualTo(200);
            assertThat(servers).allMatch(each -> each.accepted >= 20);
            boolean hardware = distribution == Distribution.HARDWARE;
            if (hardware) {
                // Each flow arrives at its thread; the hash of the device is trusted after the calibration.
                assertThat(sum(net.serverThreads, ThreadCounter.STEERED_OUT)).isZero();
                assertThat(sum(net.serverThreads, ThreadCounter.TX_FOR_OTHERS)).isZero();
                assertThat(sum(net.serverThreads, ThreadCounter.RX_HARDWARE_HASH))
                        .isGreaterThan(sum(net.serverThreads, ThreadCounter.RX_PACKETS) / 2);
            } else {
                assertThat(sum(net.serverThreads, ThreadCounter.STEERED_OUT)).isPositive();
            }
            assertThat(net.server.distribution())
                    .startsWith(hardware || device.queues() == 2 ? "hardware" : "software (emulated): ");
            assertThat(sum(net.serverThreads, ThreadCounter.STEERED_OUT))
                    .isEqualTo(sum(net.serverThreads, ThreadCounter.STEERED_IN));
            assertThat(sum(net.serverThreads, ThreadCounter.STEERING_DROPPED)).isZero();
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void flowGroupsAreSharedEvenlyAndFollowRoles() {
        try (VirtualNet net = new VirtualNet(client(), server(), 1, THREADS, 12)) {
            net.run(VirtualNet.MILLI);
            assertThat(groups(net)).containsExactly(32, 32, 32, 32);
            net.serverThreads.get(0).ownsFlows(false);
            net.run(VirtualNet.MILLI);
            assertThat(groups(net)).containsExactly(0, 43, 43, 42);
            net.serverThreads.forEach(thread -> thread.ownsFlows(false));
            net.run(VirtualNet.MILLI);
            assertThat(groups(net)).as("nobody wants them, so all have them").containsExactly(32, 32, 32, 32);
            net.serverThreads.get(1).ownsFlows(true);
            net.run(VirtualNet.MILLI);
            assertThat(groups(net)).containsExactly(0, 128, 0, 0);
        }
    }

    private static List<Integer> groups(VirtualNet net) {
        return net.serverThreads.stream()
                .map(thread -> thread.snapshot().flowGroups())
                .toList();
    }

    /** Connections of a thread that gives its flow groups away stay, and their packets still reach it. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("devices")
    void connectionsOutliveTheirFlowGroup(String name, VirtualLink.End device, Distribution distribution) {
        try (VirtualNet net = new VirtualNet(client(), device, 2, THREADS, 13, distribution)) {
            List<EchoServer> servers = listenOnAll(net);
            List<StreamClient> clients = connectAndWait(net, 40, 200_000);
            net.serverThreads.get(2).ownsFlows(false);
            net.run(5 * VirtualNet.MILLI);
            net.serverThreads.get(2).ownsFlows(true);
            net.serverThreads.get(0).ownsFlows(false);
            net.run(5 * VirtualNet.MILLI);
            net.serverThreads.get(1).ownsFlows(false);
            finish(net, clients, servers);
            assertThat(clients).allMatch(each -> each.death == null || each.death == DeathReason.CLOSED);
            assertThat(sum(net.serverThreads, ThreadCounter.STRAYS_FORWARDED)).isPositive();
            net.run(3 * VirtualNet.SECOND);
            assertThat(net.serverThreads)
                    .as("nobody forwards to connections that ended")
                    .noneMatch(thread ->
                            thread.strays().forwardsAny() || thread.strays().hostsAny());
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    /** Under load, on a wire that loses nothing: no packet is lost and none overtakes another. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("devices")
    void movedConnectionsLoseAndReorderNothing(String name, VirtualLink.End device, Distribution distribution) {
        try (VirtualNet net = new VirtualNet(client(), device, 2, THREADS, 14, distribution)) {
            List<EchoServer> servers = listenOnAll(net);
            List<StreamClient> clients = connectAndWait(net, 40, 200_000);
            int moved = 0;
            for (EchoServer server : servers) {
                moved += moveAll(server, servers.get((servers.indexOf(server) + 1) % servers.size()));
            }
            assertThat(moved).isEqualTo(40);
            finish(net, clients, servers);
            assertThat(sum(net.serverThreads, ThreadCounter.CONNECTIONS_ADOPTED))
                    .isEqualTo(40);
            assertThat(sum(net.serverThreads, ThreadCounter.STRAYS_FORWARDED)).isPositive();
            assertThat(retransmitted(net.clientThreads) + retransmitted(net.serverThreads))
                    .isZero();
            assertThat(outOfOrder(net.serverThreads)).isZero();
            net.run(3 * VirtualNet.SECOND);
            assertThat(net.serverThreads)
                    .noneMatch(thread ->
                            thread.strays().forwardsAny() || thread.strays().hostsAny());
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    /** Gives all connections of one server to another, which the test thread may do between cycles. Returns how many. */
    static int moveAll(EchoServer from, EchoServer to) {
        List<Tcb> all = new ArrayList<>();
        from.thread.tcpLayer().forEachConnection(all::add);
        int moved = 0;
        for (Tcb tcb : all) {
            if (tcb.userHandle instanceof EchoServer.Connection connection && !tcb.isDead()) {
                connection.moveTo(to);
                from.thread.moveConnection(tcb, to.thread, () -> {});
                moved++;
            }
        }
        return moved;
    }

    private static long retransmitted(List<ElasticThread> threads) {
        return counter(threads, "tcp.RETRANSMITTED_SEGMENTS");
    }

    private static long outOfOrder(List<ElasticThread> threads) {
        return counter(threads, "tcp.OUT_OF_ORDER_SEGMENTS");
    }

    private static long counter(List<ElasticThread> threads, String name) {
        return threads.stream()
                .mapToLong(thread -> {
                    Long value = thread.snapshot().counters().get(name);
                    assertThat(value)
                            .as(name + " of " + thread.snapshot().counters().keySet())
                            .isNotNull();
                    return value;
                })
                .sum();
    }

    /** A connection that goes on and on, round the threads, over a bad wire. */
    @Test
    void connectionsWander() {
        try (VirtualNet net = new VirtualNet(client(), server().withQueues(2), 1, THREADS, 15)) {
            net.link.impair(new Impairments(0.01, 0.01, 0.01, 100_000, 0.01, 20_000, 0, 0, 0));
            List<EchoServer> servers = listenOnAll(net);
            List<StreamClient> clients = connect(net, 8, 300_000);
            int rounds = 0;
            while (!clients.stream().allMatch(StreamClient::isDone)) {
                net.run(VirtualNet.MILLI);
                EchoServer from = servers.get(rounds % servers.size());
                EchoServer to = servers.get((rounds * 7 + 2) % servers.size());
                moveAll(from, to);
                rounds++;
                assertThat(rounds).isLessThan(200_000);
            }
            finish(net, clients, servers);
            assertThat(rounds).isGreaterThan(20);
            net.run(3 * VirtualNet.SECOND);
            assertThat(net.serverThreads)
                    .noneMatch(thread ->
                            thread.strays().forwardsAny() || thread.strays().hostsAny());
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    /** A thread leaves under load: its connections are reset, all others go on, and its queue and groups are taken over. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("devices")
    void othersTakeOverWhenAThreadLeaves(String name, VirtualLink.End device, Distribution distribution) {
        try (VirtualNet net = new VirtualNet(client(), device, 2, THREADS, 16, distribution)) {
            List<EchoServer> servers = listenOnAll(net);
            List<StreamClient> clients = connectAndWait(net, 40, 100_000);
            for (int leaving = 0; leaving < THREADS - 1; leaving++) {
                EchoServer server = servers.removeFirst();
                net.detach(server.thread);
                assertThat(server.open).isZero();
                assertThat(server.deaths.getOrDefault(DeathReason.NO_RESOURCES, 0))
                        .isPositive();
                net.run(VirtualNet.MILLI);
            }
            assertThat(net.runUntil(() -> clients.stream().allMatch(StreamClient::isDone), 100 * VirtualNet.SECOND))
                    .isTrue();
            List<StreamClient> survivors =
                    clients.stream().filter(client -> client.finished).toList();
            assertThat(survivors).isNotEmpty();
            survivors.forEach(StreamClient::assertEchoed);
            assertThat(clients).allMatch(client -> client.finished || client.death == DeathReason.RESET_BY_PEER);
            List<StreamClient> late = connect(net, 40, 10_000);
            finish(net, late, servers);
            assertThat(servers.getFirst().accepted).isGreaterThanOrEqualTo(40);
            assertThat(servers.getFirst().thread.snapshot().flowGroups()).isEqualTo(128);
            assertThat(servers.getFirst().thread.snapshot().queues()).hasSize(device.queues());
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void aThreadThatComesLaterGetsQueuesAndGroups() {
        try (VirtualNet net = new VirtualNet(client(), server().withQueues(4), 1, 1, 17)) {
            List<EchoServer> servers = listenOnAll(net);
            List<StreamClient> early = connect(net, 40, 50_000);
            net.run(VirtualNet.MILLI);
            for (int i = 0; i < 3; i++) {
                ElasticThread thread = net.server.attach(() -> {}, net.nowNanos);
                net.serverThreads.add(thread);
                servers.add(EchoServer.listen(thread, PORT));
            }
            net.run(VirtualNet.MILLI);
            assertThat(groups(net)).containsExactly(32, 32, 32, 32);
            assertThat(net.serverThreads)
                    .allMatch(thread -> thread.snapshot().queues().size() == 1);
            List<StreamClient> late = connect(net, 100, 1_000);
            early.addAll(late);
            finish(net, early, servers);
            assertThat(servers).allMatch(server -> server.accepted > 0);
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void connectionsWithinOneDataplaneCrossThreads() {
        try (VirtualNet net = new VirtualNet(client(), server(), 1, THREADS, 18)) {
            List<EchoServer> servers = listenOnAll(net);
            List<StreamClient> clients = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                clients.add(new StreamClient(
                        net.serverThreads.get(i % THREADS), Address.parse("127.0.0.1"), PORT, 50_000, i));
            }
            finish(net, clients, servers);
            assertThat(servers).allMatch(server -> server.accepted > 0);
            assertThat(sum(net.serverThreads, ThreadCounter.STEERED_OUT)).isPositive();
            assertThat(net.link.a().statistics().rxPackets()).isZero();
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }
}
