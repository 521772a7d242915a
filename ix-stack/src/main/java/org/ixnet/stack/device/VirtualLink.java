package org.ixnet.stack.device;

import java.util.function.LongSupplier;
import org.ixnet.stack.util.RandomSource;
import org.jspecify.annotations.Nullable;

/**
 * Two devices with a wire in memory between them.
 *
 * <pre>
 *  VirtualDevice a  --- VirtualWire: loss, delay ... --&gt;  RSS -> queues  VirtualDevice b
 *                  &lt;--- VirtualWire ----------------------
 * </pre>
 *
 * Impairments are drawn from a seed: equal seeds and equal calls give equal runs. Frames are copied, and each end has an
 * mbuf store of its own, so that neither can hold the other's memory. Thread rule: any thread; one lock for both directions.
 */
public final class VirtualLink implements AutoCloseable {
    private final LongSupplier clock;
    private final VirtualDevice a;
    private final VirtualDevice b;
    private @Nullable FrameTap tap;

    /**
     * What a device of the link looks like.
     *
     * @param macAddress 48 bits
     * @param queues queue pairs, at least 1
     * @param retaEntries length of the redirection table, a power of two; 0: no RSS, everything goes to queue 0
     * @param queueFrames frames that a receive queue holds; what comes beyond is lost and counted
     * @param mbufs mbufs in its store
     * @param bufferBytes bytes of each, headroom included
     * @param checksumOffload compute the checksums that senders ask for, and say so
     */
    public record End(
            String name,
            long macAddress,
            int mtuBytes,
            int queues,
            int retaEntries,
            int queueFrames,
            int mbufs,
            int bufferBytes,
            boolean checksumOffload) {
        /** One queue, MTU 1500, 4096 mbufs. */
        public static End of(String name, long macAddress) {
            return new End(name, macAddress, 1500, 1, 0, 1024, 4096, 2048, false);
        }

        /** The same with {@code count} queues and RSS over 128 entries. */
        public End withQueues(int count) {
            return new End(name, macAddress, mtuBytes, count, 128, queueFrames, mbufs, bufferBytes, checksumOffload);
        }

        /** The same without RSS, whatever the number of queues. */
        public End withoutRss() {
            return new End(name, macAddress, mtuBytes, queues, 0, queueFrames, mbufs, bufferBytes, checksumOffload);
        }

        public End withMtuBytes(int bytes) {
            return new End(
                    name, macAddress, bytes, queues, retaEntries, queueFrames, mbufs, bufferBytes, checksumOffload);
        }

        public End withMbufs(int count, int bytes) {
            return new End(name, macAddress, mtuBytes, queues, retaEntries, queueFrames, count, bytes, checksumOffload);
        }

        public End withChecksumOffload() {
            return new End(name, macAddress, mtuBytes, queues, retaEntries, queueFrames, mbufs, bufferBytes, true);
        }
    }

    /**
     * @param clock the time of the wire in nanoseconds: a test's own, or {@code System::nanoTime}
     * @param seed of the impairments
     */
    public VirtualLink(End a, End b, LongSupplier clock, long seed) {
        this.clock = clock;
        RandomSource random = new RandomSource(seed);
        this.a = new VirtualDevice(this, a, new RandomSource(random.nextLong()));
        this.b = new VirtualDevice(this, b, new RandomSource(random.nextLong()));
        this.a.connect(this.b);
        this.b.connect(this.a);
    }

    public Device a() {
        return a;
    }

    public Device b() {
        return b;
    }

    /** What happens to frames from A to B from now on. */
    public synchronized void impairAToB(Impairments impairments) {
        b.incoming().impairments(impairments);
    }

    /** What happens to frames from B to A from now on. */
    public synchronized void impairBToA(Impairments impairments) {
        a.incoming().impairments(impairments);
    }

    public void impair(Impairments bothWays) {
        impairAToB(bothWays);
        impairBToA(bothWays);
    }

    /** Shows every frame to {@code tap}; null: no longer. */
    public synchronized void tap(@Nullable FrameTap tap) {
        this.tap = tap;
    }

    /** When the next frame arrives at either end; Long.MAX_VALUE when none is in flight. */
    public synchronized long nextArrivalNanos() {
        return Math.min(a.incoming().nextArrivalNanos(), b.incoming().nextArrivalNanos());
    }

    /** Frames in flight, both ways. */
    public synchronized int inFlight() {
        return a.incoming().inFlight() + b.incoming().inFlight();
    }

    /** What the wires did to frames so far, both ways; for tests that must know that something happened. */
    public synchronized Effects effects() {
        VirtualWire x = a.incoming();
        VirtualWire y = b.incoming();
        return new Effects(
                x.lost + y.lost,
                x.duplicated + y.duplicated,
                x.reordered + y.reordered,
                x.corrupted + y.corrupted,
                x.tooLong + y.tooLong);
    }

    /** Frames lost, duplicated, held back, corrupted, and dropped for their length. */
    public record Effects(long lost, long duplicated, long reordered, long corrupted, long tooLong) {}

    /** Closes both devices. */
    @Override
    public void close() {
        a.close();
        b.close();
    }

    long nowNanos() {
        return clock.getAsLong();
    }

    void show(VirtualDevice from, long nowNanos, long frameAddress, int frameLengthBytes) {
        FrameTap to = tap;
        if (to != null) {
            to.frame(nowNanos, isA(from), frameAddress, frameLengthBytes);
        }
    }

    private boolean isA(VirtualDevice device) {
        return device == a;
    }
}
