package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.tcp.Tcb;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Elastic threads on platform threads of their own, as event loops would run them. */
class RealThreadsTest {
    private static final int PORT = 7;

    /** What an event loop does, without Netty. */
    private static final class Loop extends Thread {
        private final Dataplane dataplane;
        private final CountDownLatch started = new CountDownLatch(1);
        private final AtomicReference<@Nullable Throwable> failure;
        private volatile boolean stop;
        volatile ElasticThread thread;

        Loop(Dataplane dataplane, String name, AtomicReference<@Nullable Throwable> failure) {
            super(name);
            this.dataplane = dataplane;
            this.failure = failure;
        }

        @Override
        public void run() {
            try {
                ElasticThread own = dataplane.attach(() -> {});
                thread = own;
                started.countDown();
                while (!stop) {
                    long now = System.nanoTime();
                    if (own.pollOnce(now) == 0) {
                        own.idle(now, 10_000_000);
                    }
                }
                own.detach();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            } finally {
                started.countDown();
            }
        }

        void end() throws InterruptedException {
            stop = true;
            thread.wakeup();
            join(TimeUnit.SECONDS.toMillis(20));
            assertThat(isAlive()).isFalse();
        }
    }

    private static Loop start(Dataplane dataplane, String name, AtomicReference<@Nullable Throwable> failure)
            throws InterruptedException {
        Loop loop = new Loop(dataplane, name, failure);
        loop.start();
        loop.started.await();
        return loop;
    }

