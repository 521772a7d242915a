package org.ixnet.benchmarks.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How long the rest of a run will take. A pair's first turn starts its processes and warms them up, which later turns are spared; and who
 * has more experiments takes longer. What would end after a bound is left out. Thread rule: the orchestrator's main thread.
 *
 * @param <P> who has turns
 */
final class Forecast<P> {
    private final Map<P, Turns> pairs = new LinkedHashMap<>();
    private final int rounds;
    private final double boundSeconds;

    private static final class Turns {
        private final int experiments;
        private int done;
        private double firstSeconds;
        /** What a further turn takes; after the first one its measured part. */
        private double furtherSeconds;

        Turns(int experiments) {
            this.experiments = experiments;
        }
    }

    /**
     * @param experiments how many each pair has in a round
     * @param rounds turns of each pair
     * @param boundSeconds from the start, when all is to have ended; infinity: whenever it does
     */
    Forecast(Map<P, Integer> experiments, int rounds, double boundSeconds) {
        experiments.forEach((pair, count) -> pairs.put(pair, new Turns(count)));
        this.rounds = rounds;
        this.boundSeconds = boundSeconds;
    }

    /**
     * A turn of {@code pair} has ended.
     *
     * @param seconds the whole turn
     * @param onceSeconds of these, what a further turn will not need
     */
    void took(P pair, double seconds, double onceSeconds) {
        Turns turns = Objects.requireNonNull(pairs.get(pair));
        if (turns.done++ == 0) {
            turns.firstSeconds = seconds;
            turns.furtherSeconds = seconds - onceSeconds;
        } else {
            turns.furtherSeconds = seconds;
        }
    }

    /** Whether one more turn of {@code pair}, begun now, would end after the bound. Its first one is never too late. */
    boolean isTooLate(P pair, double elapsedSeconds) {
        Turns turns = Objects.requireNonNull(pairs.get(pair));
        return turns.done > 0 && elapsedSeconds + turns.furtherSeconds > boundSeconds;
    }

    /** Without what the bound will leave out; NaN before the first turn has ended. */
    double secondsLeft(double elapsedSeconds) {
        return Math.min(secondsOfAll(), Math.max(0, boundSeconds - elapsedSeconds));
    }

    private double secondsOfAll() {
        double experiments = 0;
        double first = 0;
        double further = 0;
        for (Turns turns : pairs.values()) {
            if (turns.done > 0) {
                experiments += turns.experiments;
                first += turns.firstSeconds;
                further += turns.furtherSeconds;
            }
        }
        double left = 0;
        for (Turns turns : pairs.values()) {
            if (turns.done > 0) {
                left += (rounds - turns.done) * turns.furtherSeconds;
            } else {
                left += turns.experiments * (first + (rounds - 1) * further) / experiments;
            }
        }
        return left;
    }
}
