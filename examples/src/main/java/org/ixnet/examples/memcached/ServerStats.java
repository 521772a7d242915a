package org.ixnet.examples.memcached;

import java.util.concurrent.atomic.LongAdder;

/** What a server counts beside its store; written by all event loops, a few times per batch. */
final class ServerStats {
    final long startedNanos = System.nanoTime();
    final LongAdder currentConnections = new LongAdder();
    final LongAdder totalConnections = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final LongAdder bytesWritten = new LongAdder();
    final LongAdder flushes = new LongAdder();
    final LongAdder metaCommands = new LongAdder();
    private final int loops;

    ServerStats(int loops) {
        this.loops = loops;
    }

    int loops() {
        return loops;
    }

    void reset() {
        totalConnections.reset();
        bytesRead.reset();
        bytesWritten.reset();
        flushes.reset();
        metaCommands.reset();
    }
}
