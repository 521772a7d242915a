package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.junit.jupiter.api.Test;

/** What a cycle takes, and in how many bursts its answers leave. */
class BatchingTest {
    private static final int PORT = 7;
    private static final int BOUND = 16;
    private static final long MESSAGE = Arena.global().allocate(1 << 14).address();

    /** Sends when it is told to. */
    private static final class Client implements ConnectionUser {
        private final ElasticThread thread;
        private final Tcb tcb;
        private boolean connected;
        private int sendWhenConnected;
        private long receivedBytes;
        private int readAhead;

        Client(VirtualNet net) throws IOException {
            this(net, PORT);
        }

        Client(VirtualNet net, int port) throws IOException {
            thread = net.clientThread();
            tcb = thread.tcp().open(0, 0, 0, VirtualNet.SERVER.hi(), VirtualNet.SERVER.lo(), port, net.options(), this);
        }

        void send(int bytes) {
            assertThat(thread.tcp().send(tcb, MESSAGE, bytes)).isEqualTo(bytes);
        }

        @Override
        public long readAhead() {
            return ++readAhead;
        }

        @Override
        public void connected(Tcb tcb) {
            connected = true;
            send(sendWhenConnected);
        }

        @Override
        public void readable(Tcb tcb) {
            receivedBytes += VirtualNet.drain(thread, tcb);
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {}

        @Override
        public void dead(Tcb tcb, DeathReason reason) {}
    }

