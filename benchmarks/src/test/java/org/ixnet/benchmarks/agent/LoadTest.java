package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The load generators against a server in the same process, over nio on loopback, a tenth of a second each. */
@Timeout(60)
class LoadTest {
    private static final String HOST = "127.0.0.1";

    private static Server server;
    private static Client client;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        Path keys = directory.resolve("keys.p12");
        SelfSigned.create(keys);
        server = new Server(TransportKind.NIO, HOST);
        server.open(
                EnumSet.of(Service.ECHO, Service.MESSAGE, Service.SINK, Service.TLS), SelfSigned.serverContext(keys));
        client = new Client(TransportKind.NIO, HOST);
        Files.delete(keys);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static Command command(double seconds) {
        return Command.of("run").with("warmup", 0.05).with("seconds", seconds);
    }

    private static Map<String, Double> run(Load load) throws Exception {
        List<String> said = new ArrayList<>();
        Map<String, Double> result = load.run(command(0.1), said::add);
        assertThat(said).containsExactly("begin", "end");
        assertThat(result.get("seconds")).isBetween(0.09, 5.0);
        return result;
    }

    private static ClosedLoad closed(int connections, int messages, boolean reset, int window, Service service) {
        ClosedLoad.Settings settings =
                new ClosedLoad.Settings(connections, 1, messages, reset, window, 0, service, service == Service.TLS);
        return new ClosedLoad(client, settings, client.echoWorkload(64));
    }

    @Test
    void closedLoopCountsAnswersAndTheirLatency() throws Exception {
        Map<String, Double> result = run(closed(4, 0, true, 0, Service.ECHO));
        assertThat(result.get("messages")).isPositive();
        assertThat(result.get("p50_us")).isPositive();
        assertThat(result).containsEntry("connections", 0.0);
    }

    @Test
    void shortConnectionsAreClosedByResetOrByFinAndOpenedAnew() throws Exception {
        for (boolean reset : new boolean[] {true, false}) {
            Map<String, Double> result = run(closed(4, 2, reset, 0, Service.ECHO));
            assertThat(result.get("connections")).isPositive();
            assertThat(result.get("messages")).isBetween(result.get("connections"), 3 * result.get("connections") + 8);
        }
    }

    @Test
    void aWindowWalksAroundAllConnections() throws Exception {
        assertThat(run(closed(50, 0, true, 5, Service.ECHO)).get("messages")).isPositive();
    }

    @Test
    void tlsIsReadyAfterItsHandshake() throws Exception {
        assertThat(run(closed(2, 0, true, 0, Service.TLS)).get("messages")).isPositive();
    }

    @Test
    void pingPongHandlesMessagesLargerThanAnyBuffer() throws Exception {
        assertThat(run(new PingPongLoad(client, 1)).get("messages")).isPositive();
        assertThat(run(new PingPongLoad(client, 1 << 20)).get("messages")).isPositive();
    }

    @Test
    void bulkArrivesAtTheServer() throws Exception {
        double before = server.figures().get("sink_bytes");
        run(new BulkLoad(client));
        assertThat(server.figures().get("sink_bytes") - before).isGreaterThan(100_000);
    }

    @Test
    void openLoopKeepsTheRateThatItIsAskedFor() throws Exception {
        OpenLoad.Settings settings = new OpenLoad.Settings(2_000, 4, 4, Service.ECHO, false, true);
        OpenLoad load = new OpenLoad(client, settings, client.echoWorkload(64));
        Map<String, Double> result = load.run(command(0.5), word -> {});
        // Due, answered or not, so that a busy machine does not matter.
        double due = result.get("messages") + result.get("unanswered");
        assertThat(due / result.get("seconds")).isBetween(1_000.0, 4_000.0);
        assertThat(result.get("probe_p50_us")).isPositive();
    }

    @Test
    void openLoopAloneWithItsLatencyClientMeasuresTheUnloadedServer() throws Exception {
        OpenLoad.Settings settings = new OpenLoad.Settings(0, 1, 1, Service.ECHO, false, true);
        Map<String, Double> result = run(new OpenLoad(client, settings, client.echoWorkload(64)));
        assertThat(result).containsEntry("messages", 0.0).containsKey("probe_p99_us");
    }

    @Test
    void aServerThatCannotKeepUpIsSeenInTheLatency() throws Exception {
        // Far more than nio can do: the requests that wait must count with their age.
        OpenLoad.Settings settings = new OpenLoad.Settings(3_000_000, 2, 1, Service.ECHO, false, false);
        Map<String, Double> result = run(new OpenLoad(client, settings, client.echoWorkload(64)));
        assertThat(result.get("unanswered")).isGreaterThan(result.get("messages"));
        assertThat(result.get("p99_us")).isGreaterThan(10_000);
    }

    @Test
    void aMissingServerIsAFailureWithItsCause() {
        assertThatThrownBy(() -> run(new OpenLoad(
                        client,
                        new OpenLoad.Settings(1, 1, 1, Service.MEMCACHED, false, false),
                        client.echoWorkload(64))))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("refused");
    }

    @Test
    void aWrongAnswerIsAFailure() {
        CacheWorkload cache = client.cacheWorkload(CacheProfile.USR);
        ClosedLoad.Settings settings = new ClosedLoad.Settings(1, 1, 0, true, 0, 0, Service.ECHO, false);
        assertThatThrownBy(() -> run(new ClosedLoad(client, settings, cache)))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("the answer begins with 's', not 'S'");
    }
}
