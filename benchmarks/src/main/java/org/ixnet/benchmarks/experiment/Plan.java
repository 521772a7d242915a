package org.ixnet.benchmarks.experiment;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.benchmarks.agent.Settling;
import org.ixnet.benchmarks.session.Contender;

/**
 * How much to measure. Thread rule: the orchestrator's main thread.
 *
 * @param quick fewer points, shorter windows
 * @param runs of every contender, interleaved
 * @param fresh whether each round takes a fresh pair of processes; otherwise a pair lives through all rounds, stopped while
 *     others are measured, and warms up once. Where the JIT compilers end differs from process to process.
 * @param transports servers wanted; empty: all
 * @param wires wanted; empty: all
 * @param boundSeconds a further turn of a contender begins only when it will probably have ended by then; its first one in
 *     any case
 * @param memory what one run leaves for the next ones, for example a rate that all contenders are to be asked for
 */
public record Plan(
        boolean quick,
        int runs,
        boolean fresh,
        List<String> transports,
        List<String> wires,
        double boundSeconds,
        Map<String, Double> memory) {
    public Plan {
        transports = List.copyOf(transports);
        wires = List.copyOf(wires);
    }

    public static Plan of(boolean quick, int runs, boolean fresh, List<String> transports, List<String> wires) {
        return new Plan(quick, runs, fresh, transports, wires, Double.POSITIVE_INFINITY, new HashMap<>());
    }

    /** The same, bound to {@code seconds}. */
    public Plan within(double seconds) {
        return new Plan(quick, runs, fresh, transports, wires, seconds, memory);
    }

    public boolean wants(Contender contender) {
        return (transports.isEmpty() || transports.contains(contender.transport()))
                && (wires.isEmpty() || wires.contains(contender.wire().label()));
    }

    /** Whether to leave out the less telling contenders: in a quick run that does not name those it wants. */
    boolean fewContenders() {
        return quick && transports.isEmpty() && wires.isEmpty();
    }

    /** Warm-up of a point, not measured; the code is warm from the first load of its kind. */
    double warmupSeconds() {
        return quick ? 0.1 : 0.2;
    }

    /** The most that the first load of a kind in a pair of processes may take to settle. */
    double settleSeconds() {
        return quick ? 6 : 20;
    }

    /** The most that a later load may wait for the compilers. */
    double quietSeconds() {
        return quick ? 1 : Settling.LATER_SECONDS;
    }

    double measureSeconds() {
        return quick ? 0.3 : 0.5;
    }

    /** Of an open loop: a few milliseconds of other work on a core must not be one request in a hundred. */
    private double openSeconds() {
        return quick ? 0.5 : 1.5;
    }

    /** A load with this plan's times. */
    Command load(String kind) {
        return Command.of("run")
                .with("load", kind)
                .with("settle", settleSeconds())
                .with("warmup", warmupSeconds())
                .with("quiet", quietSeconds())
                .with("seconds", kind.equals("open") ? openSeconds() : measureSeconds());
    }
}
