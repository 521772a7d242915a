package org.ixnet.examples.memcached;

import java.util.concurrent.atomic.LongAdder;

/** What a server counts beside its store: what is rare here, by all event loops; what every batch counts, by each loop. */
final class ServerStats {
    final long startedNanos = System.nanoTime();
    final LongAdder currentConnections = new LongAdder();
    final LongAdder totalConnections = new LongAdder();
    final LongAdder flushes = new LongAdder();
    final LongAdder metaCommands = new LongAdder();
    private final int loops;
    private final Workbenches workbenches;
    /** What the loops had counted at the last reset; theirs to write, so it cannot be set to zero. */
    private volatile long bytesReadBefore;

    private volatile long bytesWrittenBefore;

    ServerStats(int loops, Workbenches workbenches) {
        this.loops = loops;
        this.workbenches = workbenches;
    }

    int loops() {
        return loops;
    }

    long bytesRead() {
        return workbenches.bytesRead() - bytesReadBefore;
    }

    long bytesWritten() {
        return workbenches.bytesWritten() - bytesWrittenBefore;
    }

    void reset() {
        totalConnections.reset();
        bytesReadBefore = workbenches.bytesRead();
        bytesWrittenBefore = workbenches.bytesWritten();
        flushes.reset();
        metaCommands.reset();
    }
}
