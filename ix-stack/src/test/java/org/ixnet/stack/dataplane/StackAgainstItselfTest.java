package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.tcp.DeathReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two whole stacks over a virtual wire, on one thread under a virtual clock. */
class StackAgainstItselfTest {
    private static final int PORT = 7;
    private static final Impairments BAD = new Impairments(0.01, 0.01, 0.01, 2_000_000, 0.01, 100_000, 20_000, 0, 0);

    @Test
    void echoesOverAPerfectWire() {
        try (VirtualNet net = VirtualNet.simple(1)) {
            EchoServer server = EchoServer.listen(net.serverThread(), PORT);
            StreamClient client = new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 1_000, 1);
            assertThat(net.runUntil(client::isDone, VirtualNet.SECOND)).isTrue();
            client.assertEchoed();
            assertThat(server.accepted).isEqualTo(1);
            assertThat(net.runUntil(() -> server.open == 0 && client.death != null, 10 * VirtualNet.SECOND))
                    .isTrue();
            assertThat(client.death).isEqualTo(DeathReason.CLOSED);
            assertThat(server.deaths).containsOnlyKeys(DeathReason.CLOSED);
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void refusesWhereNobodyListens() {
        try (VirtualNet net = VirtualNet.simple(2)) {
            StreamClient client = new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 1, 1);
            assertThat(net.runUntil(client::isDone, VirtualNet.SECOND)).isTrue();
            assertThat(client.death).isEqualTo(DeathReason.REFUSED);
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 4, 5})
    void bulkSurvivesABadWire(long seed) {
        try (VirtualNet net = VirtualNet.simple(seed)) {
            net.link.impair(BAD);
            EchoServer server = EchoServer.listen(net.serverThread(), PORT);
            StreamClient client = new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 4 << 20, seed);
            assertThat(net.runUntil(client::isDone, 3_000 * VirtualNet.SECOND))
                    .as("seed %d, %s", seed, net.link.effects())
                    .isTrue();
            client.assertEchoed();
            assertThat(net.link.effects().lost()).isPositive();
            assertThat(net.link.effects().corrupted()).isPositive();
            assertThat(net.link.effects().duplicated()).isPositive();
            assertThat(net.link.effects().reordered()).isPositive();
            assertThat(net.runUntil(() -> server.open == 0, 1_000 * VirtualNet.SECOND))
                    .isTrue();
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void aThousandConnectionsAtOnce() {
        long seed = 6;
        try (VirtualNet net = VirtualNet.simple(seed)) {
            net.link.impair(Impairments.NONE.withLoss(0.002));
            EchoServer server = EchoServer.listen(net.serverThread(), PORT);
            List<StreamClient> clients = new ArrayList<>();
            Random random = new Random(seed);
            for (int i = 0; i < 1_000; i++) {
                clients.add(
                        new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 1 + random.nextInt(20_000), i));
            }
            assertThat(net.runUntil(
                            () -> clients.stream().allMatch(client -> client.connected), 100 * VirtualNet.SECOND))
                    .isTrue();
            assertThat(net.runUntil(() -> clients.stream().allMatch(StreamClient::isDone), 1_000 * VirtualNet.SECOND))
                    .isTrue();
            clients.forEach(StreamClient::assertEchoed);
            assertThat(server.accepted).isEqualTo(1_000);
            assertThat(net.runUntil(() -> server.open == 0, 1_000 * VirtualNet.SECOND))
                    .isTrue();
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void ownAddressIsReachedOverTheLoopback() {
        try (VirtualNet net = VirtualNet.simple(7)) {
            EchoServer.listen(net.serverThread(), PORT);
            StreamClient overLoopback =
                    new StreamClient(net.serverThread(), Address.parse("127.0.0.1"), PORT, 100_000, 1);
            StreamClient overOwn = new StreamClient(net.serverThread(), VirtualNet.SERVER, PORT, 100_000, 1);
            assertThat(net.runUntil(() -> overLoopback.isDone() && overOwn.isDone(), 10 * VirtualNet.SECOND))
                    .isTrue();
            overLoopback.assertEchoed();
            overOwn.assertEchoed();
            assertThat(net.link.a().statistics().rxPackets()).isZero();
        }
    }
}
