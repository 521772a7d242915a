package org.ixnet.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceStatistics;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.Sleeper;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Devices that the kernel is the other end of: tap, and both ways over a veth pair. The peer is a kernel UDP socket. */
class KernelPeerTest {
    private static final int DATAGRAMS = 200;
    private static final int ADDRESS = 0x0a120002; // 10.18.0.2

    private final DpdkDeviceProvider provider = new DpdkDeviceProvider();

    @BeforeEach
    void needsRoot() {
        Exercised.requires("tap", "af_packet", "af_xdp");
    }

    @Test
    void tapCarriesDatagramsBothWays() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.call(() -> {
                try (Device device = provider.open(tap("ixt0", 1, false))) {
                    assertThat(device.capabilities().driver()).isEqualTo("net_tap");
                    assertThat(device.linkUp()).isTrue();
                    assertThat(device.mtuBytes()).isEqualTo(1400);
                    assertThat(HostInterface.named("ixt0").mtuBytes()).isEqualTo(1400);
                    assertThat(HostInterface.named("ixt0").macAddress()).isNotEqualTo(device.macAddress());
                    echo(device, 0);
                }
                assertThat(HostInterface.named("ixt0").exists()).isFalse();
                return null;
            });
        }
        Exercised.device("tap");
    }

    @Test
    void tapReopensUnderTheSameNameAndSharesTheProcess() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.call(() -> {
                for (int round = 0; round < 3; round++) {
                    try (Device one = provider.open(tap("ixt0", 1, false))) {
                        assertThatThrownBy(() -> provider.open(tap("ixt0", 1, false)))
                                .isInstanceOf(DeviceException.class)
                                .hasMessageContaining("exists already")
                                .hasMessageContaining("remedy");
                        try (Device two = provider.open(tapAt("ixt1", 1, false, "10.19.0.1/24"))) {
                            assertThat(two.name()).isNotEqualTo(one.name());
                        }
                        echo(one, 0);
                    }
                }
                return null;
            });
        }
    }

    @Test
    void tapComputesChecksumsWhereAskedTo() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.call(() -> {
                try (Device device = provider.open(tap("ixt0", 1, true))) {
                    assertThat(device.capabilities().txL4Checksum()).isTrue();
                    assertThat(device.capabilities().rxChecksum()).isTrue();
                    echo(device, PacketBurst.TX_IP_CHECKSUM | PacketBurst.TX_UDP_CHECKSUM);
                }
                return null;
            });
        }
    }

    @Test
    void afPacketCarriesDatagramsBothWays() throws Exception {
        overVeth("af_packet");
    }

    @Test
    void afXdpCarriesDatagramsBothWays() throws Exception {
        overVeth("af_xdp");
    }

    @Test
    void afXdpSendsFromEveryBuffer() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.vethPair("ixv0", "ixv1", 1);
            namespace.call(() -> {
                try (Device device = provider.open(config("af_xdp", "ixv0", Map.of(), 1, false));
                        Arena arena = Arena.ofConfined()) {
                    int buffers = device.mbufStore().availableMbufs();
                    long before = device.statistics().txPackets();
                    long arrivedBefore = receivedPackets("ixv1");
                    sendEach(device, arena, buffers);
                    assertThat(device.statistics().txPackets() - before).isEqualTo(buffers);
                    // The peer's interface counts a frame when its softirq has run, which may be after the send.
                    long deadlineNanos = System.nanoTime() + 10_000_000_000L;
                    while (receivedPackets("ixv1") - arrivedBefore < buffers && System.nanoTime() < deadlineNanos) {
                        Thread.onSpinWait();
                    }
                    assertThat(receivedPackets("ixv1") - arrivedBefore).isGreaterThanOrEqualTo(buffers);
                }
                return null;
            });
        }
    }

    /** Takes all buffers before it sends the first, so that none is used twice. */
    private static void sendEach(Device device, Arena arena, int buffers) {
        long array = arena.allocate(8L * buffers).address();
        int taken = 0;
        while (taken < buffers) {
            int count = device.mbufStore().take(array + 8L * taken, Math.min(32, buffers - taken));
            assertThat(count).isPositive();
            taken += count;
        }
        PacketBurst burst = new PacketBurst(arena, 1);
        for (int i = 0; i < buffers; i++) {
            long mbuf = Memory.getLong(array + 8L * i);
            long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
            Memory.putIntBe(frame, 0xffff_ffff);
            Memory.putShortBe(frame + 4, 0xffff);
            Memory.putShortBe(frame + 6, (int) (device.macAddress() >>> 32));
            Memory.putIntBe(frame + 8, (int) device.macAddress());
            Memory.putShortBe(frame + 12, 0x88b5); // IEEE 802: for local experiments
            burst.transmit(0, mbuf, frame, 1500, 14, 0, 0);
            int attempts = 0;
            while (device.queue(0).txBurst(burst, 0, 1) == 0) {
                assertThat(++attempts)
                        .as("refusals of buffer %d of %d", i, buffers)
                        .isLessThan(1_000_000);
            }
        }
    }

    private static long receivedPackets(String device) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/thread-self/net/dev"))) {
            String[] words = line.strip().split("[:\\s]+");
            if (words[0].equals(device)) {
                return Long.parseLong(words[2]);
            }
        }
        throw new IOException("no interface " + device);
    }

    /** Each queue's thread sleeps until its own queue has a frame: one that woke by another's would sleep for an hour. */
    @Test
    @Timeout(120)
    void tapWakesTheThreadWhoseQueueHasTheFrame() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.call(() -> {
                try (Device device = provider.open(tap("ixt0", 2, false));
                        EchoHost first = sleeping(device, 0);
                        EchoHost second = sleeping(device, 1)) {
                    for (int i = 0; i < DATAGRAMS || first.echoed() < 5 || second.echoed() < 5; i++) {
                        // The kernel chooses the queue by the ports.
                        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress("10.18.0.1", 0))) {
                            socket.setSoTimeout(5_000);
                            exchange(socket, new byte[] {(byte) i});
                        }
                    }
                }
                return null;
            });
        }
    }

    private static EchoHost sleeping(Device device, int queue) {
        return new EchoHost(device, ADDRESS, 0, queue, Objects.requireNonNull(device.openSleeper()));
    }

    @Test
    void ringsCannotWakeAThread() {
        try (Device device = provider.open(config("ring", "sleepless.0", Map.of(), 1, false))) {
            assertThat(device.openSleeper()).isNull();
        }
    }

    private void overVeth(String kind) throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.vethPair("ixv0", "ixv1", 1);
            namespace.ip("address", "add", "10.18.0.1/24", "dev", "ixv1");
            namespace.call(() -> {
                long kernelMac = HostInterface.named("ixv0").macAddress();
                for (int round = 0; round < 2; round++) {
                    try (Device device = provider.open(config(kind, "ixv0", Map.of(), 1, false))) {
                        assertThat(device.capabilities().driver()).isEqualTo("net_" + kind);
                        assertThat(device.macAddress()).isEqualTo(kernelMac);
                        echo(device, 0);
                    }
                }
                return null;
            });
        }
        Exercised.device(kind);
    }

    /** Sends datagrams of growing length through the kernel, and wants each of them back unchanged. */
    private static void echo(Device device, int txFlags) throws Exception {
        int available = device.mbufStore().availableMbufs();
        try (EchoHost host = new EchoHost(device, ADDRESS, txFlags)) {
            exchange(host);
        }
        counted(device, available);
        @Nullable Sleeper sleeper = device.openSleeper();
        assertThat(sleeper == null).isEqualTo(device.capabilities().driver().equals("net_af_packet"));
        if (sleeper != null) {
            try (EchoHost host = new EchoHost(device, ADDRESS, txFlags, 0, sleeper)) {
                exchange(host);
            }
            counted(device, available);
        }
    }

    private static void exchange(EchoHost host) throws Exception {
        Random random = new Random(18);
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress("10.18.0.1", 0))) {
            socket.setSoTimeout(5_000);
            for (int i = 0; i < DATAGRAMS; i++) {
                byte[] payload = new byte[18 + i * 6];
                random.nextBytes(payload);
                exchange(socket, payload);
            }
            assertThat(host.echoed()).isEqualTo(DATAGRAMS);
        }
    }

    /** The host has ended, so all that it sent is counted. */
    private static void counted(Device device, int available) {
        DeviceStatistics statistics = device.statistics();
        assertThat(statistics.rxPackets()).isGreaterThanOrEqualTo(DATAGRAMS);
        assertThat(statistics.txPackets()).isGreaterThanOrEqualTo(DATAGRAMS);
        assertThat(statistics.txErrors()).isZero();
        assertThat(device.mbufStore().availableMbufs())
                .isBetween(available - 2 * 64, device.mbufStore().capacityMbufs());
    }

    private static void exchange(DatagramSocket socket, byte[] payload) throws IOException {
        socket.send(
                new DatagramPacket(payload, payload.length, InetAddress.getByAddress(new byte[] {10, 18, 0, 2}), 7));
        byte[] back = new byte[2048];
        DatagramPacket reply = new DatagramPacket(back, back.length);
        socket.receive(reply);
        assertThat(Arrays.copyOf(back, reply.getLength())).isEqualTo(payload);
    }

    private static DeviceConfig tap(String name, int queues, boolean offload) {
        return tapAt(name, queues, offload, "10.18.0.1/24");
    }

    private static DeviceConfig tapAt(String name, int queues, boolean offload, String hostAddress) {
        return config("tap", name, Map.of("host_address", hostAddress), queues, offload);
    }

    static DeviceConfig config(String kind, String name, Map<String, String> arguments, int queues, boolean offload) {
        return new DeviceConfig(
                kind, name, arguments, -1, 1400, queues, 256, 256, 4096, 2048 + 128, "off", 0, offload, List.of());
    }
}
