package org.ixnet.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.udp.UdpCounter;
import org.ixnet.stack.udp.UdpSocket;
import org.ixnet.stack.udp.UdpUser;
import org.ixnet.stack.util.IpAddresses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NeighboursTest {
    private static final long B = Network.address("10.0.0.2");

    private final Network net = new Network();

    @AfterEach
    void nothingIsLost() {
        net.close();
    }

    private static final UdpUser NOBODY = new UdpUser() {
        @Override
        public void readable(UdpSocket socket) {}

        @Override
        public void error(UdpSocket socket, IcmpError.Kind kind) {
            socket.userHandle = kind;
        }
    };

    private UdpSocket sender() throws Exception {
        return net.a.udp.bind(0, 0, 5000, NOBODY);
    }

    private void send(UdpSocket from, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            assertThat(net.a.udp.send(from, 0, B, 9, net.pattern(4), 4)).isTrue();
        }
    }

    private long sent(String part) {
        return net.frames.stream().filter(frame -> frame.contains(part)).count();
    }

    private String arp(int operation, String targetMac, String senderMac, String sender, String target) {
        return targetMac + senderMac + "0806 0001 0800 06 04 000" + operation + senderMac + sender + "000000000000"
                + target;
    }

    @Test
    void packetsWaitForTheAnswerAndThenGoInOrder() throws Exception {
        send(sender(), 3);
        net.settle();
        assertThat(net.frames.subList(0, 3))
                .containsExactly(
                        "a: ARP who has 10.0.0.2 tell 10.0.0.1",
                        "b: ARP 10.0.0.2 is at 02:00:00:00:00:02",
                        "a: 10.0.0.1:5000 > 10.0.0.2:9 UDP len 4");
        assertThat(sent("UDP")).isEqualTo(3);
    }

    @Test
    void theHostThatWasAskedNeedNotAsk() throws Exception {
        send(sender(), 1);
        net.settle();
        // B answered with port unreachable at once: it learned A's address from the request.
        assertThat(sent("b: ARP who has")).isZero();
        assertThat(sent("b: 10.0.0.2 > 10.0.0.1 ICMP type 3 code 3")).isEqualTo(1);
    }

    @Test
    void anAnswerThatIsLostIsAskedForAgain() throws Exception {
        net.link.impairBToA(Impairments.NONE.withLoss(1));
        send(sender(), 1);
        net.settle();
        net.link.impairBToA(Impairments.NONE);
        net.pass(Neighbours.RETRY_NANOS + 20_000_000);
        assertThat(sent("a: ARP who has")).isEqualTo(2);
        assertThat(sent("UDP")).isEqualTo(1);
    }

    @Test
    void aHostThatNeverAnswersIsReportedAndThePacketsAreFreed() throws Exception {
        UdpSocket socket = sender();
        net.a.udp.connect(socket, 0, B, 9);
        net.link.impairAToB(Impairments.NONE.withLoss(1));
        send(socket, Neighbour.MAX_WAITING + 2);
        net.pass(4 * Network.SECOND);
        assertThat(sent("a: ARP who has")).isEqualTo(Neighbours.MAX_ATTEMPTS);
        assertThat(net.a.count(IpCounter.DROPPED_NEIGHBOUR_QUEUE)).isEqualTo(2);
        assertThat(net.a.count(IpCounter.DROPPED_NEIGHBOUR_FAILED)).isEqualTo(Neighbour.MAX_WAITING);
        assertThat(socket.userHandle).isEqualTo(IcmpError.Kind.HOST_UNREACHABLE);
        assertThat(net.a.mbufsOut()).isZero();
        net.link.impairAToB(Impairments.NONE);
        net.pass(Neighbours.FAILED_NANOS + 20_000_000);
        send(socket, 1);
        net.settle();
        assertThat(sent("UDP")).isEqualTo(1);
    }

    /** A scan of the link must not take the pool; what falls out of the table frees what waited for it. */
    @Test
    void packetsThatWaitAreLimitedForAllNeighboursTogether() throws Exception {
        UdpSocket socket = sender();
        net.link.impairAToB(Impairments.NONE.withLoss(1));
        for (int host = 10; host < 250; host++) {
            for (int i = 0; i < 4; i++) {
                net.a.udp.send(socket, 0, IpAddresses.parseIpv4("10.0.0." + host), 9, net.pattern(4), 4);
            }
        }
        assertThat(net.a.mbufsOut()).isLessThanOrEqualTo(Neighbours.MAX_WAITING_PACKETS + 256);
        net.settle();
        assertThat(net.a.mbufsOut()).isEqualTo(Neighbours.MAX_WAITING_PACKETS);
        net.pass(4 * Network.SECOND);
        assertThat(net.a.mbufsOut()).isZero();
    }

    @Test
    void anOldEntryIsConfirmedByUnicastWhileItIsUsed() throws Exception {
        UdpSocket socket = sender();
        send(socket, 1);
        net.settle();
        net.pass(Neighbours.REACHABLE_NANOS + Network.SECOND);
        net.frames.clear();
        send(socket, 1);
        net.settle();
        assertThat(net.frames.get(0)).isEqualTo("a: ARP who has 10.0.0.2 tell 10.0.0.1");
        assertThat(net.frames.get(1)).startsWith("a: 10.0.0.1:5000");
        assertThat(net.a.ip.route(0, 0, 0, B).neighbour().state()).isEqualTo(Neighbour.State.REACHABLE);
    }

    @Test
    void confirmationFromAboveSavesTheProbe() throws Exception {
        UdpSocket socket = sender();
        send(socket, 1);
        net.settle();
        for (int i = 0; i < 4; i++) {
            net.pass(Neighbours.REACHABLE_NANOS / 2);
            net.a.ip.confirm(net.a.ip.route(0, 0, 0, B), net.now);
        }
        net.frames.clear();
        send(socket, 1);
        net.settle();
        assertThat(sent("a: ARP who has")).isZero();
    }

    @Test
    void gratuitousArpNeitherCreatesNorAnswersARequestThatIsOut() throws Exception {
        String evil = arp(2, "ffffffffffff", "020000000066", "0a000002", "0a000002");
        net.injectToA(evil);
        net.settle();
        net.link.impairAToB(Impairments.NONE.withLoss(1));
        send(sender(), 1);
        net.settle();
        net.injectToA(evil);
        net.settle();
        assertThat(sent("UDP")).isZero();
        assertThat(net.a.count(IpCounter.ARP_IGNORED)).isEqualTo(2);
        assertThat(net.a.ip.route(0, 0, 0, B).neighbour().state()).isEqualTo(Neighbour.State.INCOMPLETE);
    }

    @Test
    void staticEntriesDoNotChange() throws Exception {
        net.withNeighboursKnown();
        net.injectToA(arp(1, "ffffffffffff", "020000000066", "0a000002", "0a000001"));
        net.settle();
        send(sender(), 1);
        net.settle();
        assertThat(net.a.ip.route(0, 0, 0, B).neighbour().mac).isEqualTo(Network.MAC_B);
    }

    @Test
    void aKnownAddressChangesAtMostOnceASecond() throws Exception {
        send(sender(), 1);
        net.settle();
        Neighbour neighbour = net.a.ip.route(0, 0, 0, B).neighbour();
        net.injectToA(arp(1, "ffffffffffff", "020000000066", "0a000002", "0a000001"));
        net.settle();
        assertThat(neighbour.mac).isEqualTo(Network.MAC_B);
        net.pass(2 * Network.SECOND);
        net.injectToA(arp(1, "ffffffffffff", "020000000066", "0a000002", "0a000001"));
        net.settle();
        assertThat(neighbour.mac).isEqualTo(0x0200_0000_0066L);
    }

    @Test
    void onlyRequestsForOwnAddressesAreAnswered() {
        net.injectToA(arp(1, "ffffffffffff", "020000000002", "0a000002", "0a000003"));
        net.settle();
        assertThat(net.a.count(IpCounter.ARP_REPLIES_SENT)).isZero();
        net.injectToA(arp(1, "ffffffffffff", "020000000002", "0a000002", "0a000001"));
        net.settle();
        assertThat(net.frames).endsWith("a: ARP 10.0.0.1 is at 02:00:00:00:00:01");
    }

    @Test
    void aProbeForOurAddressIsAnsweredAndNothingLearned() {
        net.injectToA(arp(1, "ffffffffffff", "020000000002", "00000000", "0a000001"));
        net.settle();
        assertThat(net.a.count(IpCounter.ARP_REPLIES_SENT)).isEqualTo(1);
        assertThat(net.a.host.neighbours().version()).isZero();
    }

    @Test
    void malformedAndImpossibleSendersAreDropped() {
        net.injectToA(arp(1, "ffffffffffff", "ffffffffffff", "0a000002", "0a000001"));
        net.injectToA(arp(1, "ffffffffffff", "000000000000", "0a000002", "0a000001"));
        net.injectToA(arp(3, "ffffffffffff", "020000000002", "0a000002", "0a000001"));
        net.injectToA("ffffffffffff 020000000002 0806 0001");
        net.settle();
        assertThat(net.a.count(IpCounter.DROPPED_ARP_INVALID)).isEqualTo(4);
        net.injectToA(arp(1, "ffffffffffff", "020000000066", "c0a80001", "0a000001"));
        net.settle();
        assertThat(net.a.count(IpCounter.ARP_IGNORED))
                .as("a sender of another subnet")
                .isEqualTo(1);
    }

    @Test
    void whoClaimsOurAddressIsContradicted() {
        net.injectToA(arp(1, "ffffffffffff", "020000000066", "0a000001", "0a000001"));
        net.settle();
        assertThat(net.a.count(IpCounter.ARP_CONFLICTS)).isEqualTo(1);
        assertThat(net.frames).endsWith("a: ARP who has 10.0.0.1 tell 10.0.0.1");
    }

    @Test
    void announceTellsOwnAddresses() {
        net.a.ip.announce();
        net.settle();
        assertThat(net.frames).containsExactly("a: ARP who has 10.0.0.1 tell 10.0.0.1");
    }

    @Test
    void aFloodOfRequestsLeavesNeighboursInUseAlone() throws Exception {
        UdpSocket socket = sender();
        send(socket, 1);
        net.settle();
        for (int i = 3; i < 250; i++) {
            for (int j = 0; j < 4; j++) {
                net.injectToA(arp(
                        1,
                        "ffffffffffff",
                        String.format("0200000%02x%01x01", i, j) + "0",
                        "0a0000" + String.format("%02x", i),
                        "0a000001"));
            }
            net.settle();
        }
        net.frames.clear();
        send(socket, 1);
        net.settle();
        assertThat(sent("a: ARP who has")).isZero();
    }

    @Test
    void anAnswerThatAnotherThreadReceivesIsSeen() throws Exception {
        // Two threads of one host, two queues; without RSS every frame arrives at the first.
        long[] now = {0};
        try (VirtualLink link = new VirtualLink(
                VirtualLink.End.of("a", Network.MAC_A).withQueues(2).withoutRss(),
                VirtualLink.End.of("b", Network.MAC_B),
                () -> now[0],
                1)) {
            PortTable ports = new PortTable();
            IpHost host = new IpHost(Network.MAC_A, 1500, List.of(IpHost.OwnAddress.ipv4("10.0.0.1", 24)), List.of());
            SimulatedHost first = new SimulatedHost(link.a(), host, 0, ports, 0);
            SimulatedHost second = new SimulatedHost(link.a(), host, 1, ports, 0);
            IpHost other = new IpHost(Network.MAC_B, 1500, List.of(IpHost.OwnAddress.ipv4("10.0.0.2", 24)), List.of());
            SimulatedHost peer = new SimulatedHost(link.b(), other, 0, new PortTable(), 0);
            UdpSocket socket = second.udp.bind(0, 0, 5000, NOBODY);
            second.udp.send(socket, 0, B, 9, net.pattern(4), 4);
            second.pollOnce(0);
            peer.pollOnce(0);
            first.pollOnce(0);
            assertThat(second.timers.nextDeadlineNanos()).isLessThanOrEqualTo(Neighbours.LOOK_NANOS + 16_384);
            now[0] = second.timers.nextDeadlineNanos();
            // Only the timer runs, as in a thread that slept.
            second.timers.advance(now[0]);
            second.pollOnce(now[0]);
            peer.pollOnce(now[0]);
            assertThat(peer.udp.counters().get(UdpCounter.DROPPED_NO_SOCKET)).isEqualTo(1);
            second.close();
            first.close();
            peer.close();
        }
    }
}
