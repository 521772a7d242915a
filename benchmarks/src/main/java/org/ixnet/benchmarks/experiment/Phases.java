package org.ixnet.benchmarks.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ixnet.benchmarks.report.Phase;

/**
 * In which phases everybody's turns were, and which of them all can be compared in. Thread rule: the orchestrator's main thread.
 *
 * @param <P> who has turns
 */
final class Phases<P> {
    private final Map<P, List<Phase>> turns = new LinkedHashMap<>();

    Phases() {}

    void add(P who, Phase phase) {
        turns.computeIfAbsent(who, key -> new ArrayList<>()).add(phase);
    }

    /** Turns of {@code who} in {@code phase}. */
    long count(P who, Phase phase) {
        return turns.getOrDefault(who, List.of()).stream().filter(phase::equals).count();
    }

    /** Whether {@code who} has had no more than half of {@code turnsOfEach} in {@code phase}. */
    boolean lacks(P who, Phase phase, int turnsOfEach) {
        return 2 * count(who, phase) <= turnsOfEach;
    }

    /** The phase in which most have had a turn at all; of several the one with the most turns. */
    Phase common() {
        return Stream.of(Phase.FAR, Phase.NEAR, Phase.UNKNOWN)
                .max(Comparator.comparingLong((Phase phase) -> have(phase).size())
                        .thenComparingLong(this::total))
                .orElseThrow();
    }

    private List<P> have(Phase phase) {
        return turns.keySet().stream().filter(who -> count(who, phase) > 0).toList();
    }

    private long total(Phase phase) {
        return turns.keySet().stream().mapToLong(who -> count(who, phase)).sum();
    }

    /** Who was measured in which phase, for the report. */
    String text(Function<P, String> name) {
        Phase common = common();
        Map<Phase, Long> totals = new EnumMap<>(Phase.class);
        for (Phase phase : Phase.values()) {
            if (total(phase) > 0) {
                totals.put(phase, total(phase));
            }
        }
        String all = totals.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        String others = turns.keySet().stream()
                .filter(who -> count(who, common) == 0)
                .map(name)
                .collect(Collectors.joining(", "));
        return "turns: " + all + "; figures are of those that are " + common
                + (others.isEmpty() ? "" : ", but for " + others + ", which had none");
    }
}
