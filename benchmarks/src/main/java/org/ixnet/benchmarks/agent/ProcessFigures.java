package org.ixnet.benchmarks.agent;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;

/**
 * Running totals of this process. Thread rule: any thread.
 *
 * @param cpuNanos CPU time of all threads, nanoseconds
 * @param allocatedBytes bytes allocated by one thread, the event loop
 * @param collections garbage collections
 * @param collectionMillis time spent in them, milliseconds
 */
public record ProcessFigures(long cpuNanos, long allocatedBytes, long collections, long collectionMillis) {
    public static final ProcessFigures NONE = new ProcessFigures(0, 0, 0, 0);

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    /** @param threadId the event loop's thread */
    public static ProcessFigures now(long threadId) {
        long collections = 0;
        long collectionMillis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collections += collector.getCollectionCount();
            collectionMillis += collector.getCollectionTime();
        }
        return new ProcessFigures(
                SYSTEM.getProcessCpuTime(), THREADS.getThreadAllocatedBytes(threadId), collections, collectionMillis);
    }

    /** Puts what happened since {@code earlier}. */
    public void putDifference(ProcessFigures earlier, Map<String, Double> into) {
        into.put("cpu_ns", (double) (cpuNanos - earlier.cpuNanos));
        into.put("allocated_bytes", (double) (allocatedBytes - earlier.allocatedBytes));
        into.put("collections", (double) (collections - earlier.collections));
        into.put("collection_ms", (double) (collectionMillis - earlier.collectionMillis));
    }

    /** The totals themselves. */
    public void put(Map<String, Double> into) {
        putDifference(NONE, into);
    }
}
