package org.ixnet.benchmarks.report;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One result: a figure over all its runs. This is the row of {@code --json}; its schema does not change silently.
 *
 * @param bench the experiment
 * @param transport of the server
 * @param wire between client and server
 * @param params what else tells this figure from others; values are numbers or strings
 * @param samples one value a run, in the order of the runs; not in the JSON
 */
public record Row(
        String bench, String transport, String wire, Map<String, Object> params, Metric metric, List<Double> samples) {
    /** The parameter {@code source} of a percentile that is the median of those of short windows. */
    public static final String SHORT_WINDOWS = "median of 50 ms windows";

    /** The parameter that says after how much idle time a loop sleeps. */
    private static final String SPIN = "idle.spinMicros";

    /** Parameters that tell contenders apart, and are no points of an experiment. */
    static final Set<String> CONTENDER_PARAMS =
            Set.of("client", "mtu", "rxDescriptors", "txDescriptors", "mbufs", SPIN);

    public Row {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("a row of " + bench + " has no samples");
        }
        params = Collections.unmodifiableMap(new TreeMap<>(params));
        samples = List.copyOf(samples);
    }

    /** The middle sample, or the mean of the two middle ones. */
    public double median() {
        return quantile(0.5);
    }

    public double min() {
        return quantile(0);
    }

    public double max() {
        return quantile(1);
    }

    public int runs() {
        return samples.size();
    }

    /** Linear interpolation between the sorted samples; {@code q} in 0..1. */
    public double quantile(double q) {
        double[] sorted = samples.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        double at = q * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = (int) Math.ceil(at);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** Transport and wire, MTU and idle time before a sleep where they are not the usual ones, and the client where it is of another kind. */
    public String contender() {
        String client = param("client", transport);
        String mtu = param("mtu", "");
        String spin = param(SPIN, "");
        return transport + " / " + wire + (mtu.isEmpty() ? "" : " mtu " + mtu)
                + (spin.isEmpty() ? "" : " spin " + spin + " us")
                + (client.equals(transport) ? "" : " (client " + client + ")");
    }

    /** What was measured, apart from who: {@code connections=64 size=64}. */
    public String point() {
        return params.entrySet().stream()
                .filter(param -> !CONTENDER_PARAMS.contains(param.getKey()))
                .map(param -> param.getKey() + "=" + Results.text(param.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** Parameter {@code key} as text, or {@code otherwise}. */
    public String param(String key, String otherwise) {
        Object value = params.get(key);
        return value == null ? otherwise : Results.text(value);
    }
}
