package org.ixnet.benchmarks.agent;

/**
 * When a warm-up has done its work: when the rate of successive windows no longer rises. A fixed time would measure the
 * interpreter on a slow machine, because the JIT compilers share the core that the loop polls. Thread rule: one thread.
 */
public final class Settling {
    /** Length of a window. */
    public static final double WINDOW_SECONDS = 0.5;
    /** Windows in a row that must not be faster than all before. */
    static final int FLAT_WINDOWS = 3;
    /** How much faster counts. */
    static final double RISE = 1.03;

    private final double boundSeconds;
    private double best;
    private int flat;
    private double seconds;
    private long lastTotal;

    /**
     * @param boundSeconds the warm-up ends then, whatever the rate does
     * @param total requests answered so far
     */
    public Settling(double boundSeconds, long total) {
        this.boundSeconds = boundSeconds;
        this.lastTotal = total;
    }

    /**
     * Takes note of a window that has just ended.
     *
     * @param total requests answered so far
     * @return whether another window is needed
     */
    public boolean goesOn(long total, double windowSeconds) {
        double rate = (total - lastTotal) / windowSeconds;
        lastTotal = total;
        seconds += windowSeconds;
        // Nothing answered is not "no longer rising": the first answer may be on its way still.
        flat = rate > RISE * best || rate == 0 ? 0 : flat + 1;
        best = Math.max(best, rate);
        return flat < FLAT_WINDOWS && seconds < boundSeconds;
    }

    /** How long it took so far. */
    public double seconds() {
        return seconds;
    }
}
