package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.ixnet.benchmarks.raw.Fairness;
import org.ixnet.benchmarks.report.Json;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.report.TextTable;
import org.ixnet.benchmarks.session.IxSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Does a flood of tasks keep the loop from the device, or a flood of packets from the tasks? Thread rule: main thread. */
@Command(
        name = "fairness",
        description = {
            "Percentiles of the time between two polls of the device, and between two turns of tasks, while one loop is"
                    + " flooded with tasks, with packets, or with both. The aim is 100 us.",
            "In this process over the wire in memory; no root, no DPDK. The client has a thread of its own: give it a core,"
                    + " or the figures show the kernel's scheduler."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class FairnessCommand implements Callable<Integer> {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};
    private static final long AIM_NANOS = 100_000;

    @Option(names = "--quick", description = "1 s a row instead of --seconds")
    private boolean quick;

    @Option(names = "--seconds", description = "of each row; half as long it warms up before")
    private double seconds = 5;

    @Option(names = "--runs", description = "runs of every row")
    private int runs = 1;

    @Option(names = "--task-micros", split = ",", description = "how long a task of the flood takes")
    private List<Double> taskMicros = List.of(0.0, 1.0, 10.0);

    @Option(names = "--tasks", description = "tasks that wait at any time of a flood of tasks")
    private int tasks = 1000;

    @Option(names = "--connections", description = "of the echo, each with one message under way")
    private int connections = 1000;

    @Option(names = "--size", description = "bytes of a message")
    private int size = 64;

    @Option(names = "--json", paramLabel = "FILE", description = "write the rows as JSON")
    private @Nullable Path json;

    @Option(names = "--ix", paramLabel = "KEY=VALUE", description = "a setting of both ends, for example rxBatch=32")
    private Map<String, String> settings = new LinkedHashMap<>();

    private final Results results = new Results();

    @Override
    public Integer call() throws IOException, InterruptedException {
        SuiteOptions.checkFile(json, "json");
        IxSettings.check(settings, List.of());
        try (BenchLock _ = BenchLock.take();
                Fairness fairness = new Fairness(settings)) {
            printHeader();
            for (int run = 0; run < runs; run++) {
                measure(fairness, Fairness.Flood.PACKETS, 0);
                for (double micros : taskMicros) {
                    measure(fairness, Fairness.Flood.TASKS, micros);
                }
                for (double micros : taskMicros) {
                    measure(fairness, Fairness.Flood.BOTH, micros);
                }
            }
        }
        return SuiteOptions.write(json, "json", () -> Json.write(results.rows())) ? 0 : 1;
    }

    private static void printHeader() {
        System.out.printf(
                "%-8s %8s  %-8s %8s %8s %8s %8s %8s %9s  %9s  %11s %11s%n",
                "flood",
                "task us",
                "between",
                "p50 us",
                "p90",
                "p99",
                "p99.9",
                "p99.99",
                "max",
                "> 100 us",
                "tasks/s",
                "messages/s");
    }

    private void measure(Fairness fairness, Fairness.Flood flood, double micros)
            throws IOException, InterruptedException {
        Fairness.Result result =
                fairness.measure(flood, Math.round(micros * 1e3), tasks, connections, size, quick ? 1 : seconds);
        row(flood, micros, "polls", result.poll(), result);
        row(flood, micros, "tasks", result.task(), result);
    }

    private void row(Fairness.Flood flood, double micros, String between, Histogram intervals, Fairness.Result result) {
        String floodName = flood.name().toLowerCase(Locale.ROOT);
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT, "%-8s %8s  %-8s", floodName, flood == Fairness.Flood.PACKETS ? "-" : micros, between));
        for (double percentile : PERCENTILES) {
            double micro = intervals.getValueAtPercentile(percentile) / 1e3;
            line.append(String.format(Locale.ROOT, " %8.1f", micro));
            add(
                    floodName,
                    micros,
                    between,
                    "p" + (percentile == Math.rint(percentile) ? Integer.toString((int) percentile) : percentile),
                    micro);
        }
        add(floodName, micros, between, "max", intervals.getMaxValue() / 1e3);
        long late = intervals.getTotalCount() - intervals.getCountBetweenValues(0, AIM_NANOS);
        line.append(String.format(
                Locale.ROOT,
                " %9.1f  %8.4f%%  %11s %11s",
                intervals.getMaxValue() / 1e3,
                100.0 * late / Math.max(1, intervals.getTotalCount()),
                TextTable.number(result.tasks() / result.seconds()),
                TextTable.number(result.messages() / result.seconds())));
        System.out.println(line);
    }

    private void add(String flood, double micros, String between, String percentile, double micro) {
        results.add(
                "fairness",
                "ix",
                "virtual",
                Map.of("flood", flood, "task_us", micros, "between", between, "percentile", percentile),
                Metric.LATENCY_US,
                micro);
    }
}
