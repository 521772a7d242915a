package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.ixnet.benchmarks.raw.InProcess;
import org.ixnet.benchmarks.report.TextTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The stack alone: TCP echo, both ends on this one thread. Thread rule: main thread. */
@Command(
        name = "raw",
        description = "raw TCP echo in one process on one thread, no DPDK: messages/s, ns and bytes a message",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class RawCommand implements Callable<Integer> {
    @Option(names = "--wire", description = "direct (mbufs change hands) or virtual (the wire of the tests)")
    private String wire = "direct";

    @Option(names = "--checksum", description = "trust or verify; of the direct wire")
    private String checksum = "verify";

    @Option(names = "--connections", description = "connections, each with one message under way")
    private int connections = 64;

    @Option(names = "--size", description = "bytes of a message")
    private int size = 64;

    @Option(names = "--quick", description = "one second of warm-up, five runs of half a second")
    private boolean quick;

    @Option(names = "--runs", description = "runs")
    private int runs = 5;

    @Option(names = "--seconds", description = "seconds a run; 0: 0.5 with --quick, else 3")
    private double seconds;

    @Option(names = "--ix", paramLabel = "KEY=VALUE", description = "an IX setting, for example rxBatch=32")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--jfr", paramLabel = "FILE", description = "record the measured runs with Java Flight Recorder")
    private @Nullable Path jfr;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description = "profile with async-profiler: a flame graph (.html) or collapsed stacks (.collapsed)")
    private @Nullable Path profile;

    @Option(names = "--event", description = "of --profile: cpu, itimer, alloc, or a hardware counter")
    private String event = "itimer";

    @Override
    public Integer call() throws IOException {
        double length = seconds > 0 ? seconds : quick ? 0.5 : 3;
        try (InProcess echo = new InProcess(wire, checksum.equals("trust"), connections, size, settings)) {
            System.out.printf(
                    "raw TCP echo, wire %s, %d connections, %d B, both ends on one thread%n", wire, connections, size);
            echo.warmUp(quick ? 1 : 5);
            Profiler profiler = Profiler.start(jfr, profile, event);
            for (int run = 1; run <= runs; run++) {
                print(run, echo.measure(length));
            }
            profiler.stop();
        }
        return 0;
    }

    private static void print(int run, Map<String, Double> figures) {
        double messages = figures.getOrDefault("messages", 0.0);
        double seconds = figures.getOrDefault("seconds", 0.0);
        double bytes = figures.getOrDefault("allocated_bytes", 0.0);
        System.out.printf(
                "run %d: %s messages/s, %.0f ns a message (both ends), %.4f B allocated a message%n",
                run, TextTable.number(messages / seconds), seconds * 1e9 / messages, bytes / messages);
    }
}
