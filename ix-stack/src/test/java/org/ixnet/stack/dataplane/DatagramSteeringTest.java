package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.MemoryRanges;
import org.ixnet.stack.udp.UdpSocket;
import org.ixnet.stack.udp.UdpUser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams, fragments and ICMP errors reach the thread that has the socket, whatever queue they arrive on. */
class DatagramSteeringTest {
    private static final int THREADS = 4;
    /** What is sent, for as long as {@code send} copies it. */
    private static final long BUFFER = MemoryRanges.allocate(Arena.global(), 8_192, 64);

    private static final class Receiver implements UdpUser {
        private final ElasticThread thread;
        final List<byte[]> datagrams = new ArrayList<>();
        final List<IcmpError.Kind> errors = new ArrayList<>();

        Receiver(ElasticThread thread) {
            this.thread = thread;
        }

        @Override
        public void readable(UdpSocket socket) {
            long mbuf;
            while ((mbuf = thread.udp().receive(socket)) != 0) {
                byte[] bytes = new byte[Mbuf.payloadLengthBytes(mbuf)];
                Memory.copyToArray(Mbuf.payloadAddress(mbuf), bytes, 0, bytes.length);
                datagrams.add(bytes);
                thread.mempool().free(mbuf);
            }
        }

        @Override
        public void error(UdpSocket socket, IcmpError.Kind kind) {
            errors.add(kind);
        }
    }

    private static VirtualNet net(int queues, long seed) {
        VirtualLink.End a = VirtualNet.end("a", 0x02_00_00_00_00_0aL).withQueues(queues);
        VirtualLink.End b = VirtualNet.end("b", 0x02_00_00_00_00_0bL).withQueues(queues);
        return new VirtualNet(a, b, THREADS, THREADS, seed);
    }

    private static void send(ElasticThread thread, UdpSocket socket, int port, byte[] bytes) throws IOException {
        Memory.copyFromArray(bytes, 0, BUFFER, bytes.length);
        assertThat(thread.udp()
                        .send(socket, VirtualNet.SERVER.hi(), VirtualNet.SERVER.lo(), port, BUFFER, bytes.length))
                .isTrue();
    }

    private static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        new java.util.Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Also 6,000 bytes, which cross in fragments. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void datagramsReachTheSocketsThread(int queues) throws IOException {
        try (VirtualNet net = net(queues, queues)) {
            net.run(VirtualNet.MILLI);
            List<Receiver> receivers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Receiver receiver = new Receiver(net.serverThreads.get(i));
                net.serverThreads.get(i).udp().bind(0, 0, 100 + i, receiver);
                receivers.add(receiver);
            }
            for (int from = 0; from < THREADS; from++) {
                ElasticThread thread = net.clientThreads.get(from);
                UdpSocket socket = thread.udp().bind(0, 0, 0, new Receiver(thread));
                for (int to = 0; to < THREADS; to++) {
                    send(thread, socket, 100 + to, pattern(100 + from, to));
                    send(thread, socket, 100 + to, pattern(6_000 + from, to));
                    net.run(VirtualNet.MILLI);
                }
            }
            for (int to = 0; to < THREADS; to++) {
                List<byte[]> got = receivers.get(to).datagrams;
                assertThat(got).hasSize(2 * THREADS);
                for (int from = 0; from < THREADS; from++) {
                    assertThat(got).anyMatch(sameAs(pattern(100 + from, to)));
                    assertThat(got).anyMatch(sameAs(pattern(6_000 + from, to)));
                }
            }
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    private static java.util.function.Predicate<byte[]> sameAs(byte[] expected) {
        return bytes -> java.util.Arrays.equals(bytes, expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void portUnreachableReachesTheSocketsThread(int queues) throws IOException {
        try (VirtualNet net = net(queues, 10 + queues)) {
            net.run(VirtualNet.MILLI);
            for (ElasticThread thread : net.clientThreads) {
                Receiver receiver = new Receiver(thread);
                UdpSocket socket = thread.udp().bind(0, 0, 0, receiver);
                thread.udp().connect(socket, VirtualNet.SERVER.hi(), VirtualNet.SERVER.lo(), 99);
                send(thread, socket, 99, pattern(10, 1));
                // The peer limits the rate of its errors.
                net.run(VirtualNet.SECOND);
                assertThat(receiver.errors).containsExactly(IcmpError.Kind.PORT_UNREACHABLE);
            }
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aSharedPortSpreadsItsFlows(int queues) throws IOException {
        try (VirtualNet net = net(queues, 20 + queues)) {
            net.run(VirtualNet.MILLI);
            List<Receiver> receivers = new ArrayList<>();
            for (ElasticThread thread : net.serverThreads) {
                Receiver receiver = new Receiver(thread);
                thread.udp().bind(0, 0, 100, true, receiver);
                receivers.add(receiver);
            }
            ElasticThread client = net.clientThread();
            for (int i = 0; i < 64; i++) {
                UdpSocket socket = client.udp().bind(0, 0, 0, new Receiver(client));
                send(client, socket, 100, pattern(10, i));
                net.run(VirtualNet.MILLI);
            }
            assertThat(receivers.stream()
                            .mapToInt(each -> each.datagrams.size())
                            .sum())
                    .isEqualTo(64);
            assertThat(receivers).allMatch(each -> each.datagrams.size() >= 4);
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void equalSeedsChooseEqualPorts() throws IOException {
        List<Integer> first = ephemeralPorts(7);
        assertThat(ephemeralPorts(7)).isEqualTo(first);
        assertThat(ephemeralPorts(8)).isNotEqualTo(first);
    }

    private static List<Integer> ephemeralPorts(long seed) throws IOException {
        try (VirtualNet net = net(1, seed)) {
            ElasticThread thread = net.clientThread();
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                ports.add(thread.udp().bind(0, 0, 0, new Receiver(thread)).localPort());
            }
            return ports;
        }
    }
}
