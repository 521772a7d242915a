package org.ixnet.benchmarks.report;

import java.util.Locale;

/** What a row measures, with its unit. */
public enum Metric {
    REQUESTS_PER_SECOND("requests a second", "1/s", true),
    CONNECTIONS_PER_SECOND("connections a second", "1/s", true),
    /** Always with the parameter {@code percentile}. */
    LATENCY_US("latency", "us", false),
    GBIT_PER_SECOND("goodput", "Gb/s", true),
    /** Always with the parameter {@code side}. */
    CPU_US_PER_REQUEST("CPU time a request", "us", false),
    FRAMES_PER_SECOND("frames a second", "1/s", true),
    /** Always with the parameter {@code side}. */
    BYTES_ALLOCATED_PER_MESSAGE("bytes allocated a message", "B", false);

    private final String title;
    private final String unit;
    private final boolean moreIsBetter;

    Metric(String title, String unit, boolean moreIsBetter) {
        this.title = title;
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    /** The name in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** For a person, without the unit. */
    String title() {
        return title;
    }

    public String unit() {
        return unit;
    }

    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