    private static void waitFor(java.util.function.BooleanSupplier done, AtomicReference<@Nullable Throwable> failure)
            throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!done.getAsBoolean()) {
            assertThat(failure.get()).isNull();
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(1);
        }
    }

    @Test
    @Timeout(120)
    void loopsComeAndGoUnderLoad() throws InterruptedException {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        VirtualLink.End a = VirtualNet.end("a", 0x02_00_00_00_00_0aL);
        VirtualLink.End b = VirtualNet.end("b", 0x02_00_00_00_00_0bL).withQueues(2);
        VirtualLink link = new VirtualLink(a, b, System::nanoTime, 1);
        link.impair(Impairments.NONE.withLoss(0.001));
        Dataplane client = Dataplane.open(VirtualNet.config(VirtualNet.CLIENT, a, 2, 1, Distribution.AUTO), link.a());
        Dataplane server = Dataplane.open(VirtualNet.config(VirtualNet.SERVER, b, 3, 2, Distribution.AUTO), link.b());
        AtomicInteger listening = new AtomicInteger();
        AtomicInteger accepted = new AtomicInteger();
        AtomicInteger inconsistent = new AtomicInteger();
        Consumer<ElasticThread> listen = thread -> {
            EchoServer echo = EchoServer.listen(thread, PORT);
            echo.onAccept = () -> accepted.incrementAndGet();
            echo.onInconsistent = () -> inconsistent.incrementAndGet();
            listening.incrementAndGet();
        };
        server.onEachThread(listen);
        List<Loop> servers = new ArrayList<>();
        List<Loop> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(start(server, "server-" + i, failure));
        }
        for (int i = 0; i < 2; i++) {
            clients.add(start(client, "client-" + i, failure));
        }
        waitFor(() -> listening.get() == 3, failure);
        List<StreamClient> streams = connect(clients, 60, 100_000, failure);
        // A fourth thread comes, then one goes, while data flows. Connections of the one that goes are reset.
        servers.add(start(server, "server-3", failure));
        waitFor(() -> listening.get() == 4, failure);
        servers.removeFirst().end();
        waitFor(() -> streams.stream().allMatch(StreamClient::isDone), failure);
        List<StreamClient> late = connect(clients, 30, 20_000, failure);
        waitFor(() -> late.stream().allMatch(StreamClient::isDone), failure);

        DataplaneSnapshot snapshot = server.snapshot();
        assertThat(snapshot.threads()).hasSize(3);
        assertThat(snapshot.threads().stream()
                        .mapToInt(DataplaneSnapshot.ThreadSnapshot::flowGroups)
                        .sum())
                .isEqualTo(128);
        assertThat(snapshot.threads()).allMatch(each -> each.busyShare() > 0 && each.busyShare() <= 1);
        for (Loop loop : List.copyOf(clients)) {
            loop.end();
        }
        for (Loop loop : List.copyOf(servers)) {
            loop.end();
        }
        assertThat(failure.get()).isNull();
        assertThat(inconsistent).hasValue(0);
        long finished = streams.stream().filter(stream -> stream.finished).count();
        assertThat(finished).isPositive();
        assertThat(accepted.get()).isGreaterThanOrEqualTo((int) finished + 30);
        streams.stream().filter(stream -> stream.finished).forEach(StreamClient::assertEchoed);
        assertThat(late).allMatch(stream -> stream.finished);
        late.forEach(StreamClient::assertEchoed);
        assertAllMbufsBack(link);
        client.release();
        server.release();
        assertThat(server.isClosed()).isTrue();
    }

    private static List<StreamClient> connect(
            List<Loop> loops, int count, long bytes, AtomicReference<@Nullable Throwable> failure)
            throws InterruptedException {
        StreamClient[] streams = new StreamClient[count];
        AtomicInteger opened = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            int index = i;
            ElasticThread thread = loops.get(i % loops.size()).thread;
            thread.execute(() -> {
                streams[index] = new StreamClient(thread, VirtualNet.SERVER, PORT, bytes, index);
                opened.incrementAndGet();
            });
        }
        waitFor(() -> opened.get() == count, failure);
        return List.of(streams);
    }

    /** Connections are given from thread to thread and back while they carry data. */
    @Test
    @Timeout(120)
    void connectionsMoveBetweenRunningThreads() throws InterruptedException {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        VirtualLink.End a = VirtualNet.end("a", 0x02_00_00_00_00_0aL);
        VirtualLink.End b = VirtualNet.end("b", 0x02_00_00_00_00_0bL);
        VirtualLink link = new VirtualLink(a, b, System::nanoTime, 2);
        Dataplane client = Dataplane.open(VirtualNet.config(VirtualNet.CLIENT, a, 1, 1, Distribution.AUTO), link.a());
        Dataplane server = Dataplane.open(VirtualNet.config(VirtualNet.SERVER, b, 3, 2, Distribution.AUTO), link.b());
        List<EchoServer> echoes = java.util.Collections.synchronizedList(new ArrayList<>());
        server.onEachThread(thread -> echoes.add(EchoServer.listen(thread, PORT)));
        List<Loop> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(start(server, "server-" + i, failure));
        }
        List<Loop> clients = List.of(start(client, "client", failure));
        waitFor(() -> echoes.size() == 3, failure);
        List<StreamClient> streams = connect(clients, 12, 2_000_000, failure);
        AtomicInteger moves = new AtomicInteger();
        while (!streams.stream().allMatch(StreamClient::isDone)) {
            assertThat(failure.get()).isNull();
            for (int i = 0; i < 3; i++) {
                EchoServer from = echoes.get(i);
                EchoServer to = echoes.get((i + 1) % 3);
                from.thread.execute(() -> moveAll(from, to, moves));
            }
            Thread.sleep(2);
        }
        for (Loop loop : List.copyOf(clients)) {
            loop.end();
        }
        for (Loop loop : servers) {
            loop.end();
        }
        assertThat(failure.get()).isNull();
        streams.forEach(StreamClient::assertEchoed);
        assertThat(moves.get()).isGreaterThan(12);
        assertThat(echoes).allMatch(echo -> echo.consistent);
        assertAllMbufsBack(link);
        client.release();
        server.release();
    }

    /** What one end sent when the other had ended is still on the wire, in the receiver's mbufs. */
    private static void assertAllMbufsBack(VirtualLink link) {
        assertThat(link.a().mbufStore().availableMbufs() + link.b().mbufStore().availableMbufs() + link.inFlight())
                .isEqualTo(link.a().mbufStore().capacityMbufs()
                        + link.b().mbufStore().capacityMbufs());
    }

    private static void moveAll(EchoServer from, EchoServer to, AtomicInteger moves) {
        List<Tcb> all = new ArrayList<>();
        from.thread.tcpLayer().forEachConnection(all::add);
        for (Tcb tcb : all) {
            if (tcb.userHandle instanceof EchoServer.Connection connection && !tcb.isDead()) {
                from.open--;
                moves.incrementAndGet();
                from.thread.moveConnection(Objects.requireNonNull(tcb), to.thread, () -> {
                    connection.home = to;
                    to.open++;
                });
            }
        }
    }
}
