package org.ixnet.benchmarks.micro;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.ixnet.stack.flow.FlowKey;
import org.ixnet.stack.flow.FlowTable;
import org.ixnet.stack.flow.Toeplitz;
import org.ixnet.stack.timer.Timer;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;
import org.ixnet.stack.wire.InternetChecksum;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One call each of the parts that every packet meets. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StackParts {
    private static final long SERVER = IpAddresses.ipv4(10, 77, 0, 2);
    private static final long CLIENT = IpAddresses.ipv4(10, 77, 0, 1);

    /** For JMH. */
    public StackParts() {}

    /** RSS in software. */
    @State(Scope.Thread)
    public static class HashState {
        final Toeplitz toeplitz = new Toeplitz(Toeplitz.standardKey());
        int port;

        /** For JMH. */
        public HashState() {}
    }

    /** The Toeplitz hash of a TCP over IPv4 4-tuple. */
    @Benchmark
    public int toeplitz(HashState state) {
        return state.toeplitz.hash(0, CLIENT, 0, SERVER, state.port++ & 0xffff, 7000);
    }

    /** A buffer off heap. */
    @State(Scope.Thread)
    public static class ChecksumState {
        @Param({"20", "64", "1448"})
        public int bytes;

        final Arena arena = Arena.ofConfined();
        long address;

        /** For JMH. */
        public ChecksumState() {}

        /** Allocates. */
        @Setup
        public void setUp() {
            address = arena.allocate(bytes, 64).fill((byte) 0x5a).address();
        }

        /** Frees. */
        @TearDown
        public void tearDown() {
            arena.close();
        }
    }

    /** The Internet checksum. */
    @Benchmark
    public int checksum(ChecksumState state) {
        return InternetChecksum.of(state.address, state.bytes);
    }

    /** A wheel with one timer that is armed again and again, as a retransmission timer is. */
    @State(Scope.Thread)
    public static class WheelState {
        long nowNanos;
        final TimingWheel wheel = new TimingWheel(0);
        final Timer timer = new Timer() {
            @Override
            protected void expire(long now) {}
        };

        /** For JMH. */
        public WheelState() {}
    }

    /** Arms, cancels and lets the wheel turn a little: a cycle of a busy connection. */
    @Benchmark
    public int timingWheel(WheelState state) {
        state.nowNanos += 1_000;
        state.wheel.arm(state.timer, state.nowNanos + 200_000_000);
        int expired = state.wheel.advance(state.nowNanos);
        state.wheel.cancel(state.timer);
        return expired;
    }

    /** A table of connections. */
    @State(Scope.Thread)
    public static class TableState {
        @Param({"64", "10000", "250000"})
        public int connections;

        final FlowTable<FlowKey.Tuple> table = new FlowTable<>(KeyedHash.of(new RandomSource(1)), 1024);
        int at;

        /** For JMH. */
        public TableState() {}

        /** Fills the table. */
        @Setup(Level.Trial)
        public void setUp() {
            for (int i = 0; i < connections; i++) {
                table.put(new FlowKey.Tuple(0, SERVER, 7000 + i / 60_000, 0, CLIENT, 1024 + i % 60_000));
            }
        }
    }

    /** Finds the connections in a stride that a cache cannot foresee. */
    @Benchmark
    public FlowKey.@Nullable Tuple flowTable(TableState state) {
        state.at = (int) ((state.at + 7_919L) % state.connections);
        return state.table.get(0, SERVER, 7000 + state.at / 60_000, 0, CLIENT, 1024 + state.at % 60_000);
    }
}
