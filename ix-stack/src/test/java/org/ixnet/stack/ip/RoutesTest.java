package org.ixnet.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.memory.Mbuf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RoutesTest {
    private static final long A = Network.address("10.0.0.1");
    private static final long B = Network.address("10.0.0.2");
    private static final long FAR = Network.address("192.168.7.8");

    private final Network net = new Network(
            VirtualLink.End.of("a", Network.MAC_A),
            VirtualLink.End.of("b", Network.MAC_B),
            List.of(
                    IpHost.Destination.ipv4Default("10.0.0.254"),
                    new IpHost.Destination(
                            0, Network.address("192.168.0.0"), 96 + 16, 0, Network.address("10.0.0.253")),
                    new IpHost.Destination(
                            0, Network.address("192.168.7.0"), 96 + 24, 0, Network.address("10.0.0.252"))));

    @AfterEach
    void nothingIsLost() {
        net.close();
    }

    private static long nextHop(Route route) {
        assertThat(route).isNotNull();
        assertThat(route.neighbour()).isNotNull();
        return route.neighbour().lo;
    }

    private Route to(String destination) {
        return net.a.ip.route(0, 0, 0, Network.address(destination));
    }

    @Test
    void hostsOnTheLinkAreReachedDirectly() {
        Route route = to("10.0.0.2");
        assertThat(nextHop(route)).isEqualTo(B);
        assertThat(route.sourceLo()).isEqualTo(A);
        assertThat(route.mtuBytes()).isEqualTo(1500);
        assertThat(route.hopLimit()).isEqualTo(64);
        assertThat(net.a.ip.route(0, 0, 0, B)).as("cached").isSameAs(route);
    }

    @Test
    void theLongestPrefixWins() {
        assertThat(nextHop(to("192.168.7.8"))).isEqualTo(Network.address("10.0.0.252"));
        assertThat(nextHop(to("192.168.8.8"))).isEqualTo(Network.address("10.0.0.253"));
        assertThat(nextHop(to("8.8.8.8"))).isEqualTo(Network.address("10.0.0.254"));
    }

    @Test
    void withoutAGatewayThereIsNoRouteBeyondTheLink() {
        assertThat(net.b.ip.route(0, 0, 0, FAR)).isNull();
        assertThat(net.b.ip.route(0, 0, 0, A)).isNotNull();
    }

    @Test
    void strangeSourcesAndDestinationsHaveNoRoute() {
        assertThat(net.a.ip.route(0, B, 0, B)).as("a source that is not ours").isNull();
        assertThat(net.a.ip.route(0, Network.address("127.0.0.1"), 0, B)).isNull();
        assertThat(to("0.0.0.0")).isNull();
        assertThat(net.a.ip.route(0, 0, 0x2001_0db8L << 32, 1))
                .as("IPv6 is not built yet")
                .isNull();
    }

    @Test
    void ownAddressesAreLoopback() {
        assertThat(to("10.0.0.1").isLoopback()).isTrue();
        assertThat(to("10.0.0.1").sourceLo()).isEqualTo(A);
        assertThat(to("127.0.0.1").isLoopback()).isTrue();
        assertThat(to("127.0.0.1").sourceLo()).isEqualTo(Network.address("127.0.0.1"));
        assertThat(to("127.0.0.1").neighbour()).isNull();
        assertThat(to("127.0.0.1").mtuBytes()).isEqualTo(2048 - IpLayer.TRANSPORT_OFFSET + 20);
    }

    @Test
    void broadcastAndMulticastHaveNoNeighbour() {
        assertThat(to("10.0.0.255").isBroadcast()).isTrue();
        assertThat(to("255.255.255.255").isBroadcast()).isTrue();
        assertThat(to("224.1.2.3").isBroadcast()).isTrue();
        assertThat(to("224.1.2.3").hopLimit()).isEqualTo(1);
        assertThat(to("10.0.0.255").neighbour()).isNull();
    }

    @Test
    void aLearnedPathMtuHoldsForTheDestinationAndEnds() {
        Route route = to("8.8.8.8");
        net.a.ip.pathMtu(route, 1400, net.now);
        assertThat(route.mtuBytes()).isEqualTo(1400);
        assertThat(net.a.ip.route(0, A, 0, Network.address("8.8.8.8")).mtuBytes())
                .as("another route to the same host")
                .isEqualTo(1400);
        assertThat(to("8.8.4.4").mtuBytes()).isEqualTo(1500);
        net.a.ip.pathMtu(route, 1450, net.now);
        assertThat(route.mtuBytes()).as("it never grows by a report").isEqualTo(1400);
        net.a.ip.pathMtu(route, 68, net.now);
        assertThat(route.mtuBytes()).isEqualTo(Routes.MIN_PATH_MTU_BYTES);
        net.now += Routes.PATH_MTU_NANOS + 1;
        long mbuf = net.a.ip.allocate();
        net.a.ip.output(route, mbuf, segment(mbuf), 8, IpProtocol.UDP, 0, 8, -1, net.now);
        assertThat(route.mtuBytes()).isEqualTo(1500);
    }

    private static long segment(long mbuf) {
        return Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
    }

    @Test
    void tcpBeyondTheMtuIsDroppedNotCut() {
        long mbuf = net.a.ip.allocate();
        net.a.ip.output(to("10.0.0.2"), mbuf, segment(mbuf), 1481, IpProtocol.TCP, 0, 20, 16, net.now);
        assertThat(net.a.count(IpCounter.DROPPED_TOO_BIG)).isEqualTo(1);
        assertThat(net.a.mbufsOut()).isZero();
    }

    @Test
    void misconfigurationIsRefusedWithItsReason() {
        assertThatThrownBy(() -> new IpHost(
                        1,
                        1500,
                        List.of(IpHost.OwnAddress.ipv4("10.0.0.1", 24)),
                        List.of(IpHost.Destination.ipv4Default("10.1.0.1"))))
                .hasMessageContaining("gateway 10.1.0.1")
                .hasMessageContaining("on the link");
        assertThatThrownBy(() -> new IpHost(1, 67, List.of(), List.of())).hasMessageContaining("mtuBytes is 67");
        assertThatThrownBy(() -> IpHost.OwnAddress.ipv4("10.0.0.1", 33)).hasMessageContaining("129");
    }

    @Test
    void broadcastAddressesFollowThePrefix() {
        IpHost host = new IpHost(1, 1500, List.of(IpHost.OwnAddress.ipv4("10.1.2.3", 22)), List.of());
        assertThat(host.isBroadcast(0, Network.address("10.1.3.255"))).isTrue();
        assertThat(host.isBroadcast(0, Network.address("10.1.2.255"))).isFalse();
        assertThat(host.isNetworkAddress(0, Network.address("10.1.0.0"))).isTrue();
        host.close();
        IpHost pointToPoint = new IpHost(1, 1500, List.of(IpHost.OwnAddress.ipv4("10.1.2.3", 31)), List.of());
        assertThat(pointToPoint.isBroadcast(0, Network.address("10.1.2.3"))).isFalse();
        pointToPoint.close();
    }
}
