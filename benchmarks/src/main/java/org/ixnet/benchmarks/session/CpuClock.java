package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * CPU time of any process, from {@code /proc/PID/stat}: user and system, all threads, in ticks of 10 ms. Work that the kernel
 * does in softirq context counts for the process it interrupts, here too. Thread rule: any thread.
 */
final class CpuClock {
    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux that Java runs on.
    private static final int FIELDS_BEFORE_UTIME = 11; // after the command's name

    private CpuClock() {}

    static long nanos(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return parseNanos(stat);
    }

    /** The name of the command stands in parentheses and may hold anything, parentheses too. */
    static long parseNanos(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[FIELDS_BEFORE_UTIME]) + Long.parseLong(fields[FIELDS_BEFORE_UTIME + 1]))
                * NANOS_PER_TICK;
    }
}
