package org.ixnet.benchmarks.experiment;

import java.util.Map;
import java.util.TreeMap;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.session.Contender;

/**
 * Adds figures of one contender in one experiment to the results. Thread rule: the orchestrator's main thread.
 *
 * @param bench the experiment's name
 */
record Recorder(String bench, Contender contender, Results results) {

    /** Parameters by name, in pairs. */
    static Map<String, Object> params(Object... pairs) {
        Map<String, Object> params = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            params.put((String) pairs[i], pairs[i + 1]);
        }
        return params;
    }

    void add(Map<String, Object> point, Metric metric, double value) {
        Map<String, Object> params = new TreeMap<>(point);
        params.put("client", contender.client());
        contender.settings().forEach((key, setting) -> params.put(key, number(setting)));
        results.add(bench, contender.transport(), contender.wire().label(), params, metric, value);
    }

    /** As {@link #add} with one more parameter. */
    void add(Map<String, Object> point, String key, Object value, Metric metric, double figure) {
        Map<String, Object> params = new TreeMap<>(point);
        params.put(key, value);
        add(params, metric, figure);
    }

    /** Requests a second of a load's figures. */
    void rate(Map<String, Object> point, Map<String, Double> figures) {
        add(point, Metric.REQUESTS_PER_SECOND, rate(figures));
    }

    static double rate(Map<String, Double> figures) {
        return figures.getOrDefault("messages", 0.0) / figures.getOrDefault("seconds", 0.0);
    }

    /** Frames a second of an L2 load's figures. */
    void frames(Map<String, Object> point, Map<String, Double> figures) {
        add(
                point,
                Metric.FRAMES_PER_SECOND,
                figures.getOrDefault("frames", 0.0) / figures.getOrDefault("seconds", 0.0));
    }

    static double connectionRate(Map<String, Double> figures) {
        return figures.getOrDefault("connections", 0.0) / figures.getOrDefault("seconds", 0.0);
    }

    /** Percentiles of a load's latency, as far as it has them. */
    void latency(Map<String, Object> point, Map<String, Double> figures, double... percentiles) {
        latency(point, "", figures, percentiles);
    }

    /** As {@link #latency(Map, Map, double...)}; {@code prefix} is {@code probe_} for the independent latency client. */
    void latency(Map<String, Object> point, String prefix, Map<String, Double> figures, double... percentiles) {
        for (double percentile : percentiles) {
            Object label = percentile == Math.rint(percentile) ? (Object) (int) percentile : (Object) percentile;
            Double value = figures.get(prefix + "p" + label + "_us");
            if (value != null) {
                add(point, "percentile", label, Metric.LATENCY_US, value);
            }
        }
    }

    /**
     * CPU time a request and, of Java, bytes allocated a message, on both sides; they are those of a longer window than the
     * rate's, so that asking for them does not disturb it.
     */
    void costs(Map<String, Object> point, Map<String, Double> figures) {
        double messages = figures.getOrDefault("messages_of_costs", figures.getOrDefault("messages", 0.0));
        for (String side : new String[] {"server", "client"}) {
            Double cpu = figures.get(side + "_cpu_ns");
            if (cpu != null) {
                add(point, "side", side, Metric.CPU_US_PER_REQUEST, cpu / 1e3 / messages);
            }
            Double allocated = figures.get(side + "_allocated_bytes");
            if (allocated != null) {
                add(point, "side", side, Metric.BYTES_ALLOCATED_PER_MESSAGE, allocated / messages);
            }
        }
    }

    private static Object number(String setting) {
        return setting.matches("\\d{1,9}") ? (Object) Integer.valueOf(setting) : (Object) setting;
    }
}
