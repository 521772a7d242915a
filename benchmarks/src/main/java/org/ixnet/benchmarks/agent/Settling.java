package org.ixnet.benchmarks.agent;

/**
 * When a warm-up has done its work. Of the first load of its kind: when the rate of successive windows no longer rises, and
 * the JIT compilers of both sides are quiet; of a later one: when the compilers are quiet. They share the cores that the loops
 * poll: a fixed time would measure the interpreter on a slow machine, and an open loop, whose rate is given, time slices of
 * 3 ms that go to a compiler. Thread rule: one thread.
 */
public final class Settling {
    /** Windows of a first load. */
    private static final double WINDOW_SECONDS = 0.25;
    /** Windows in a row that must not be faster than all before. */
    private static final int FLAT_WINDOWS = 2;
    /** How much faster counts. */
    private static final double RISE = 1.03;
    /** The most that a later load may take, unless told otherwise. */
    public static final double LATER_SECONDS = 3;

    private final double boundSeconds;
    private final double windowSeconds;
    private final int flatWindows;
    private double best;
    private int flat;
    private double seconds;
    private long lastTotal;

    private Settling(double boundSeconds, double windowSeconds, int flatWindows, long total) {
        this.boundSeconds = boundSeconds;
        this.windowSeconds = windowSeconds;
        this.flatWindows = flatWindows;
        this.lastTotal = total;
    }

    /**
     * Of a load whose code has not run before.
     *
     * @param boundSeconds the warm-up ends then, whatever the rate does
     * @param total requests answered so far
     */
    public static Settling first(double boundSeconds, long total) {
        return new Settling(boundSeconds, WINDOW_SECONDS, FLAT_WINDOWS, total);
    }

    /**
     * Of a load like one before. Its connections open, and those of the last one have closed: some code runs for the first time
     * still.
     *
     * @param warmupSeconds one window; 0: no warm-up
     * @param boundSeconds the warm-up ends then, whatever the compilers do
     */
    public static Settling later(double warmupSeconds, double boundSeconds) {
        return new Settling(warmupSeconds == 0 ? 0 : boundSeconds, warmupSeconds, 1, 0);
    }

    /**
     * What {@code command} asks for: by {@code settle=SECONDS} for the first load of a kind, else by {@code warmup=SECONDS} and
     * {@code quiet=SECONDS}, which bounds the wait for the compilers.
     */
    public static Settling of(Command command, long total) {
        double boundSeconds = command.number("settle", 0);
        return boundSeconds > 0
                ? first(boundSeconds, total)
                : later(command.number("warmup", WINDOW_SECONDS), command.number("quiet", LATER_SECONDS));
    }

    /** How long to wait before asking {@link #goesOn}. */
    public double windowSeconds() {
        return windowSeconds;
    }

    /**
     * Takes note of a window that has just ended.
     *
     * @param total requests answered so far
     * @param windowSeconds how long it was
     * @param compilersQuiet see {@link CompilerClock#wereQuiet}
     * @return whether another window is needed
     */
    public boolean goesOn(long total, double windowSeconds, boolean compilersQuiet) {
        double rate = (total - lastTotal) / windowSeconds;
        lastTotal = total;
        seconds += windowSeconds;
        // Nothing answered is not "no longer rising": the first answer may be on its way still.
        boolean rises = flatWindows > 1 && (rate > RISE * best || rate == 0);
        flat = rises || !compilersQuiet ? 0 : flat + 1;
        best = Math.max(best, rate);
        return flat < flatWindows && seconds < boundSeconds;
    }

    /** How long it took so far; 0 for a later load. */
    public double settledSeconds() {
        return flatWindows > 1 ? seconds : 0;
    }
}
