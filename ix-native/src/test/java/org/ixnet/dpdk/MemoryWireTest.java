package org.ixnet.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceStatistics;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wires that are memory: rings inside the process, memif to another one. No privilege needed. */
class MemoryWireTest {
    private static final int FRAMES = 2_000;
    private static final long SECONDS_20 = 20_000_000_000L;

    private final DpdkDeviceProvider provider = new DpdkDeviceProvider();

    @BeforeEach
    void needsDpdk() {
        Exercised.requires("ring", "memif");
    }

    @Test
    void ringCarriesFramesBothWaysOnEachQueue() {
        try (Device left = provider.open(ring("wire.0", 2));
                Device right = provider.open(ring("wire.1", 2));
                FrameExchange leftFrames = new FrameExchange(left);
                FrameExchange rightFrames = new FrameExchange(right)) {
            // Not without checksum=trust: the stack leaves checksums out where this is true.
            assertThat(left.capabilities().memoryWire()).isFalse();
            assertThat(left.macAddress()).isNotEqualTo(right.macAddress());
            for (int queue = 0; queue < 2; queue++) {
                crossRing(leftFrames, rightFrames, queue);
                crossRing(rightFrames, leftFrames, queue);
            }
        }
        Exercised.device("ring");
    }

    private static void crossRing(FrameExchange from, FrameExchange to, int queue) {
        BitSet seen = new BitSet();
        for (int number = 0; number < FRAMES; number++) {
            assertThat(from.send(queue, number, 60 + number % 1400)).isTrue();
            if (number % 50 == 49) {
                to.receive(queue, seen, number + 1, 0L, false);
                to.receive(queue, seen, number + 1, 1_000_000L, false);
            }
        }
        assertThat(to.receive(queue, seen, FRAMES, SECONDS_20, false).cardinality())
                .isEqualTo(FRAMES);
    }

    @Test
    void fullRingTakesNoMoreFramesAndClosingFreesThem() {
        DpdkMbufStore store;
        try (Device left = provider.open(ring("full.0", 1));
                FrameExchange frames = new FrameExchange(left)) {
            int sent = 0;
            while (frames.send(0, sent, 100)) {
                sent++;
            }
            assertThat(sent).isEqualTo(255); // a ring of 256 slots keeps one free
            store = (DpdkMbufStore) left.mbufStore();
        }
        assertThat(store.isFreed()).isTrue();
    }

    @Test
    void ringEndsMustAgree() {
        try (Device left = provider.open(ring("pair.0", 2))) {
            assertThat(left.queueCount()).isEqualTo(2);
            assertThatThrownBy(() -> provider.open(ring("pair.1", 1)))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("queues is 1; the other end of ring 'pair.1' has 2");
            assertThatThrownBy(() -> provider.open(ring("pair.0", 2)))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("is open already");
            try (Device right = provider.open(ring("pair.1", 2))) {
                assertThat(right.queueCount()).isEqualTo(2);
            }
        }
        assertThatThrownBy(() -> provider.open(ring("pair", 1)))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("must be NAME.0 or NAME.1");
    }

    @Test
    void memifReflectsFramesFromAnotherProcessAndSurvivesItsKill(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("wire.sock");
        try (ReflectorProcess killed = ReflectorProcess.start(List.of(), "memif", socket.toString(), "role=server")) {
            assertThat(killed.output()).contains("reflecting on net_memif");
            try (Device device = provider.open(memif(socket.toString(), "client"));
                    FrameExchange frames = new FrameExchange(device)) {
                assertThat(frames.exchange(0, FRAMES, SECONDS_20)).isEqualTo(FRAMES);
                assertThat(device.linkUp()).isTrue();
                assertThatThrownBy(() -> provider.open(memif(socket.toString(), "server")))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("in use: another process listens on it");
                killed.kill();
                // The bursts go on while DPDK takes the shared memory away.
                frames.exchange(0, FRAMES, 500_000_000L);
                assertThat(device.linkUp()).isFalse();
            }
        }
        assertThat(socket).exists(); // left behind
        try (ReflectorProcess second = ReflectorProcess.start(List.of(), "memif", socket.toString(), "role=server")) {
            assertThat(second.output()).contains("reflecting on net_memif");
            for (int peer = 0; peer < 10; peer++) {
                try (Device device = provider.open(memif(socket.toString(), "client"));
                        FrameExchange frames = new FrameExchange(device)) {
                    assertThat(frames.exchange(0, FRAMES, SECONDS_20)).isEqualTo(FRAMES);
                    for (int i = 0; i < 200; i++) {
                        frames.send(0, i, 1000); // some are on their way when the device closes
                    }
                }
            }
            assertThat(second.stop()).isEqualTo(143);
        }
        assertThat(Files.exists(socket)).isFalse();
        Exercised.device("memif");
    }

