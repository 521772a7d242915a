package org.ixnet.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.device.Impairments;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.tcp.script.TestHost;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two stacks over a wire whose faults, and whose users, a seed picks: what is delivered is what was sent, everything ends,
 * and nothing is left over. {@code -Dtcp.swarm.seeds=N} runs N seeds, {@code -Dtcp.swarm.seed=S} begins with another one.
 */
class SwarmTest {
    private static final int PATTERN_BYTES = 1 << 16;
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void deliversExactlyWhatWasSent(int part) {
        int seeds = Integer.getInteger("tcp.swarm.seeds", 40);
        long first = Long.getLong("tcp.swarm.seed", 1);
        for (long seed = first + part; seed < first + seeds; seed += 4) {
            try {
                new Swarm(seed).run();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    @Test
    void equalSeedsGiveEqualRuns() {
        for (long seed = 1000; seed < 1004; seed++) {
            assertThat(new Swarm(seed).run()).as("seed %d", seed).isEqualTo(new Swarm(seed).run());
        }
    }

    /** One simulation. */
    private static final class Swarm {
        private final long seed;
        private final RandomSource random;
        private final VirtualLink link;
        private final TestHost a;
        private final TestHost b;
        private final long pattern;
        private final List<Peer> peers = new ArrayList<>();
        private long nowNanos = 5_000_000_000L;
        private long trace;
        private final boolean abortive;
        private final TcbOptions options = new TcbOptions();

        Swarm(long seed) {
            this.seed = seed;
            random = new RandomSource(seed);
            int mtu = pick(576, 1500, 1500, 1500);
            int mbufs = pick(700, 2048, 4096);
            VirtualLink.End endA = VirtualLink.End.of("a", 0x02_00_00_00_00_01L)
                    .withMtuBytes(mtu)
                    .withMbufs(mbufs, 2048);
            VirtualLink.End endB = VirtualLink.End.of("b", 0x02_00_00_00_00_02L)
                    .withMtuBytes(mtu)
                    .withMbufs(4096, 2048);
            link = new VirtualLink(endA, endB, () -> nowNanos, seed);
            TcpConfig config = TcpConfig.DEFAULT.withTimeWaitNanos(pick(1_000_000, 60_000_000_000L));
            a = new TestHost(link.a(), "10.0.0.1", config, seed * 2, nowNanos);
            b = new TestHost(link.b(), "10.0.0.2", config, seed * 2 + 1, nowNanos);
            pattern = a.arena.allocate(2 * PATTERN_BYTES).address();
            for (int i = 0; i < 2 * PATTERN_BYTES; i++) {
                Memory.segment(pattern, 2 * PATTERN_BYTES).set(ValueLayout.JAVA_BYTE, i, patternByte(i));
            }
            link.tap((now, fromA, address, length) -> {
                trace = trace * 31 + now + length + (fromA ? 1 : 0);
                trace = trace * 31 + Memory.getInt(address + length - 4);
            });
            options.noDelay = random.chance(0.5);
            options.receiveBufferBytes = pick(2_000, 20_000, 200_000, 1 << 20);
            options.sendBufferBytes = pick(3_000, 50_000, 1 << 20);
            options.congestionControl = random.chance(0.5)
                    ? org.ixnet.stack.congestion.CongestionAlgorithm.CUBIC
                    : org.ixnet.stack.congestion.CongestionAlgorithm.NEW_RENO;
            abortive = random.chance(0.2);
            link.impair(impairments());
        }

        private Impairments impairments() {
            Impairments faults =
                    Impairments.NONE.withDelay(pick(0, 20_000, 5_000_000, 60_000_000), pick(0, 0, 100_000));
            if (random.chance(0.7)) {
                faults = faults.withLoss(random.nextDouble() * 0.08);
            }
            if (random.chance(0.5)) {
                faults = faults.withDuplicate(random.nextDouble() * 0.05);
            }
            if (random.chance(0.5)) {
                faults = faults.withReorder(random.nextDouble() * 0.1, pick(50_000, 3_000_000));
            }
            if (random.chance(0.4)) {
                faults = faults.withCorrupt(random.nextDouble() * 0.03);
            }
            if (random.chance(0.3)) {
                faults = faults.withBitsPerSecond(pick(2_000_000, 100_000_000));
            }
            return faults;
        }

        private long pick(long... values) {
            return values[random.nextInt(values.length)];
        }

        private int pick(int... values) {
            return values[random.nextInt(values.length)];
        }

        private static byte patternByte(long offset) {
            long x = offset & PATTERN_BYTES - 1;
            return (byte) (x * 131 + (x >> 7));
        }

        /** One end of a connection: writes a stream, reads the other's, closes in one of the orders. */
        private final class Peer implements ConnectionUser {
            private final TestHost host;
            private final Tcb tcb;
            private final long toWrite;
            private final boolean slow;
            private final boolean halfCloses;
            private long written;
            private long acked;
            private long read;
            private long held;
            private boolean shut;
            private boolean sawEnd;
            private boolean closed;
            private DeathReason reason;
            private Peer other;

            Peer(TestHost host, Tcb tcb, long toWrite) {
                this.host = host;
                this.tcb = tcb;
                this.toWrite = toWrite;
                this.slow = random.chance(0.2);
                this.halfCloses = random.chance(0.5);
            }

            @Override
            public void connected(Tcb tcb) {
                write();
            }

            @Override
            public void readable(Tcb tcb) {
                read(slow ? 3 : Integer.MAX_VALUE);
            }

            @Override
            public void sent(Tcb tcb, long ackedBytes) {
                acked += ackedBytes;
                assertThat(acked).isLessThanOrEqualTo(written);
                write();
            }

            @Override
            public void dead(Tcb tcb, DeathReason reason) {
                assertThat(this.reason).as("dead comes once").isNull();
                this.reason = reason;
            }

            void write() {
                if (closed || reason != null) {
                    return;
                }
                while (written < toWrite) {
                    int chunk = (int) Math.min(toWrite - written, 1 + random.nextInt(9_000));
                    int accepted = host.calls().send(tcb, pattern + (written & PATTERN_BYTES - 1), chunk);
                    written += accepted;
                    if (accepted < chunk) {
                        return;
                    }
                }
                if (!shut && halfCloses) {
                    shut = true;
                    host.calls().shutdownOutput(tcb);
                }
                endIfDone();
            }

            void read(int mbufs) {
                if (closed || reason != null) {
                    return;
                }
                long mbuf;
                for (int i = 0; i < mbufs && (mbuf = host.calls().receive(tcb)) != 0; i++) {
                    int length = Mbuf.payloadLengthBytes(mbuf);
                    long address = Mbuf.payloadAddress(mbuf);
                    for (int j = 0; j < length; j++) {
                        if (Memory.getByte(address + j) != patternByte(read + j)) {
                            throw new AssertionError("data differs at " + (read + j));
                        }
                    }
                    read += length;
                    host.mempool.free(mbuf);
                    if (slow) {
                        held += length;
                    } else {
                        host.calls().receiveDone(tcb, length);
                    }
                }
                if (host.calls().receiveFinished(tcb)) {
                    sawEnd = true;
                }
                endIfDone();
            }

            void release() {
                if (held > 0 && reason == null) {
                    host.calls().receiveDone(tcb, (int) held);
                    held = 0;
                }
                read(3);
            }

            private void endIfDone() {
                if (closed || reason != null) {
                    return;
                }
                if (abortive && read + written > toWrite) {
                    closed = true;
                    host.calls().abort(tcb);
                } else if (written == toWrite && sawEnd) {
                    closed = true;
                    host.calls().close(tcb);
                } else if (written == toWrite && !shut && !halfCloses && other != null && read == other.toWrite) {
                    closed = true; // everything is here: close without having seen the end
                    host.calls().close(tcb);
                }
            }
        }

        long run() {
            try {
                simulate();
                return trace;
            } finally {
                a.close();
                b.close();
                link.close();
            }
        }

        private void simulate() {
            int connections = 1 + random.nextInt(8);
            List<Peer> servers = new ArrayList<>();
            List<Peer> clients = new ArrayList<>();
            try {
                b.calls().listen(0, 0, 80, 4, options, l -> {
                    Tcb tcb;
                    while ((tcb = b.calls().accept(l)) != null) {
                        Peer server = new Peer(b, tcb, pick(0, 1, 100, 30_000, 300_000));
                        peers.add(server);
                        servers.add(server);
                        for (Peer client : clients) {
                            if (client.tcb.localPort() == tcb.remotePort()) {
                                client.other = server;
                                server.other = client;
                            }
                        }
                        b.calls().attach(tcb, server);
                        server.write();
                    }
                });
                for (int i = 0; i < connections; i++) {
                    Peer[] holder = new Peer[1];
                    Tcb tcb = a.calls()
                            .open(0, 0, 0, 0, IpAddresses.parseIpv4("10.0.0.2"), 80, options.copy(), new Relay(holder));
                    Peer client = new Peer(a, tcb, pick(1, 100, 30_000, 300_000));
                    holder[0] = client;
                    peers.add(client);
                    clients.add(client);
                }
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
            long end = nowNanos + HOUR_NANOS;
            long nextTick = nowNanos;
            while (!finished() && nowNanos < end) {
                step(nextTick);
                if (nowNanos >= nextTick) {
                    nextTick = nowNanos + 10_000_000;
                    for (Peer peer : List.copyOf(peers)) {
                        if (peer.slow) {
                            peer.release();
                        }
                    }
                }
            }
            if (Boolean.getBoolean("tcp.swarm.print")) {
                System.out.println(this + " " + (nowNanos - 5_000_000_000L) / 1_000_000 + " ms, " + link.effects() + " "
                        + a.tcp.counters().snapshot() + " " + b.tcp.counters().snapshot());
            }
            check(clients);
        }

        private boolean finished() {
            for (Peer peer : peers) {
                if (peer.reason == null) {
                    return false;
                }
            }
            return a.tcp.connections() + b.tcp.connections() + a.tcp.timeWaits() + b.tcp.timeWaits() == 0
                    && b.tcp.synRequests() == 0
                    && link.inFlight() == 0
                    && !a.tcp.hasWork()
                    && !b.tcp.hasWork();
        }

        private void step(long tick) {
            int work = 0;
            for (int i = 0; i < 100; i++) {
                int now = a.poll(nowNanos) + b.poll(nowNanos);
                work += now;
                if (now == 0) {
                    break;
                }
            }
            long next = Math.min(
                    Math.min(a.timers.nextDeadlineNanos(), b.timers.nextDeadlineNanos()), link.nextArrivalNanos());
            nowNanos = Math.max(nowNanos + (work > 0 ? 1_000 : 10_000), Math.min(next, tick));
        }

        private void check(List<Peer> clients) {
            for (Peer peer : peers) {
                assertThat(peer.reason)
                        .as("%s: %s wrote %d of %d, read %d", this, peer.tcb, peer.written, peer.toWrite, peer.read)
                        .isNotNull();
                assertThat(peer.acked).isLessThanOrEqualTo(peer.written);
                if (!abortive && peer.other != null && peer.reason == DeathReason.CLOSED) {
                    assertThat(peer.read).as("%s: %s read", this, peer.tcb).isEqualTo(peer.other.toWrite);
                }
            }
            if (!abortive) {
                // Impairment is mild and there is an hour: nobody may fail.
                for (Peer client : clients) {
                    assertThat(client.reason).as("%s", this).isEqualTo(DeathReason.CLOSED);
                }
            }
            for (TestHost host : new TestHost[] {a, b}) {
                host.tcp.abortAll(nowNanos);
                host.poll(nowNanos);
                assertThat(host.tcp.reassemblyMbufs()).isZero();
                assertThat(host.tcp.orphans()).isZero();
                assertThat(host.mbufsOut()).as("%s: mbufs missing", this).isZero();
            }
        }

        @Override
        public String toString() {
            return "seed " + seed;
        }
    }

    /** Forwards to a peer that is made after its connection. */
    private record Relay(Swarm.Peer[] peer) implements ConnectionUser {
        @Override
        public void connected(Tcb tcb) {
            peer[0].connected(tcb);
        }

        @Override
        public void readable(Tcb tcb) {
            peer[0].readable(tcb);
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {
            peer[0].sent(tcb, ackedBytes);
        }

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            peer[0].dead(tcb, reason);
        }
    }
}
