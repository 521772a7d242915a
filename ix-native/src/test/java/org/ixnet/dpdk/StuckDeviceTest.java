package org.ixnet.dpdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import org.ixnet.stack.dataplane.Address;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.udp.UdpSocket;
import org.ixnet.stack.udp.UdpUser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that takes no frame, as memif without a peer does, and a thread that transmits through another one. */
class StuckDeviceTest {
    private static final int BYTES = 100;

    /** The queue of the device, of the thread and the ring between them hold fewer than the second. */
    @ParameterizedTest
    @ValueSource(ints = {500, 3000})
    void whatNobodyTookGoesBackToThePoolAtTheEnd(int frames) throws IOException {
        String name = "@ix-stuck-" + ProcessHandle.current().pid() + "-" + frames;
        Device device = new DpdkDeviceProvider()
                .open(new DeviceConfig(
                        "memif",
                        name,
                        Map.of("role", "server"),
                        -1,
                        1400,
                        1,
                        256,
                        256,
                        8192,
                        2176,
                        "off",
                        0,
                        false,
                        List.of()));
        IxConfig config = IxConfig.builder()
                .device("memif")
                .interfaceName(name)
                .address("10.9.0.1/24")
                .hostAddress(null)
                .loops(2)
                .maxThreads(4)
                .queues(1)
                .build();
        Dataplane dataplane = Dataplane.open(config, device);
        long now = System.nanoTime();
        ElasticThread withQueue = dataplane.attach(() -> {}, now);
        ElasticThread without = dataplane.attach(() -> {}, now);
        Address to = Address.parse("10.9.0.255");
        Address own = Address.parse("10.9.0.1");
        UdpSocket socket = without.udp().bind(own.hi(), own.lo(), 5000, new UdpUser() {
            @Override
            public void readable(UdpSocket socket) {}

            @Override
            public void error(UdpSocket socket, IcmpError.Kind kind) {}
        });
        socket.broadcast(true);
        int sent = 0;
        try (Arena arena = Arena.ofConfined()) {
            long bytes = arena.allocate(BYTES).address();
            for (int i = 0; i < frames; i++) {
                now += 10_000;
                sent += without.udp().send(socket, to.hi(), to.lo(), 9, bytes, BYTES) ? 1 : 0;
                without.pollOnce(now);
                withQueue.pollOnce(now);
            }
        }
        without.detach();
        withQueue.detach();
        dataplane.release();

        assertThat(sent).isEqualTo(frames);
        assertThat(dataplane.isClosed()).isTrue();
        DpdkMbufStore store = (DpdkMbufStore) device.mbufStore();
        assertThat(store.isFreed()).as("the pool of %s frames", frames).isTrue();
    }
}
