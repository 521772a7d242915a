package org.ixnet.stack.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.NoRouteToHostException;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.AllocatedBytes;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.ip.IpCounter;
import org.ixnet.stack.ip.IpHost;
import org.ixnet.stack.ip.Network;
import org.ixnet.stack.ip.SimulatedHost;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UdpLayerTest {
    private static final long A = Network.address("10.0.0.1");
    private static final long B = Network.address("10.0.0.2");
    private static final long LOCALHOST = Network.address("127.0.0.1");

    private final Network net = new Network().withNeighboursKnown();
    private final List<String> events = new ArrayList<>();

    @AfterEach
    void nothingIsLost() {
        net.close();
    }

    private final class Logger implements UdpUser {
        private final String name;

        Logger(String name) {
            this.name = name;
        }

        @Override
        public void readable(UdpSocket socket) {
            events.add(name + " readable");
        }

        @Override
        public void error(UdpSocket socket, IcmpError.Kind kind) {
            events.add(name + " " + kind);
        }
    }

    private UdpSocket bindA(int port) throws BindException {
        return net.a.udp.bind(0, 0, port, new Logger("a" + port));
    }

    private UdpSocket bindB(int port) throws BindException {
        return net.b.udp.bind(0, 0, port, new Logger("b" + port));
    }

    private void send(UdpSocket from, long to, int port, int bytes) throws NoRouteToHostException {
        assertThat(net.a.udp.send(from, 0, to, port, net.pattern(bytes), bytes)).isTrue();
    }

    private static int take(SimulatedHost host, UdpSocket socket) {
        long mbuf = host.udp.receive(socket);
        if (mbuf == 0) {
            return -1;
        }
        int bytes = Mbuf.payloadLengthBytes(mbuf);
        host.mempool.free(mbuf);
        return bytes;
    }

    @Test
    void datagramArrivesWithItsSenderAndBytes() throws Exception {
        UdpSocket from = bindA(5000);
        UdpSocket to = bindB(7);
        long data = net.pattern(33);
        net.a.udp.send(from, 0, B, 7, data, 33);
        net.settle();
        assertThat(events).containsExactly("b7 readable");
        long mbuf = net.b.udp.receive(to);
        assertThat(Mbuf.sourceLo(mbuf)).isEqualTo(A);
        assertThat(Mbuf.sourcePort(mbuf)).isEqualTo(5000);
        assertThat(Memory.segment(Mbuf.payloadAddress(mbuf), 33).mismatch(Memory.segment(data, 33)))
                .isEqualTo(-1);
        net.b.mempool.free(mbuf);
        assertThat(net.b.udp.receive(to)).isZero();
    }

    @Test
    void emptyDatagramIsADatagram() throws Exception {
        UdpSocket to = bindB(7);
        send(bindA(5000), B, 7, 0);
        net.settle();
        assertThat(take(net.b, to)).isZero();
        assertThat(take(net.b, to)).isEqualTo(-1);
    }

    @Test
    void oneUpcallForACycleHoweverManyCame() throws Exception {
        UdpSocket from = bindA(5000);
        bindB(7);
        for (int i = 0; i < 5; i++) {
            send(from, B, 7, i);
        }
        net.settle();
        assertThat(events).containsExactly("b7 readable");
    }

    @Test
    void portWithoutSocketIsUnreachableAndAConnectedSenderLearnsIt() throws Exception {
        UdpSocket connected = bindA(5000);
        net.a.udp.connect(connected, 0, B, 9);
        UdpSocket loose = bindA(5001);
        send(connected, B, 9, 4);
        send(loose, B, 9, 4);
        net.settle();
        assertThat(events).containsExactly("a5000 PORT_UNREACHABLE");
        assertThat(net.b.udp.counters().get(UdpCounter.DROPPED_NO_SOCKET)).isEqualTo(2);
        assertThat(net.a.udp.counters().get(UdpCounter.ICMP_IGNORED)).isEqualTo(1);
    }

    @Test
    void connectedSocketHearsItsPeerOnlyAndGoesBeforeTheOthers() throws Exception {
        UdpSocket any = net.b.udp.bind(0, 0, 7, true, new Logger("any"));
        UdpSocket mine = net.b.udp.bind(0, 0, 7, true, new Logger("mine"));
        net.b.udp.connect(mine, 0, A, 5000);
        assertThat(mine.localLo()).isEqualTo(B);
        assertThat(mine.remotePort()).isEqualTo(5000);
        send(bindA(5000), B, 7, 1);
        send(bindA(5001), B, 7, 2);
        net.settle();
        assertThat(take(net.b, mine)).isEqualTo(1);
        assertThat(take(net.b, any)).isEqualTo(2);
        assertThat(take(net.b, mine)).isEqualTo(-1);
        net.b.udp.disconnect(mine);
        assertThat(mine.isConnected()).isFalse();
        assertThat(mine.localLo()).isZero();
    }

    @Test
    void boundAddressGoesBeforeAny() throws Exception {
        UdpSocket any = net.b.udp.bind(0, 0, 7, true, new Logger("any"));
        UdpSocket exact = net.b.udp.bind(0, B, 7, true, new Logger("exact"));
        send(bindA(5000), B, 7, 3);
        net.settle();
        assertThat(take(net.b, exact)).isEqualTo(3);
        assertThat(take(net.b, any)).isEqualTo(-1);
    }

    @Test
    void fullReceiveBufferDropsAndCounts() throws Exception {
        UdpSocket to = bindB(7);
        to.receiveBufferBytes(3 * (100 + UdpSocket.OVERHEAD_BYTES));
        UdpSocket from = bindA(5000);
        for (int i = 0; i < 5; i++) {
            send(from, B, 7, 100);
        }
        net.settle();
        assertThat(net.b.udp.counters().get(UdpCounter.DROPPED_BUFFER_FULL)).isEqualTo(2);
        assertThat(take(net.b, to)).isEqualTo(100);
        send(from, B, 7, 100);
        net.settle();
        assertThat(net.b.udp.counters().get(UdpCounter.DROPPED_BUFFER_FULL)).isEqualTo(2);
    }

    @Test
    void wrongLengthAndChecksumAreDroppedAndChecksumZeroIsLegal() throws Exception {
        UdpSocket to = bindA(7);
        String header = "4500 0020 0001 0000 4011 0000 0a000002 0a000001";
        net.injectToA(net.ipv4(header, "1267 0007 000d 0000 61626364"));
        net.injectToA(net.ipv4(header, "1267 0007 0007 0000 61626364"));
        net.injectToA(net.ipv4("4500 001b 0001 0000 4011 0000 0a000002 0a000001", "1267 0007 0007 00"));
        net.injectToA(net.ipv4(header, "1267 0007 000c 1234 61626364"));
        net.injectToA(net.ipv4(header, "1267 0007 000c 0000 61626364"));
        net.settle();
        assertThat(net.a.udp.counters().get(UdpCounter.DROPPED_LENGTH)).isEqualTo(3);
        assertThat(net.a.udp.counters().get(UdpCounter.DROPPED_CHECKSUM)).isEqualTo(1);
        assertThat(take(net.a, to)).isEqualTo(4);
    }

    @Test
    void everyFlippedBitIsFound() throws Exception {
        UdpSocket to = bindB(7);
        UdpSocket from = bindA(5000);
        net.link.impairAToB(Impairments.NONE.withCorrupt(1));
        for (int i = 0; i < 300; i++) {
            send(from, B, 7, 50 + (i & 1));
            net.settle();
        }
        // A flipped bit in the MAC addresses is not covered by any checksum of the stack.
        int received = 0;
        while (take(net.b, to) >= 0) {
            received++;
        }
        assertThat(received).isLessThan(40);
        assertThat(net.b.udp.counters().get(UdpCounter.DROPPED_CHECKSUM)).isGreaterThan(100);
        assertThat(net.b.count(IpCounter.DROPPED_IP_CHECKSUM)).isGreaterThan(10);
    }

    @Test
    void broadcastNeedsPermissionAndReachesTheWildcardSocket() throws Exception {
        UdpSocket from = bindA(5000);
        UdpSocket to = bindB(7);
        long broadcast = Network.address("10.0.0.255");
        assertThatThrownBy(() -> net.a.udp.send(from, 0, broadcast, 7, net.pattern(1), 1))
                .isInstanceOf(NoRouteToHostException.class)
                .hasMessageContaining("SO_BROADCAST");
        from.broadcast(true);
        send(from, broadcast, 7, 6);
        net.settle();
        assertThat(take(net.b, to)).isEqualTo(6);
        send(from, broadcast, 8, 6);
        net.settle();
        assertThat(net.b.count(IpCounter.ICMP_ERRORS_SENT))
                .as("no error about a broadcast")
                .isZero();
    }

    @Test
    void bindRefusesForeignAddressesAndTakenPorts() throws Exception {
        assertThatThrownBy(() -> net.a.udp.bind(0, B, 7, new Logger("x")))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("10.0.0.2 is no address of this host");
        bindA(7);
        assertThatThrownBy(() -> bindA(7)).isInstanceOf(BindException.class);
        UdpSocket ephemeral = bindA(0);
        assertThat(ephemeral.localPort()).isBetween(32768, 60999);
        net.a.udp.close(ephemeral);
        net.a.udp.close(ephemeral);
        assertThat(ephemeral.isClosed()).isTrue();
        bindA(ephemeral.localPort());
    }

    @Test
    void destinationWithoutRouteIsRefused() throws Exception {
        UdpSocket from = bindA(5000);
        assertThatThrownBy(() -> send(from, Network.address("8.8.8.8"), 7, 1))
                .isInstanceOf(NoRouteToHostException.class)
                .hasMessageContaining("8.8.8.8");
        assertThatThrownBy(() -> net.a.udp.send(from, 0, B, 7, 0, 65508)).hasMessageContaining("0..65507");
    }

    @Test
    void loopbackAndOwnAddressNeverTouchTheWire() throws Exception {
        UdpSocket from = bindA(5000);
        UdpSocket to = bindA(7);
        send(from, LOCALHOST, 7, 10);
        send(from, A, 7, 20);
        send(from, LOCALHOST, 7, 40_000);
        net.settle();
        assertThat(take(net.a, to)).isEqualTo(10);
        assertThat(take(net.a, to)).isEqualTo(20);
        assertThat(take(net.a, to)).isEqualTo(40_000);
        assertThat(net.frames).isEmpty();
    }

    @Test
    void loopbackPortWithoutSocketIsReportedToo() throws Exception {
        UdpSocket from = bindA(5000);
        net.a.udp.connect(from, 0, LOCALHOST, 9);
        send(from, LOCALHOST, 9, 1);
        net.settle();
        assertThat(events).containsExactly("a5000 PORT_UNREACHABLE");
    }

    @Test
    void emptyPoolRefusesTheSend() throws Exception {
        UdpSocket from = bindA(5000);
        List<Long> held = new ArrayList<>();
        long mbuf;
        while ((mbuf = net.a.mempool.allocate()) != 0) {
            held.add(mbuf);
        }
        assertThat(net.a.udp.send(from, 0, B, 7, net.pattern(1), 1)).isFalse();
        assertThat(net.a.udp.counters().get(UdpCounter.SEND_NO_MBUF)).isEqualTo(1);
        held.forEach(net.a.mempool::free);
        send(from, B, 7, 1);
        net.settle();
    }

    @Test
    void closedSocketGetsNoUpcallForWhatCameBefore() throws Exception {
        UdpSocket to = bindB(7);
        send(bindA(5000), B, 7, 1);
        net.a.pollOnce(net.now);
        UdpUser closer = new UdpUser() {
            @Override
            public void readable(UdpSocket socket) {
                net.b.udp.close(to);
            }

            @Override
            public void error(UdpSocket socket, IcmpError.Kind kind) {}
        };
        net.b.udp.bind(0, 0, 6, closer);
        send(bindA(5001), B, 6, 1);
        net.a.udp.close(bindA(5002));
        net.settle();
        assertThat(take(net.b, to)).isEqualTo(-1);
    }

    @Test
    void datagramForTheSocketOfAnotherThreadIsForwarded() throws Exception {
        PortTable ports = new PortTable();
        List<Integer> forwarded = new ArrayList<>();
        IpHost host = new IpHost(Network.MAC_A, 1500, List.of(IpHost.OwnAddress.ipv4("10.0.0.1", 24)), List.of());
        VirtualLink.End end =
                VirtualLink.End.of("x", Network.MAC_A).withQueues(2).withoutRss();
        try (VirtualLink link = new VirtualLink(end, end, () -> 0, 1)) {
            SimulatedHost[] second = new SimulatedHost[1];
            SimulatedHost first = new SimulatedHost(
                    link.a(),
                    host,
                    0,
                    ports,
                    (thread, mbuf, frame, bytes, flags) -> {
                        forwarded.add(thread);
                        second[0].ip.input(mbuf, frame, bytes, flags, 0);
                        return true;
                    },
                    0);
            second[0] = new SimulatedHost(link.a(), host, 1, ports, 0);
            UdpSocket to = second[0].udp.bind(0, 0, 7, new Logger("second"));
            UdpSocket from = first.udp.bind(0, 0, 5000, new Logger("first"));
            first.udp.send(from, 0, A, 7, net.pattern(8), 8);
            first.pollOnce(0);
            second[0].pollOnce(0);
            assertThat(forwarded).containsExactly(1);
            assertThat(take(second[0], to)).isEqualTo(8);
            second[0].close();
            first.close();
        }
    }

    @Test
    void steadyStateAllocatesNothing() throws Exception {
        UdpSocket from = bindA(5000);
        UdpSocket to = net.b.udp.bind(0, 0, 7, new UdpUser() {
            @Override
            public void readable(UdpSocket socket) {}

            @Override
            public void error(UdpSocket socket, IcmpError.Kind kind) {}
        });
        net.link.tap(null);
        long data = net.pattern(64);
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 20 && best != 0; round++) {
            long before = AllocatedBytes.ofThisThread();
            for (int i = 0; i < 500; i++) {
                net.a.udp.send(from, 0, B, 7, data, 64);
                net.a.pollOnce(net.now);
                net.b.pollOnce(net.now);
                net.b.mempool.free(net.b.udp.receive(to));
            }
            best = Math.min(best, AllocatedBytes.ofThisThread() - before);
        }
        assertThat(best).isZero();
    }
}
