package org.ixnet.stack.dataplane;

import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.jspecify.annotations.Nullable;

/**
 * Where one elastic thread transmits: its own device queue or, without one, the ring of a thread that has one. A full ring
 * takes nothing, so that frames wait in the sender's {@code TransmitQueue} as behind a busy device. Thread rule: the
 * elastic thread.
 */
final class ThreadQueue implements DeviceQueue {
    private final Membership membership;
    private final Outbox outbox;
    private final int index;
    private @Nullable DeviceQueue own;
    private @Nullable Capture capture;

    ThreadQueue(Membership membership, Outbox outbox, int index) {
        this.membership = membership;
        this.outbox = outbox;
        this.index = index;
    }

    /** The device queue to transmit on; null: none. */
    void own(@Nullable DeviceQueue queue) {
        this.own = queue;
    }

    void capture(@Nullable Capture capture) {
        this.capture = capture;
    }

    /** Nothing: {@link ElasticThread} receives from the device queues themselves. */
    @Override
    public int rxBurst(PacketBurst burst, int maxPackets) {
        return 0;
    }

    @Override
    public int txBurst(PacketBurst burst, int first, int count) {
        Capture tap = capture;
        // Before the device has them: afterwards the mbufs may be free. What it refuses is captured again.
        if (tap != null) {
            for (int i = first; i < first + count; i++) {
                tap.transmitted(burst.frameAddress(i), burst.frameLengthBytes(i));
            }
        }
        DeviceQueue queue = own;
        return queue != null ? queue.txBurst(burst, first, count) : handOver(burst, first, count);
    }

    private int handOver(PacketBurst burst, int first, int count) {
        int transmitter = membership.transmitter(index);
        int taken = 0;
        while (taken < count) {
            int i = first + taken;
            if (!outbox.offer(
                    transmitter,
                    PacketRing.TRANSMIT,
                    burst.mbuf(i),
                    burst.frameAddress(i),
                    burst.frameLengthBytes(i),
                    burst.headerLengths(i),
                    burst.flags(i),
                    burst.mss(i))) {
                break;
            }
            taken++;
        }
        return taken;
    }
}
