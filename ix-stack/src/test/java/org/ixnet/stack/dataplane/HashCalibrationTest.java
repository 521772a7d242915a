package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.device.Capabilities;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.DeviceStatistics;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.memory.MbufStore;
import org.junit.jupiter.api.Test;

class HashCalibrationTest {
    private static final int PORT = 7;

    @Test
    void trustsAfterEnoughEqualHashesOnly() {
        HashCalibration calibration = new HashCalibration();
        for (int i = 0; i < HashCalibration.SAMPLES; i++) {
            assertThat(calibration.isTrusted()).isFalse();
            calibration.compare(i, i);
        }
        assertThat(calibration.isTrusted()).isTrue();
    }

    @Test
    void oneDifferentHashEndsTheTrustForGood() {
        HashCalibration calibration = new HashCalibration();
        calibration.compare(1, 1);
        calibration.compare(1, 2);
        for (int i = 0; i < 2 * HashCalibration.SAMPLES; i++) {
            calibration.compare(i, i);
        }
        assertThat(calibration.isTrusted()).isFalse();
        assertThat(calibration.isFailed()).isTrue();
    }

    /** A device whose hashes are not the textbook's, as of cards that reverse the key. */
    private record OddHash(Device real) implements Device {
        @Override
        public String name() {
            return real.name();
        }

        @Override
        public Capabilities capabilities() {
            return real.capabilities();
        }

        @Override
        public long macAddress() {
            return real.macAddress();
        }

        @Override
        public int mtuBytes() {
            return real.mtuBytes();
        }

        @Override
        public int queueCount() {
            return real.queueCount();
        }

        @Override
        public DeviceQueue queue(int index) {
            DeviceQueue queue = real.queue(index);
            return new DeviceQueue() {
                @Override
                public int rxBurst(PacketBurst burst, int maxPackets) {
                    int count = queue.rxBurst(burst, maxPackets);
                    for (int i = 0; i < count; i++) {
                        burst.receive(
                                i,
                                burst.mbuf(i),
                                burst.frameAddress(i),
                                burst.frameLengthBytes(i),
                                Integer.reverse(burst.hash(i)) + 1,
                                burst.flags(i));
                    }
                    return count;
                }

                @Override
                public int txBurst(PacketBurst burst, int first, int count) {
                    return queue.txBurst(burst, first, count);
                }
            };
        }

        @Override
        public MbufStore mbufStore() {
            return real.mbufStore();
        }

        @Override
        public boolean linkUp() {
            return real.linkUp();
        }

        @Override
        public DeviceStatistics statistics() {
            return real.statistics();
        }

        /** And it scatters the packets as it likes. */
        @Override
        public RssState programRss(byte[] key, int[] reta) {
            int[] other = new int[reta.length];
            for (int i = 0; i < other.length; i++) {
                other[i] = reta[other.length - 1 - i];
            }
            return real.programRss(key, other);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    @Test
    void aLyingDeviceIsCorrectedInSoftware() {
        long[] now = {1_000_000_000L};
        VirtualLink.End a = VirtualNet.end("a", 0x02_00_00_00_00_0aL);
        VirtualLink.End b = VirtualNet.end("b", 0x02_00_00_00_00_0bL).withQueues(4);
        VirtualLink link = new VirtualLink(a, b, () -> now[0], 1);
        Dataplane client = Dataplane.open(VirtualNet.config(VirtualNet.CLIENT, a, 1, 1, Distribution.AUTO), link.a());
        Dataplane server = Dataplane.open(
                VirtualNet.config(VirtualNet.SERVER, b, 4, 2, Distribution.HARDWARE), new OddHash(link.b()));
        List<ElasticThread> threads = new ArrayList<>();
        threads.add(client.attach(() -> {}, now[0]));
        List<EchoServer> servers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ElasticThread thread = server.attach(() -> {}, now[0]);
            threads.add(thread);
            servers.add(EchoServer.listen(thread, PORT));
        }
        List<StreamClient> clients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            clients.add(new StreamClient(threads.getFirst(), VirtualNet.SERVER, PORT, 20_000, i));
        }
        for (int i = 0; i < 1_000_000 && !clients.stream().allMatch(StreamClient::isDone); i++) {
            now[0] += 10_000;
            threads.forEach(thread -> thread.pollOnce(now[0]));
        }
        clients.forEach(StreamClient::assertEchoed);
        assertThat(servers).allMatch(each -> each.accepted > 0);
        assertThat(server.distribution()).startsWith("hardware, corrected in software");
        assertThat(threads.stream()
                        .mapToLong(thread -> thread.counters().get(ThreadCounter.RX_HARDWARE_HASH))
                        .sum())
                .isZero();
        assertThat(threads.stream()
                        .mapToLong(thread -> thread.counters().get(ThreadCounter.STEERED_OUT))
                        .sum())
                .isPositive();
        threads.forEach(ElasticThread::detach);
        client.release();
        server.release();
    }
}