    private static List<Client> connect(VirtualNet net, int connections) throws IOException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            clients.add(new Client(net));
        }
        assertThat(net.runUntil(() -> clients.stream().allMatch(client -> client.connected), 10 * VirtualNet.SECOND))
                .isTrue();
        net.run(VirtualNet.SECOND); // nothing more is due
        return clients;
    }

    private static void cycle(VirtualNet net, ElasticThread thread) {
        net.nowNanos += 2_000;
        thread.pollOnce(net.nowNanos);
    }

    private static long count(ElasticThread thread, String counter) {
        return thread.snapshot().counters().getOrDefault(counter, 0L);
    }

    /** {packets received, packets sent, bursts} of one cycle. */
    private static List<Long> traffic(VirtualNet net, ElasticThread thread) {
        List<String> counters = List.of("thread.RX_PACKETS", "transmit.PACKETS", "transmit.BURSTS");
        List<Long> before = counters.stream().map(c -> count(thread, c)).toList();
        cycle(net, thread);
        List<Long> change = new ArrayList<>();
        for (int i = 0; i < counters.size(); i++) {
            change.add(count(thread, counters.get(i)) - before.get(i));
        }
        return change;
    }

    @Test
    void aBatchForWhichTheThreadWaitedIsAnsweredInPartsWithoutPureAcks() throws IOException {
        try (VirtualNet net = VirtualNet.simple(1)) {
            EchoServer.listen(net.serverThread(), PORT);
            List<Client> clients = connect(net, BOUND);
            cycle(net, net.serverThread());
            clients.forEach(client -> client.send(64));
            cycle(net, net.clientThread());
            assertThat(traffic(net, net.serverThread())).containsExactly(16L, 16L, 4L);
            assertThat(net.runUntil(
                            () -> clients.stream().allMatch(client -> client.receivedBytes == 64), VirtualNet.SECOND))
                    .isTrue();
        }
    }

    @Test
    void underCongestionABatchLeavesInOneBurst() throws IOException {
        try (VirtualNet net = VirtualNet.simple(2)) {
            EchoServer.listen(net.serverThread(), PORT);
            List<Client> clients = connect(net, 3 * BOUND);
            cycle(net, net.serverThread());
            clients.forEach(client -> client.send(64));
            cycle(net, net.clientThread());
            assertThat(traffic(net, net.serverThread())).containsExactly(16L, 16L, 4L);
            assertThat(traffic(net, net.serverThread())).containsExactly(16L, 16L, 1L);
            assertThat(traffic(net, net.serverThread())).containsExactly(16L, 16L, 1L);
            assertThat(traffic(net, net.serverThread())).containsExactly(0L, 0L, 0L);
        }
    }

    @Test
    void aConnectionThatArrivesWithDataIsAcceptedAndAnsweredInOneCycle() throws IOException {
        try (VirtualNet net = VirtualNet.simple(5)) {
            EchoServer.listen(net.serverThread(), PORT);
            connect(net, 1); // neighbours know each other
            Client client = new Client(net);
            client.sendWhenConnected = 64;
            while (!client.connected) {
                cycle(net, net.serverThread());
                cycle(net, net.clientThread());
            }
            cycle(net, net.serverThread());
            cycle(net, net.clientThread());
            assertThat(client.receivedBytes).isEqualTo(64);
        }
    }

    /** The connections of a batch are read before it is processed, but only where there are too many for the caches. */
    @Test
    void withManyConnectionsTheyAreReadAhead() throws IOException {
        try (VirtualNet net = VirtualNet.simple(6)) {
            EchoServer.listen(net.serverThread(), PORT);
            EchoServer.listen(net.serverThread(), PORT + 1);
            List<Client> few = connect(net, BOUND);
            few.forEach(client -> client.send(64));
            assertThat(net.runUntil(
                            () -> few.stream().allMatch(client -> client.receivedBytes == 64), VirtualNet.SECOND))
                    .isTrue();
            assertThat(count(net.serverThread(), "tcp.READ_AHEAD")).isZero();
            for (int connections = BOUND; connections < 32_768; connections += BOUND) {
                List<Client> more = new ArrayList<>();
                for (int i = 0; i < BOUND; i++) {
                    more.add(new Client(net, PORT + (connections >> 14)));
                }
                assertThat(net.runUntil(() -> more.stream().allMatch(client -> client.connected), VirtualNet.SECOND))
                        .isTrue();
            }
            Client first = few.getFirst();
            while (first.receivedBytes < 2 * 64) { // the threads ask now and then how many there are
                long answered = first.receivedBytes;
                first.send(1);
                assertThat(net.runUntil(() -> first.receivedBytes > answered, VirtualNet.SECOND))
                        .isTrue();
            }
            net.run(VirtualNet.SECOND); // nothing more is due
            cycle(net, net.serverThread());
            long before = count(net.serverThread(), "tcp.READ_AHEAD");
            few.forEach(client -> client.send(64));
            cycle(net, net.clientThread());
            cycle(net, net.serverThread());
            assertThat(count(net.serverThread(), "tcp.READ_AHEAD") - before).isEqualTo(BOUND);
            List<Integer> readBefore =
                    few.stream().map(client -> client.readAhead).toList();
            cycle(net, net.clientThread());
            assertThat(few.stream().map(client -> client.readAhead).toList())
                    .isEqualTo(readBefore.stream().map(times -> times + 1).toList());
            assertThat(few).allMatch(client -> client.receivedBytes == (client == first ? 192 : 128));
        }
    }

    @Test
    void oneConnectionIsServedWhole() throws IOException {
        try (VirtualNet net = VirtualNet.simple(3)) {
            EchoServer.listen(net.serverThread(), PORT);
            Client client = connect(net, 1).getFirst();
            cycle(net, net.serverThread());
            client.send(8_192);
            cycle(net, net.clientThread());
            assertThat(traffic(net, net.serverThread())).containsExactly(6L, 6L, 1L);
        }
    }

    @Test
    void queuesTakeTurnsInBeingFirstSinceAFullOneUsesUpTheBound() {
        VirtualLink.End end = VirtualNet.end("b", 0x02_00_00_00_00_0bL).withQueues(3);
        try (VirtualLink link = new VirtualLink(VirtualNet.end("a", 0x02_00_00_00_00_0aL), end, () -> 0, 1)) {
            QueueSet queues = new QueueSet(link.b());
            queues.nextTurn();
            assertThat(queues.count()).isZero();
            List.of(0, 1, 2).forEach(queues::add);
            List<DeviceQueue> first = new ArrayList<>();
            for (int turn = 0; turn < 6; turn++) {
                queues.nextTurn();
                first.add(queues.inTurn(0));
                assertThat(List.of(queues.inTurn(0), queues.inTurn(1), queues.inTurn(2)))
                        .doesNotHaveDuplicates();
            }
            assertThat(first.subList(0, 3))
                    .containsExactlyInAnyOrder(
                            link.b().queue(0), link.b().queue(1), link.b().queue(2))
                    .isEqualTo(first.subList(3, 6));
        }
    }
}
