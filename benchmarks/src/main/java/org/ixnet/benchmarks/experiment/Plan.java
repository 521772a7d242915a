package org.ixnet.benchmarks.experiment;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.benchmarks.session.Contender;

/**
 * How much to measure. Thread rule: the orchestrator's main thread.
 *
 * @param quick fewer points, shorter windows
 * @param runs of every contender, interleaved
 * @param transports servers wanted; empty: all
 * @param wires wanted; empty: all
 * @param memory what one run leaves for the next ones, for example a rate that all contenders are to be asked for
 */
public record Plan(boolean quick, int runs, List<String> transports, List<String> wires, Map<String, Double> memory) {
    public Plan {
        transports = List.copyOf(transports);
        wires = List.copyOf(wires);
    }

    public static Plan of(boolean quick, int runs, List<String> transports, List<String> wires) {
        return new Plan(quick, runs, transports, wires, new HashMap<>());
    }

    public boolean wants(Contender contender) {
        return (transports.isEmpty() || transports.contains(contender.transport()))
                && (wires.isEmpty() || wires.contains(contender.wire().label()));
    }

    /** Whether to leave out the less telling contenders: in a quick run that does not name those it wants. */
    boolean fewContenders() {
        return quick && transports.isEmpty() && wires.isEmpty();
    }

    /** Warm-up of a point, not measured; the code is warm from {@link #warmUp} already. */
    double warmupSeconds() {
        return quick ? 0.15 : 1;
    }

    double measureSeconds() {
        return quick ? 0.4 : 3;
    }

    /** A load with this plan's times. */
    Command load(String kind) {
        return Command.of("run")
                .with("load", kind)
                .with("warmup", warmupSeconds())
                .with("seconds", measureSeconds());
    }

    /** The load that every fresh pair of processes starts with, so that the JIT compilers are done before anything counts. */
    Command warmUp() {
        return Command.of("run")
                .with("load", "closed")
                .with("connections", 16)
                .with("warmup", quick ? 1.2 : 4)
                .with("seconds", 0.1);
    }
}
