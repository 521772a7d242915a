package org.ixnet.benchmarks.report;

import java.util.Locale;

/** What a row measures, with its unit. */
public enum Metric {
    REQUESTS_PER_SECOND("1/s", true),
    CONNECTIONS_PER_SECOND("1/s", true),
    /** Always with the parameter {@code percentile}. */
    LATENCY_US("us", false),
    GBIT_PER_SECOND("Gb/s", true),
    /** Always with the parameter {@code side}. */
    CPU_US_PER_REQUEST("us", false),
    FRAMES_PER_SECOND("1/s", true),
    /** Always with the parameter {@code side}. */
    BYTES_ALLOCATED_PER_MESSAGE("B", false);

    private final String unit;
    private final boolean moreIsBetter;

    Metric(String unit, boolean moreIsBetter) {
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    /** The name in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String unit() {
        return unit;
    }

    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
