package org.ixnet.stack.dataplane;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Adaptive batching (IX paper, 3): never wait for packets, take those that are there, at most B of them. Batches grow under
 * congestion alone. Thread rule: one writer; {@link #histogram} from any thread.
 */
final class BatchPolicy {
    private final int boundPackets;
    /** Opaque: one writer, whole values for readers. */
    private final AtomicLongArray cyclesBySize;

    BatchPolicy(int boundPackets) {
        this.boundPackets = boundPackets;
        this.cyclesBySize = new AtomicLongArray(boundPackets + 1);
    }

    /** B. */
    int boundPackets() {
        return boundPackets;
    }

    void received(int packets) {
        cyclesBySize.setOpaque(packets, cyclesBySize.getPlain(packets) + 1);
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