    @Test
    void memifWorksOverAnAbstractSocketAndAsServer() throws Exception {
        String name = "@ix-native-" + ProcessHandle.current().pid();
        try (Device device = provider.open(memif(name, "server"));
                FrameExchange frames = new FrameExchange(device);
                ReflectorProcess reflector = ReflectorProcess.start(List.of(), "memif", name, "role=client")) {
            assertThat(reflector.output()).contains("reflecting on net_memif");
            assertThat(frames.exchange(0, FRAMES, SECONDS_20)).isEqualTo(FRAMES);
        }
    }

    @Test
    void framesThatTheShimMovesOnMemifAreCountedAsTheDevicesOwn() throws Exception {
        String name = "@ix-native-shim-" + ProcessHandle.current().pid();
        try (ReflectorProcess reflector = ReflectorProcess.start(List.of(), "memif", name, "role=server");
                DpdkDevice client = (DpdkDevice) provider.open(memif(name, "client"));
                FrameExchange frames = new FrameExchange(client)) {
            assertThat(reflector.output()).contains("reflecting on net_memif");
            countsWhatTheShimMoves(client, frames);
        }
        try (DpdkDevice server = (DpdkDevice) provider.open(memif(name + "s", "server"));
                FrameExchange frames = new FrameExchange(server);
                ReflectorProcess reflector = ReflectorProcess.start(List.of(), "memif", name + "s", "role=client")) {
            assertThat(reflector.output()).contains("reflecting on net_memif");
            countsWhatTheShimMoves(server, frames);
        }
    }

    private static void countsWhatTheShimMoves(DpdkDevice device, FrameExchange frames) {
        assertThat(frames.exchange(0, FRAMES, SECONDS_20)).isEqualTo(FRAMES);
        Map<String, Long> extended = device.port().extendedStatistics();
        DeviceStatistics counted = device.statistics();
        movedByTheShim(extended, "tx", counted.txPackets(), counted.txBytes());
        movedByTheShim(extended, "rx", counted.rxPackets(), counted.rxBytes());
    }

    private static void movedByTheShim(Map<String, Long> extended, String way, long frames, long bytes) {
        assertThat(frames).isGreaterThanOrEqualTo(FRAMES);
        assertThat(bytes).isGreaterThan(60 * frames).isLessThan(1460 * frames);
        assertThat(extended)
                .containsEntry(way + "_good_packets", frames)
                .containsEntry(way + "_q0_packets", frames)
                .containsEntry(way + "_good_bytes", bytes)
                .containsEntry(way + "_q0_bytes", bytes);
        // All but the few by which it learns which ring is the queue's.
        assertThat(extended.get(way + "_ix_packets")).isBetween(frames - 200, frames - 2);
    }

    @Test
    void twoMemifWiresOfOneProcessKeepTheirFramesApart() throws Exception {
        String name = "@ix-native-two-" + ProcessHandle.current().pid();
        try (ReflectorProcess one = ReflectorProcess.start(List.of(), "memif", name + "a", "role=server");
                ReflectorProcess two = ReflectorProcess.start(List.of(), "memif", name + "b", "role=server");
                DpdkDevice left = (DpdkDevice) provider.open(memif(name + "a", "client"));
                DpdkDevice right = (DpdkDevice) provider.open(memif(name + "b", "client"));
                FrameExchange leftFrames = new FrameExchange(left);
                FrameExchange rightFrames = new FrameExchange(right)) {
            assertThat(one.output() + two.output()).contains("reflecting on net_memif");
            // A frame that went the other way would come back to another MAC address, which exchange refuses.
            for (int round = 1; round <= 20; round++) {
                assertThat(leftFrames.exchange(0, 100, SECONDS_20)).isEqualTo(100);
                assertThat(rightFrames.exchange(0, 100, SECONDS_20)).isEqualTo(100);
            }
            for (DpdkDevice device : List.of(left, right)) {
                Map<String, Long> extended = device.port().extendedStatistics();
                assertThat(extended.get("tx_ix_packets")).isGreaterThan(1_500L);
                assertThat(extended.get("rx_ix_packets")).isGreaterThan(1_500L);
            }
        }
    }

    @Test
    void bothEndsOfAMemifInOneProcessKeepTheirQueuesApart() {
        String name = "@ix-native-ends-" + ProcessHandle.current().pid();
        try (DpdkDevice server = (DpdkDevice) provider.open(memif(name, "server", 2));
                DpdkDevice client = (DpdkDevice) provider.open(memif(name, "client", 2));
                FrameExchange serverFrames = new FrameExchange(server);
                FrameExchange clientFrames = new FrameExchange(client)) {
            for (int queue = 0; queue < 2; queue++) {
                untilConnected(clientFrames, serverFrames, queue);
                untilConnected(serverFrames, clientFrames, queue);
            }
            for (int round = 0; round < 40; round++) {
                for (int queue = 0; queue < 2; queue++) {
                    crossWithinRound(clientFrames, serverFrames, queue);
                    crossWithinRound(serverFrames, clientFrames, queue);
                }
            }
            for (DpdkDevice device : List.of(server, client)) {
                Map<String, Long> extended = device.port().extendedStatistics();
                assertThat(extended.get("tx_ix_packets")).isGreaterThan(1_500L);
                assertThat(extended.get("rx_ix_packets")).isGreaterThan(1_500L);
            }
        }
    }

