package org.ixnet.benchmarks.agent;

/**
 * When a warm-up has done its work: when the rate of successive windows no longer rises, and the JIT compilers of both sides
 * are quiet. They share the cores that the loops poll: a fixed time would measure the interpreter on a slow machine,
 * and an open loop, whose rate is given, time slices of 3 ms that go to a compiler. Thread rule: one thread.
 */
public final class Settling {
    /** Length of a window. */
    public static final double WINDOW_SECONDS = 0.5;
    /** Windows in a row that must not be faster than all before. */
    private static final int FLAT_WINDOWS = 2;
    /** How much faster counts. */
    private static final double RISE = 1.03;
    /** The part of a window that the compilers may have. */
    private static final double COMPILING = 0.02;

    private final double boundSeconds;
    private double best;
    private int flat;
    private double seconds;
    private long lastTotal;
    private long lastCompileMillis;

    /**
     * @param boundSeconds the warm-up ends then, whatever the rate does
     * @param total requests answered so far
     * @param compileMillis CPU time that the JIT compilers of both sides took so far
     */
    public Settling(double boundSeconds, long total, long compileMillis) {
        this.boundSeconds = boundSeconds;
        this.lastTotal = total;
        this.lastCompileMillis = compileMillis;
    }

    /**
     * Takes note of a window that has just ended.
     *
     * @param total requests answered so far
     * @param compileMillis CPU time that the JIT compilers of both sides took so far
     * @return whether another window is needed
     */
    public boolean goesOn(long total, double windowSeconds, long compileMillis) {
        double rate = (total - lastTotal) / windowSeconds;
        boolean compiles = (compileMillis - lastCompileMillis) / 1e3 > COMPILING * windowSeconds;
        lastTotal = total;
        lastCompileMillis = compileMillis;
        seconds += windowSeconds;
        // Nothing answered is not "no longer rising": the first answer may be on its way still.
        flat = rate > RISE * best || rate == 0 || compiles ? 0 : flat + 1;
        best = Math.max(best, rate);
        return flat < FLAT_WINDOWS && seconds < boundSeconds;
    }

    /** How long it took so far. */
    public double seconds() {
        return seconds;
    }
}
