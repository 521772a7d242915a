package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a reader wants to know first: the ladder and the aims. Each phase of the cores has its own, since figures of two phases
 * must not meet in one ratio; the phase of the tables comes first. What no phase can answer, because the cores moved between
 * those that are to be compared, comes last, from the turns of all phases. Thread rule: any.
 */
public final class Summary {
    /**
     * What the turns of one phase, or of all, have to say.
     *
     * @param title says which; empty where the rows are of no phase
     * @param rungs the rows of the ladder
     * @param outcomes the aims that they can judge
     */
    record Part(String title, List<Row> rungs, List<Aims.Outcome> outcomes) {
        static Part of(String title, List<Row> rows) {
            return new Part(title, LadderTable.rungs(rows), Aims.outcomes(rows));
        }

        private boolean isEmpty() {
            return outcomes.isEmpty() && rungs.size() < 2;
        }
    }

    private Summary() {}

    /** Ladders and aims; empty where there is none of both. */
    public static String text(Results results) {
        StringBuilder out = new StringBuilder();
        List<Part> parts = parts(results);
        for (Part part : parts) {
            out.append(part.title.isEmpty() ? "" : "\n" + part.title + "\n")
                    .append(LadderTable.text(part.rungs))
                    .append(Aims.text(part.outcomes));
        }
        return out.append(notJudged(parts)).toString();
    }

    /** How many aims no part could judge; empty when none was asked for, or all were judged. */
    static String notJudged(List<Part> parts) {
        Set<String> judged = new HashSet<>();
        parts.forEach(part -> part.outcomes.forEach(outcome -> judged.add(outcome.aim())));
        int missing = Aims.count() - judged.size();
        return judged.isEmpty() || missing == 0
                ? ""
                : String.format("%nnot run: %d more aims, which need rows that are not here%n", missing);
    }

    /** Those with something to say. */
    static List<Part> parts(Results results) {
        List<Part> parts = new ArrayList<>();
        @Nullable Phase kept = results.kept();
        if (kept == null || kept == Phase.UNKNOWN) {
            parts.add(Part.of("", results.rows()));
        } else {
            parts.add(part(results, kept));
            parts.add(part(results, kept == Phase.NEAR ? Phase.FAR : Phase.NEAR));
            parts.add(rest(results, parts));
        }
        parts.removeIf(Part::isEmpty);
        return parts;
    }

    private static Part part(Results results, Phase phase) {
        return Part.of("Turns in which the cores were " + phase, results.rows(phase));
    }

    /** What {@code parts} leave open. */
    private static Part rest(Results results, List<Part> parts) {
        Part all = Part.of("", results.rowsOfAllPhases());
        Set<String> judged = new HashSet<>();
        boolean ladder = false;
        for (Part part : parts) {
            part.outcomes.forEach(outcome -> judged.add(outcome.aim()));
            ladder |= part.rungs.size() == all.rungs.size();
        }
        return new Part(
                "Turns of all phases, NEAR, FAR and CHANGING, for what no phase has by itself: take these with care",
                ladder ? List.of() : all.rungs,
                all.outcomes.stream()
                        .filter(outcome -> !judged.contains(outcome.aim()))
                        .toList());
    }
}