    /** A server has room when its client has posted buffers, which it does as it receives. */
    private static void untilConnected(FrameExchange from, FrameExchange to, int queue) {
        long deadline = System.nanoTime() + SECONDS_20;
        while (!from.send(queue, 0, 60)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            to.receive(queue, new BitSet(), 1, 100_000L, false);
        }
        assertThat(to.receive(queue, new BitSet(), 1, SECONDS_20, false).get(0)).isTrue();
    }

    private static void crossWithinRound(FrameExchange from, FrameExchange to, int queue) {
        int first = 100 * queue + 1;
        int end = first + 50;
        for (int number = first; number < end; number++) {
            assertThat(from.send(queue, number, 60 + number)).isTrue();
        }
        BitSet seen = new BitSet();
        seen.set(0, first);
        assertThat(to.receive(queue, seen, end, SECONDS_20, false).cardinality())
                .isEqualTo(end);
    }

    @Test
    void memifCarriesJumboFrames(@TempDir Path directory) throws Exception {
        carriesFrames(directory, 9000, 256, 2048, 9216, FRAMES);
    }

    @Test
    void memifCarriesFramesAsLongAsTheirLengthCanSay(@TempDir Path directory) throws Exception {
        carriesFrames(directory, 65_000, 64, 512, DeviceConfig.usualDataRoomBytes(65_000), 200);
    }

    private void carriesFrames(Path directory, int mtuBytes, int descriptors, int mbufs, int dataRoomBytes, int count)
            throws Exception {
        String socket = directory.resolve("wire.sock").toString();
        DeviceConfig client = new DeviceConfig(
                "memif",
                socket,
                Map.of("role", "client"),
                -1,
                mtuBytes,
                1,
                descriptors,
                descriptors,
                mbufs,
                dataRoomBytes,
                "off",
                0,
                false,
                List.of());
        try (ReflectorProcess reflector =
                        ReflectorProcess.start(List.of(), "memif", socket, "role=server", "mtu=" + mtuBytes);
                Device device = provider.open(client);
                FrameExchange frames = new FrameExchange(device)) {
            assertThat(reflector.output()).contains("reflecting on net_memif");
            assertThat(device.mtuBytes()).isEqualTo(mtuBytes);
            assertThat(frames.exchange(0, count, SECONDS_20, mtuBytes + 14)).isEqualTo(count);
        }
    }

    @Test
    void aClientWithoutAServerSaysWhatToStart(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("none.sock");
        refusedClient(socket)
                .hasMessageContaining("remedy: no process listens on the socket, and this end is role=client: start the"
                        + " end with ix.deviceArgs=role=server first")
                .hasMessageNotContaining("see DPDK's message");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            refusedClient(socket).hasMessageContaining("what listens on the socket is no memif server");
        }
        refusedClient(socket).hasMessageContaining("no process listens on the socket");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> refusedClient(Path socket) {
        return assertThatThrownBy(() -> provider.open(memif(socket.toString(), "client")))
                .isInstanceOf(DeviceException.class);
    }

    @Test
    void zeroCopyIsRefusedWhereTheDriverCorruptsMemory() {
        DeviceConfig zeroCopy =
                KernelPeerTest.config("memif", "@ix-zero-copy", Map.of("role", "client", "zero-copy", "yes"), 1, false);
        assumeThat(Dpdk.version())
                .as("the driver of DPDK 24.11 has been mended")
                .startsWith("DPDK 22.");
        assertThatThrownBy(() -> provider.open(zeroCopy))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("corrupts memory")
                .hasMessageContaining("remedy: leave zero-copy out");
    }

    @Test
    void zeroCopyDependsOnTheVersion() {
        for (String old : List.of("DPDK 21.11.9", "DPDK 22.11.11", "DPDK 24.07.0", "unknown")) {
            assertThatThrownBy(() -> MemifPorts.checkZeroCopy(old))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining(old + " corrupts memory");
        }
        for (String mended : List.of("DPDK 24.11.0", "DPDK 24.11.3", "DPDK 25.03.0-rc1")) {
            assertThatCode(() -> MemifPorts.checkZeroCopy(mended)).doesNotThrowAnyException();
        }
    }

    private static DeviceConfig ring(String name, int queues) {
        return KernelPeerTest.config("ring", name, Map.of(), queues, false);
    }

    private static DeviceConfig memif(String socket, String role) {
        return memif(socket, role, 1);
    }

    private static DeviceConfig memif(String socket, String role, int queues) {
        return KernelPeerTest.config("memif", socket, Map.of("role", role), queues, false);
    }
}
