package org.ixnet.stack.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.util.HashSet;
import java.util.Set;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;

class PortsTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final long A = IpAddresses.parseIpv4("10.0.0.1");
    private static final long B = IpAddresses.parseIpv4("10.0.0.2");

    private final Toeplitz toeplitz = new Toeplitz(Toeplitz.standardKey());
    private final FlowGroups groups = new FlowGroups(128);
    private final PortTable table = new PortTable(new RandomSource(1));

    private PortAllocator allocator(int thread, long seed) {
        RandomSource random = new RandomSource(seed);
        return new PortAllocator(toeplitz, groups, thread, KeyedHash.of(random), random);
    }

    @Test
    void repliesToTheChosenPortHashToTheCaller() {
        groups.spread(0, 1, 2, 3);
        for (int thread = 0; thread < 4; thread++) {
            PortAllocator allocator = allocator(thread, 5);
            Set<Integer> ports = new HashSet<>();
            for (int i = 0; i < 500; i++) {
                int port = allocator.allocate(0, A, 0, B, 80, (a, b, p, c, d, q) -> false);
                assertThat(port).isBetween(PortAllocator.FIRST_PORT, PortAllocator.LAST_PORT);
                assertThat(groups.ownerOf(toeplitz.hash(0, B, 0, A, 80, port))).isEqualTo(thread);
                assertThat(ports.add(port))
                        .as("port %d comes twice within 500", port)
                        .isTrue();
            }
        }
    }

    @Test
    void portsInUseArePassedOverUntilNoneIsLeft() {
        groups.spread(0, 1);
        PortAllocator allocator = allocator(0, 5);
        Set<Integer> taken = new HashSet<>();
        int port;
        while ((port = allocator.allocate(0, A, 0, B, 80, (a, b, p, c, d, q) -> taken.contains(p))) != 0) {
            assertThat(taken.add(port)).isTrue();
        }
        assertThat(taken.size()).isBetween(12_000, 16_000);
    }

    @Test
    void aThreadWithoutFlowGroupsGetsPortsThatNoOtherThreadGets() {
        groups.spread(0);
        Set<Integer> ports = new HashSet<>();
        for (int thread : new int[] {1, 2, 63}) {
            PortAllocator allocator = allocator(thread, 5);
            int port;
            int count = 0;
            while ((port = allocator.allocate(0, A, 0, B, 80, (a, b, p, c, d, q) -> ports.contains(p))) != 0) {
                assertThat(port).isBetween(PortAllocator.LAST_PORT + 1, 65535);
                assertThat(ports.add(port)).isTrue();
                count++;
            }
            assertThat(count).as("ports of thread %d", thread).isPositive();
        }
    }

    @Test
    void anotherKeyGivesAnotherSequence() {
        groups.spread(0);
        int first = allocator(0, 5).allocate(0, A, 0, B, 80, (a, b, p, c, d, q) -> false);
        int second = allocator(0, 6).allocate(0, A, 0, B, 80, (a, b, p, c, d, q) -> false);
        assertThat(first).isNotEqualTo(second);
    }

    @Test
    void groupsAreTheLowBitsOfTheHash() {
        groups.spread(3, 5);
        assertThat(groups.group(0xffff_ff85)).isEqualTo(5);
        assertThat(groups.owner(4)).isEqualTo(3);
        assertThat(groups.owner(5)).isEqualTo(5);
        groups.owner(5, 9);
        assertThat(groups.ownerOf(0xffff_ff85)).isEqualTo(9);
        assertThat(groups.toArray()).hasSize(128).contains(9, 3);
        assertThatThrownBy(() -> new FlowGroups(100))
                .hasMessageContaining("100")
                .hasMessageContaining("power of two");
    }

    private static PortTable.Reservation get(ThrowingSupplier<PortTable.Reservation> action) {
        try {
            return action.get();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPortIsHeldOnceForAnAddress() {
        PortTable.Reservation held = get(() -> table.reserve(TCP, 0, A, 80, false, 0));
        assertThatThrownBy(() -> table.reserve(TCP, 0, A, 80, false, 0))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("already in use")
                .hasMessageContaining("10.0.0.1:80");
        assertThatThrownBy(() -> table.reserve(TCP, 0, 0, 80, false, 0)).isInstanceOf(BindException.class);
        get(() -> table.reserve(TCP, 0, B, 80, false, 0));
        get(() -> table.reserve(UDP, 0, A, 80, false, 0));
        table.release(held);
        table.release(held);
        get(() -> table.reserve(TCP, 0, A, 80, false, 0));
    }

    @Test
    void anyHoldsThePortOnAllAddresses() {
        get(() -> table.reserve(TCP, 0, 0, 80, false, 0));
        assertThatThrownBy(() -> table.reserve(TCP, 0, A, 80, false, 0)).isInstanceOf(BindException.class);
    }

    @Test
    void sharingNeedsBothToAgree() {
        get(() -> table.reserve(TCP, 0, 0, 80, true, 0));
        get(() -> table.reserve(TCP, 0, 0, 80, true, 1));
        assertThatThrownBy(() -> table.reserve(TCP, 0, 0, 80, false, 2)).isInstanceOf(BindException.class);
    }

    @Test
    void ephemeralPortsAreFreeOnesUntilNoneIsLeft() {
        Set<Integer> ports = new HashSet<>();
        int range = PortAllocator.LAST_PORT - PortAllocator.FIRST_PORT + 1;
        for (int i = 0; i < range; i++) {
            ports.add(get(() -> table.reserve(UDP, 0, 0, 0, false, 0)).port());
        }
        assertThat(ports).hasSize(range);
        assertThatThrownBy(() -> table.reserve(UDP, 0, 0, 0, false, 0))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("32768..60999");
        assertThat(table.isReserved(UDP, 40_000)).isTrue();
        assertThat(table.isReserved(TCP, 40_000)).isFalse();
    }

    @Test
    void theOwnerIsThatOfTheMostExactAddress() {
        get(() -> table.reserve(UDP, 0, 0, 53, true, 1));
        get(() -> table.reserve(UDP, 0, A, 53, true, 2));
        assertThat(table.owner(UDP, 0, A, 53)).isEqualTo(2);
        assertThat(table.owner(UDP, 0, B, 53)).isEqualTo(1);
        assertThat(table.owner(UDP, 0, B, 54)).isEqualTo(PortTable.NO_OWNER);
    }
}
