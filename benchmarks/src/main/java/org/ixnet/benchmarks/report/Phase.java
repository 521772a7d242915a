package org.ixnet.benchmarks.report;

import java.util.Locale;

/**
 * How far apart the two cores were while something was measured. A host that moves the cores of a virtual machine changes
 * rates by a factor of two and more, of the kernel's transports too, and keeps them there for minutes: longer than a turn of
 * a contender, shorter than a run. So only figures of one phase can be compared. Thread rule: immutable.
 */
public enum Phase {
    /** Below {@link #FAR_NANOS}. */
    NEAR,
    /** From there on. */
    FAR,
    /** Near at one end of the turn and far at the other. */
    CHANGING,
    /** One core, or none that could be had. */
    UNKNOWN;

    /** There and back, nanoseconds: between the 60 to 120 of cores that share a cache and the 300 and more of others. */
    static final double FAR_NANOS = 200;

    /** As in {@code params.phase} of the JSON: {@code near}. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @param before and {@code after} a turn: nanoseconds of a cache line there and back, or NaN */
    public static Phase of(double before, double after) {
        if (Double.isNaN(before) || Double.isNaN(after)) {
            return UNKNOWN;
        }
        boolean wasFar = before >= FAR_NANOS;
        boolean isFar = after >= FAR_NANOS;
        return wasFar != isFar ? CHANGING : isFar ? FAR : NEAR;
    }
}
