package org.ixnet.examples.memcached;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.ConcurrentHashMap;

/** The {@link Workbench} of each event loop, made when its first connection comes. Any thread may use it. */
final class Workbenches implements AutoCloseable {
    private final ConcurrentHashMap<EventExecutor, Workbench> byLoop = new ConcurrentHashMap<>();

    Workbenches() {}

    Workbench of(EventExecutor loop) {
        return byLoop.computeIfAbsent(loop, unused -> new Workbench());
    }

    long bytesRead() {
        return byLoop.values().stream().mapToLong(Workbench::bytesRead).sum();
    }

    long bytesWritten() {
        return byLoop.values().stream().mapToLong(Workbench::bytesWritten).sum();
    }

    /** Frees what the loops left; after the last of them has ended. */
    @Override
    public void close() {
        byLoop.values().forEach(Workbench::close);
    }
}
