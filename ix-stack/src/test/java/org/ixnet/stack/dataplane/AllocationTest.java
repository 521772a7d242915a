package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.AllocatedBytes;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.junit.jupiter.api.Test;

/** Once connections stand, a cycle allocates nothing, whatever way its packets take. */
class AllocationTest {
    private static final int PORT = 7;
    private static final int MESSAGE_BYTES = 64;
    private static final int CONNECTIONS = 16;
    private static final int WARM_UP_CYCLES = 10_000;
    private static final int CYCLES = 5_000;
    /** What the measurement itself and late work of the JIT may cost; one object a cycle would be 80,000 bytes. */
    private static final long NOISE_BYTES = 2_000;

    /** Sends a message whenever the last one came back. */
    private static final class Ping implements ConnectionUser {
        private final ElasticThread thread;
        private final long message;
        private int receivedBytes;
        long rounds;

        Ping(ElasticThread thread, long message) {
            this.thread = thread;
            this.message = message;
        }

        @Override
        public void connected(Tcb tcb) {
            thread.tcp().send(tcb, message, MESSAGE_BYTES);
        }

        @Override
        public void readable(Tcb tcb) {
            receivedBytes += VirtualNet.drain(thread, tcb);
            if (receivedBytes == MESSAGE_BYTES) {
                receivedBytes = 0;
                rounds++;
                thread.tcp().send(tcb, message, MESSAGE_BYTES);
            }
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {}

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            if (reason != DeathReason.NO_RESOURCES) { // the end of the test
                throw new AssertionError(reason);
            }
        }
    }

    /**
     * @param strays whether every connection of the server moves away from the owner of its flow group first
     * @param waiting whether the servers poll in vain before each batch, so that they answer it in parts
     */
    private static void echo(int serverThreads, int serverQueues, boolean strays, boolean waiting) throws Exception {
        try (VirtualNet net = new VirtualNet(
                VirtualNet.end("a", 0x02_00_00_00_00_0aL),
                VirtualNet.end("b", 0x02_00_00_00_00_0bL).withQueues(serverQueues),
                1,
                serverThreads,
                1)) {
            net.run(VirtualNet.MILLI);
            List<EchoServer> servers = net.serverThreads.stream()
                    .map(thread -> EchoServer.listen(thread, PORT))
                    .toList();
            List<Ping> pings = connect(net);
            assertThat(net.runUntil(() -> pings.stream().allMatch(ping -> ping.rounds > 2), VirtualNet.SECOND))
                    .isTrue();
            if (strays) {
                servers.forEach(server -> SteeringTest.moveAll(server, servers.getLast()));
            }
            ElasticThread[] threads = net.serverThreads.toArray(ElasticThread[]::new);
            ElasticThread client = net.clientThread();
            for (int i = 0; i < WARM_UP_CYCLES; i++) {
                cycle(net, client, threads, waiting);
            }
            long roundsBefore = pings.stream().mapToLong(ping -> ping.rounds).sum();
            long burstsBefore = bursts(net);
            long before = AllocatedBytes.ofThisThread();
            for (int i = 0; i < CYCLES; i++) {
                cycle(net, client, threads, waiting);
            }
            long bytes = AllocatedBytes.ofThisThread() - before;
            long rounds = pings.stream().mapToLong(ping -> ping.rounds).sum() - roundsBefore;
            assertThat(rounds).isGreaterThan(CYCLES);
            if (waiting) {
                assertThat(bursts(net) - burstsBefore).isGreaterThan(2 * CYCLES);
            }
            assertThat(bytes).as("bytes in %d echoes", rounds).isLessThan(NOISE_BYTES);
        }
    }

    private static List<Ping> connect(VirtualNet net) throws IOException {
        long message = Arena.ofAuto().allocate(MESSAGE_BYTES).address();
        List<Ping> pings = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Ping ping = new Ping(net.clientThread(), message);
            net.clientThread()
                    .tcp()
                    .open(0, 0, 0, VirtualNet.SERVER.hi(), VirtualNet.SERVER.lo(), PORT, net.options(), ping);
            pings.add(ping);
        }
        return pings;
    }

    private static long bursts(VirtualNet net) {
        return net.serverThread().snapshot().counters().getOrDefault("transmit.BURSTS", 0L);
    }

    private static void cycle(VirtualNet net, ElasticThread client, ElasticThread[] servers, boolean waiting) {
        net.nowNanos += 2_000;
        if (waiting) {
            for (ElasticThread server : servers) {
                server.pollOnce(net.nowNanos);
            }
        }
        client.pollOnce(net.nowNanos);
        for (ElasticThread server : servers) {
            server.pollOnce(net.nowNanos);
        }
    }

    @Test
    void oneThread() throws Exception {
        echo(1, 1, false, false);
    }

    @Test
    void answeredInParts() throws Exception {
        echo(1, 1, false, true);
    }

    @Test
    void handedOverBetweenThreads() throws Exception {
        echo(4, 1, false, false);
    }

    @Test
    void strays() throws Exception {
        echo(4, 2, true, false);
    }
}
