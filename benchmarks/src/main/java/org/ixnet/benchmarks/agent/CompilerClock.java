package org.ixnet.benchmarks.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * CPU time of the JIT compiler threads of some processes, from {@code /proc/PID/task/TID/schedstat}. The JVM's own account,
 * {@code CompilationMXBean}, counts a compilation only when it has ended, and one of C2 may last for seconds. Thread rule: any
 * thread.
 */
public final class CompilerClock {
    /** What HotSpot calls them; the kernel keeps 15 bytes of a name. */
    private static final List<String> NAMES = List.of("C1 Compiler", "C2 Compiler");

    /** The part of a window that they may have. */
    private static final double COMPILING = 0.02;

    private final List<Path> tasks = new ArrayList<>();
    private long lastMillis;

    private CompilerClock() {}

    /**
     * The compilers of this process, and of the servers that {@code command} names in {@code server_pids}; those that are no JVM
     * have none.
     */
    public static CompilerClock of(Command command) {
        CompilerClock clock = new CompilerClock();
        clock.add(Long.toString(ProcessHandle.current().pid()));
        for (String pid : command.text("server_pids", "").split(",")) {
            if (!pid.isEmpty()) {
                clock.add(pid);
            }
        }
        clock.lastMillis = clock.millis();
        return clock;
    }

    private void add(String pid) {
        tasks.add(Path.of("/proc", pid, "task"));
    }

    /**
     * Whether the compilers had next to nothing to do since the last call, or since this clock was made.
     *
     * @param windowSeconds how long ago that was
     */
    public boolean wereQuiet(double windowSeconds) {
        long now = millis();
        boolean quiet = (now - lastMillis) / 1e3 <= COMPILING * windowSeconds;
        lastMillis = now;
        return quiet;
    }

    /** The time so far, milliseconds. */
    long millis() {
        long nanos = 0;
        for (Path of : tasks) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(of)) {
                for (Path thread : threads) {
                    nanos += nanos(thread);
                }
            } catch (NoSuchFileException e) {
                // The process has ended; whoever waits for its answers will say so.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return nanos / 1_000_000;
    }

    private static long nanos(Path thread) throws IOException {
        try {
            String name = Files.readString(thread.resolve("comm"));
            if (NAMES.stream().noneMatch(name::startsWith)) {
                return 0;
            }
            String schedstat = Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
        } catch (NoSuchFileException e) {
            return 0; // Idle compiler threads end.
        }
    }
}
