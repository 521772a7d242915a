package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.ixnet.benchmarks.experiment.Ladder;
import org.ixnet.benchmarks.raw.InProcess;
import org.ixnet.benchmarks.raw.RawClient;
import org.ixnet.benchmarks.report.TextTable;
import org.ixnet.benchmarks.session.IxSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The ladder, or the stack alone with both ends on this one thread. Thread rule: main thread. */
@Command(
        name = "raw",
        description = {
            "The ladder over memif: testpmd, L2 reflector, raw TCP echo, Netty echo, memcached.",
            "With --wire direct (mbufs change hands) or virtual (the wire of the tests): raw TCP echo with both ends on"
                    + " one thread of this process, no DPDK; messages/s, ns and bytes allocated a message."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class RawCommand implements Callable<Integer> {
    private static final List<String> IN_PROCESS = List.of("direct", "virtual");

    @Mixin
    private SuiteOptions options = new SuiteOptions();

    @Option(names = "--checksum", description = "in process: trust or verify; of the direct wire")
    private String checksum = "verify";

    @Option(names = "--connections", description = "in process: connections, each with one message under way")
    private int connections = 64;

    @Option(names = "--size", description = "in process: bytes of a message")
    private int size = 64;

    @Option(names = "--seconds", description = "in process: seconds a run; 0: 0.5 with --quick, else 3")
    private double seconds;

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
    public Integer call() throws IOException, InterruptedException {
        List<String> inProcess =
                options.wires.stream().filter(IN_PROCESS::contains).toList();
        if (!inProcess.isEmpty() && (options.json != null || options.html != null || options.markdown != null)) {
            throw new IllegalArgumentException(
                    "--json, --html and --markdown are of the ladder; --wire direct and virtual only print");
        }
        if (!inProcess.isEmpty() && !options.jvmArguments.isEmpty()) {
            throw new IllegalArgumentException(
                    "--jvm is of the ladder; --wire direct and virtual run in this process: IX_JAVA_OPTS");
        }
        if (connections < 1 || size < 1 || !List.of("trust", "verify").contains(checksum)) {
            throw new IllegalArgumentException("connections is " + connections + ", size " + size + ", checksum "
                    + checksum
                    + "; must be at least 1, at least 1, trust or verify (--connections, --size, --checksum)");
        }
        if (inProcess.isEmpty()) {
            return options.run(List.of(new Ladder()));
        }
        IxSettings.check(options.settings, List.of());
        try (BenchLock _ = BenchLock.take()) {
            for (String wire : inProcess) {
                inProcess(wire);
            }
        }
        return 0;
    }

    private void inProcess(String wire) throws IOException {
        boolean quick = options.quick;
        int runs = options.runs();
        Map<String, String> settings = options.settings;
        double length = seconds > 0 ? seconds : quick ? 0.5 : 3;
        RawClient.Load load = new RawClient.Load(connections, 1, 0);
        try (InProcess echo = new InProcess(wire, checksum.equals("trust"), load, size, settings)) {
            System.out.printf(
                    "raw TCP echo, wire %s, %d connections, %d B, both ends on one thread%n", wire, connections, size);
            echo.warmUp(quick ? 1 : 5);
            Profiler profiler = Profiler.start(jfr, profile, event);
            for (int run = 1; run <= runs; run++) {
                print(run, echo.measure(length));
            }
            profiler.stop();
        }
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
