package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcpState;
import org.junit.jupiter.api.Test;

class DataplaneTest {
    private static final int PORT = 7;

    private static IxConfigBuilder virtual(String name) {
        return IxConfig.builder()
                .device("virtual")
                .interfaceName(name)
                .hostAddress(null)
                .mbufs(8192);
    }

    @Test
    void equalConfigurationsShareOneDataplaneUntilTheLastRelease() {
        IxConfig config = virtual("shared").build();
        Dataplane first = Dataplane.acquire(config);
        Dataplane second = Dataplane.acquire(virtual("shared").build());
        assertThat(second).isSameAs(first);
        ElasticThread thread = first.attach(() -> {});
        first.release();
        second.release();
        assertThat(first.isClosed()).as("a thread is attached").isFalse();
        thread.detach();
        assertThat(first.isClosed()).isTrue();
        assertThatThrownBy(() -> first.attach(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
        assertThatThrownBy(first::release).isInstanceOf(IllegalStateException.class);
        Dataplane third = Dataplane.acquire(config);
        assertThat(third).isNotSameAs(first);
        third.release();
        assertThat(third.isClosed()).isTrue();
    }

    @Test
    void hardwareDistributionWithoutRssIsAnError() {
        IxConfig config = virtual("no-rss")
                .deviceArguments(java.util.Map.of("rss", "false"))
                .distribution(Distribution.HARDWARE)
                .loops(2)
                .build();
        assertThatThrownBy(() -> Dataplane.acquire(config))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("distribution is hardware, but device")
                .hasMessageContaining("has no RSS; lower loops (-Dix.loops), or use auto or software");
        // The device is free again.
        Dataplane.acquire(virtual("no-rss").build()).release();
    }

    @Test
    void moreLoopsThanQueuesIsAnErrorWithHardwareDistributionOnly() {
        IxConfigBuilder builder = virtual("few").queues(2).loops(3);
        assertThatThrownBy(() -> Dataplane.acquire(
                        builder.distribution(Distribution.HARDWARE).build()))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("loops is 3 and device")
                .hasMessageContaining("has 2 queues; lower loops");
        Dataplane dataplane =
                Dataplane.acquire(builder.distribution(Distribution.AUTO).build());
        assertThat(dataplane.distribution()).isEqualTo("hardware");
        dataplane.release();
    }

    @Test
    void deviceWithoutProviderIsNamedWithThoseThatAreThere() {
        assertThatThrownBy(() -> Dataplane.acquire(
                        IxConfig.builder().device("memif").interfaceName("x").build()))
                .isInstanceOf(DeviceException.class)
                .hasMessage("no provider for device memif; must be one of virtual (IxConfig.device / -Dix.device)");
    }

    @Test
    void attachBeyondMaxThreadsFailsAndASlotIsUsedAgain() {
        Dataplane dataplane =
                Dataplane.acquire(virtual("slots").maxThreads(2).loops(1).build());
        ElasticThread first = dataplane.attach(() -> {});
        ElasticThread second = dataplane.attach(() -> {});
        assertThatThrownBy(() -> dataplane.attach(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("maxThreads is 2 and as many elastic threads are attached; raise it"
                        + " (IxConfig.maxThreads / -Dix.maxThreads)");
        assertThat(dataplane.threads()).containsExactly(first, second);
        first.detach();
        first.detach();
        assertThat(first.isAttached()).isFalse();
        assertThat(first.execute(() -> {})).isFalse();
        ElasticThread third = dataplane.attach(() -> {});
        assertThat(third.index()).isZero();
        second.detach();
        third.detach();
        dataplane.release();
        assertThat(dataplane.isClosed()).isTrue();
    }

    @Test
    void listenersMeetThreadsThatAreThereAndThatComeLater() {
        try (VirtualNet net = VirtualNet.simple(1)) {
            List<Integer> met = new ArrayList<>();
            java.util.function.Consumer<ElasticThread> listener = thread -> {
                assertThat(thread.inThread()).isTrue();
                met.add(thread.index());
            };
            net.server.onEachThread(listener);
            assertThat(met).isEmpty();
            net.step();
            assertThat(met).containsExactly(0);
            net.serverThreads.add(net.server.attach(() -> {}, net.nowNanos));
            net.step();
            assertThat(met).containsExactly(0, 1);
            net.server.removeOnEachThread(listener);
            net.serverThreads.add(net.server.attach(() -> {}, net.nowNanos));
            net.step();
            assertThat(met).containsExactly(0, 1);
        }
    }

    @Test
    void aTaskThatFailsEndsNoCycle() {
        try (VirtualNet net = VirtualNet.simple(2)) {
            List<Throwable> reported = new ArrayList<>();
            Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> reported.add(failure));
            AtomicInteger ran = new AtomicInteger();
            net.serverThread().execute(() -> {
                throw new IllegalStateException("on purpose");
            });
            net.serverThread().execute(ran::incrementAndGet);
            net.step();
            Thread.currentThread().setUncaughtExceptionHandler(null);
            assertThat(ran).hasValue(1);
            assertThat(reported).hasSize(1);
        }
    }

    /** Keeps every mbuf that it gets. */
    private static final class Hoarder implements ConnectionUser {
        private final ElasticThread thread;
        final List<Long> mbufs = new ArrayList<>();

        Hoarder(ElasticThread thread) {
            this.thread = thread;
        }

        @Override
        public void connected(Tcb tcb) {}

        @Override
        public void readable(Tcb tcb) {
            long mbuf;
            while ((mbuf = thread.tcp().receive(tcb)) != 0) {
                thread.mbufTaken();
                mbufs.add(mbuf);
                thread.tcp().receiveDone(tcb, org.ixnet.stack.memory.Mbuf.payloadLengthBytes(mbuf));
            }
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {}

        @Override
        public void dead(Tcb tcb, DeathReason reason) {}
    }

    @Test
    void heldMbufsKeepTheDeviceOpenAndRaiseThePressure() throws java.io.IOException {
        VirtualLink.End b = VirtualNet.end("b", 0x02_00_00_00_00_0bL).withMbufs(4096, 2048);
        VirtualNet net = new VirtualNet(VirtualNet.end("a", 0x02_00_00_00_00_0aL), b, 1, 1, 3);
        ElasticThread thread = net.serverThread();
        Hoarder hoarder = new Hoarder(thread);
        thread.tcp().listen(0, 0, PORT, 16, net.options(), listener -> {
            Tcb tcb = thread.tcp().accept(listener);
            if (tcb != null) {
                thread.tcp().attach(tcb, hoarder);
            }
        });
        new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 8 << 20, 1);
        assertThat(thread.underPressure()).isFalse();
        assertThat(net.runUntil(thread::underPressure, 10 * VirtualNet.SECOND)).isTrue();
        assertThat(thread.heldMbufs()).isEqualTo(hoarder.mbufs.size()).isGreaterThan(2_000);
        // Back below the watermark: the thread that held all gives half back.
        for (int i = 0; i < 1_500; i++) {
            thread.mbufReturned(hoarder.mbufs.removeLast());
        }
        net.run(5 * VirtualNet.MILLI);
        int held = hoarder.mbufs.size();
        assertThat(thread.heldMbufs()).isEqualTo(held);

        net.detach(net.clientThread());
        net.run(5 * VirtualNet.MILLI); // its RST would else lie on the wire, in an mbuf
        net.close();
        assertThat(net.client.isClosed()).isTrue();
        assertThat(net.server.isClosed()).isFalse();
        long last = hoarder.mbufs.removeLast();
        hoarder.mbufs.forEach(net.server::returnMbuf);
        assertThat(net.server.isClosed()).isFalse();
        assertThat(net.link.b().mbufStore().availableMbufs()).isEqualTo(4095);
        thread.mbufReturned(last);
        assertThat(net.server.isClosed()).isTrue();
    }

    @Test
    void snapshotShowsThreadsAndConnections() throws InterruptedException {
        try (VirtualNet net = VirtualNet.simple(4)) {
            EchoServer.listen(net.serverThread(), PORT);
            StreamClient client = new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 1 << 20, 1);
            assertThat(net.runUntil(() -> client.receivedBytes > 10_000, VirtualNet.SECOND))
                    .isTrue();
            assertThatThrownBy(net.server::snapshot)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("must not wait");
            List<DataplaneSnapshot> taken = new ArrayList<>();
            Thread operator = new Thread(() -> taken.add(net.server.snapshot()));
            operator.start();
            while (operator.isAlive()) {
                net.serverThread().pollOnce(net.nowNanos += 1_000);
            }
            operator.join();
            DataplaneSnapshot snapshot = taken.getFirst();
            assertThat(snapshot.driver()).isEqualTo("virtual");
            assertThat(snapshot.distribution()).startsWith("software (emulated): device b");
            assertThat(snapshot.deviceStatistics().rxPackets()).isPositive();
            assertThat(snapshot.connections()).hasSize(1);
            DataplaneSnapshot.ConnectionSnapshot connection =
                    snapshot.connections().getFirst();
            assertThat(connection.local()).isEqualTo("10.1.0.2:7");
            assertThat(connection.remote()).startsWith("10.1.0.1:");
            assertThat(connection.info().state()).isEqualTo(TcpState.ESTABLISHED);
            assertThat(connection.info().bytesReceived()).isGreaterThan(10_000);
            DataplaneSnapshot.ThreadSnapshot thread = snapshot.threads().getFirst();
            assertThat(thread.queues()).containsExactly(0);
            assertThat(thread.flowGroups()).isEqualTo(128);
            assertThat(thread.counters())
                    .containsKeys("thread.CYCLES", "tcp.SEGMENTS_RECEIVED", "ip.DELIVERED", "transmit.PACKETS");
            long packets = 0;
            for (int size = 0; size < thread.batchSizes().size(); size++) {
                packets += size * thread.batchSizes().get(size);
            }
            assertThat(packets)
                    .isEqualTo(thread.counters().get("thread.RX_PACKETS"))
                    .isPositive();
        }
    }

    @Test
    void captureSeesEveryFrameWhileItIsOn() {
        try (VirtualNet net = VirtualNet.simple(5)) {
            EchoServer.listen(net.serverThread(), PORT);
            AtomicInteger received = new AtomicInteger();
            AtomicInteger transmitted = new AtomicInteger();
            net.serverThread().capture(new Capture() {
                @Override
                public void received(long frameAddress, int frameLengthBytes) {
                    received.incrementAndGet();
                }

                @Override
                public void transmitted(long frameAddress, int frameLengthBytes) {
                    transmitted.incrementAndGet();
                }
            });
            StreamClient client = new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 100_000, 1);
            assertThat(net.runUntil(client::isDone, VirtualNet.SECOND)).isTrue();
            net.run(VirtualNet.SECOND);
            assertThat(received.get()).isPositive().isEqualTo((int)
                    net.link.b().statistics().rxPackets());
            assertThat(transmitted.get()).isPositive().isEqualTo((int)
                    net.link.b().statistics().txPackets());
            net.serverThread().capture(null);
            int before = received.get();
            StreamClient second = new StreamClient(net.clientThread(), VirtualNet.SERVER, PORT, 100, 1);
            assertThat(net.runUntil(second::isDone, VirtualNet.SECOND)).isTrue();
            assertThat(received).hasValue(before);
        }
    }
}
