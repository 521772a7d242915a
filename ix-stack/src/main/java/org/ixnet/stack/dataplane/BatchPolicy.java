package org.ixnet.stack.dataplane;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Adaptive batching (IX paper, 3): never wait for packets, take those that are there, at most B of them. Batches grow under
 * congestion alone, at the way out as at the way in: a batch for which this thread waited is answered in parts, each sent
 * before the next part's handlers run. Else two ends with few connections fall into step, one idle while the other works
 * on all that is in flight. Who waits has the time for more bursts; under congestion there is one.
 *
 * <p>Thread rule: one writer; {@link #histogram} from any thread.
 */
final class BatchPolicy {
    private static final int PARTS = 4;

    private final int boundPackets;
    /** Opaque: one writer, whole values for readers. */
    private final AtomicLongArray cyclesBySize;
    /** Whether the cycle before the current one received nothing. */
    private boolean waited;

    private boolean receivedNothing;

    BatchPolicy(int boundPackets) {
        this.boundPackets = boundPackets;
        this.cyclesBySize = new AtomicLongArray(boundPackets + 1);
    }

    /** B. */
    int boundPackets() {
        return boundPackets;
    }

    /**
     * What a cycle received.
     *
     * @param fromDevice packets of the device queues, 0..B
     * @param fromThreads packets that other threads and this one handed on
     */
    void received(int fromDevice, int fromThreads) {
        cyclesBySize.setOpaque(fromDevice, cyclesBySize.getPlain(fromDevice) + 1);
        waited = receivedNothing;
        receivedNothing = fromDevice + fromThreads == 0;
    }

    /** How many of {@code connections} that have events are served before what they send goes out; 0 for 0. */
    int connectionsInPart(int connections) {
        return waited ? (connections + PARTS - 1) / PARTS : connections;
    }

    /** Cycles that received 0, 1, ... B packets. */
    List<Long> histogram() {
        List<Long> histogram = new ArrayList<>(boundPackets + 1);
        for (int size = 0; size <= boundPackets; size++) {
            histogram.add(cyclesBySize.getOpaque(size));
        }
        return histogram;
    }
}
