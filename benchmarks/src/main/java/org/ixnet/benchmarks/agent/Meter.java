package org.ixnet.benchmarks.agent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What a load generator counts; the result is that of the measurement window. It counts outside the window too, by the same
 * code: a branch first taken when the window opens would have the JIT compile anew what is being measured. Latencies in
 * nanoseconds, three significant digits, cut at 60 s. Thread rule: the event loop.
 */
public final class Meter {
    private static final long MAX_LATENCY_NANOS = 60_000_000_000L;
    /**
     * Other work that gets the core for a few milliseconds a few times a second is more than one request in a hundred: it alone
     * decides the p99 of the whole time. The medians of the percentiles of short windows tell the server's own.
     */
    private static final long SHORT_WINDOW_NANOS = 50_000_000;
    /** The percentiles reported. */
    static final double[] PERCENTILES = {50, 90, 95, 99, 99.9, 99.99};

    private final Histogram latency = new Histogram(1, MAX_LATENCY_NANOS, 3);
    private final Histogram probe = new Histogram(1, MAX_LATENCY_NANOS, 3);
    /** Latencies of the current short window, and the percentiles of those that are complete. */
    private final Histogram shortWindow = new Histogram(1, MAX_LATENCY_NANOS, 2);

    private final List<Double> shortP99 = new ArrayList<>();
    private final List<Double> shortP999 = new ArrayList<>();
    private long shortBeginNanos;
    private long beginNanos;
    private long total;
    private long answered;
    private long messages;
    private long connections;
    private long unanswered;
    private Map<String, Double> result = Map.of();

    /** Empty, and without a result. */
    public Meter() {}

    /** The window opens: forgets everything but the totals. */
    public void begin(long nowNanos) {
        latency.reset();
        probe.reset();
        shortWindow.reset();
        shortP99.clear();
        shortP999.clear();
        messages = 0;
        connections = 0;
        unanswered = 0;
        beginNanos = nowNanos;
        shortBeginNanos = nowNanos;
    }

    /** The window closes: {@link #result} is ready. */
    public void end(long nowNanos) {
        result = figures((nowNanos - beginNanos) / 1e9);
    }

    /** Answered requests, or what else shows that the load flows, since the start, in the window or not. */
    public long total() {
        return total;
    }

    /** Answered requests since the start, in the window or not. */
    long answered() {
        return answered;
    }

    /** Something went on that is no request; it counts for {@link #total} alone. */
    void progress() {
        total++;
    }

    /** One answered request that was not timed. */
    public void message() {
        total++;
        answered++;
        messages++;
    }

    /** One answered request. */
    public void message(long latencyNanos) {
        message();
        long nanos = Math.clamp(latencyNanos, 1, MAX_LATENCY_NANOS);
        latency.recordValue(nanos);
        shortWindow.recordValue(nanos);
    }

    /** Called again and again while a load flows: closes a short window when its time is over. */
    void tick(long nowNanos) {
        if (nowNanos - shortBeginNanos >= SHORT_WINDOW_NANOS) {
            if (shortWindow.getTotalCount() > 0) {
                shortP99.add(shortWindow.getValueAtPercentile(99) / 1e3);
                shortP999.add(shortWindow.getValueAtPercentile(99.9) / 1e3);
                shortWindow.reset();
            }
            shortBeginNanos = nowNanos;
        }
    }

    /** One answered request of the latency client, which is not part of the load. */
    void probe(long latencyNanos) {
        total++;
        probe.recordValue(Math.clamp(latencyNanos, 1, MAX_LATENCY_NANOS));
    }

    /** One connection opened, used and closed. */
    void connection() {
        connections++;
    }

    /**
     * A request due in the window that was never answered: it enters the histogram with the age that it reached, so that an
     * overloaded server cannot look good by leaving out its worst answers.
     */
    void unanswered(long ageNanos) {
        unanswered++;
        latency.recordValue(Math.clamp(ageNanos, 1, MAX_LATENCY_NANOS));
    }

    /** The figures by name: {@code messages}, {@code connections}, {@code seconds}, {@code p50_us} ..., {@code typical_p99_us} and {@code typical_p99.9_us} of an open loop. */
    public Map<String, Double> result() {
        return new TreeMap<>(result);
    }

    private Map<String, Double> figures(double seconds) {
        Map<String, Double> figures = new TreeMap<>();
        figures.put("messages", (double) messages);
        figures.put("connections", (double) connections);
        figures.put("unanswered", (double) unanswered);
        figures.put("seconds", seconds);
        putPercentiles(figures, "", latency);
        if (!shortP99.isEmpty()) {
            figures.put("typical_p99_us", median(shortP99));
            figures.put("typical_p99.9_us", median(shortP999));
        }
        putPercentiles(figures, "probe_", probe);
        return figures;
    }

    private static double median(List<Double> values) {
        Collections.sort(values);
        return values.get(values.size() / 2);
    }

    private static void putPercentiles(Map<String, Double> result, String prefix, Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return;
        }
        for (double percentile : PERCENTILES) {
            String label = percentile == Math.rint(percentile) ? Integer.toString((int) percentile) : percentile + "";
            result.put(prefix + "p" + label + "_us", histogram.getValueAtPercentile(percentile) / 1e3);
        }
        result.put(prefix + "max_us", histogram.getMaxValue() / 1e3);
    }
}
