package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a reader wants to know first: the ladder and the aims. Each phase of the cores has its own, since figures of two phases
 * must not meet in one ratio; the phase of the tables comes first. Thread rule: any.
 */
public final class Summary {
    private Summary() {}

    /**
     * The rows of one phase.
     *
     * @param title says which; empty where the rows are of no phase
     */
    record Part(String title, List<Row> rows) {}

    /** Ladders and aims; empty where there is none of both. */
    public static String text(Results results) {
        StringBuilder out = new StringBuilder();
        for (Part part : parts(results)) {
            out.append(part.title.isEmpty() ? "" : "\n" + part.title + "\n")
                    .append(LadderTable.text(part.rows))
                    .append(Aims.text(part.rows));
        }
        return out.toString();
    }

    /** Those with something to say. */
    static List<Part> parts(Results results) {
        @Nullable Phase kept = results.kept();
        if (kept == null || kept == Phase.UNKNOWN) {
            return saying(Stream.of(new Part("", results.rows())));
        }
        List<Phase> phases = new ArrayList<>(List.of(Phase.NEAR, Phase.FAR));
        phases.remove(kept);
        phases.addFirst(kept);
        return saying(
                phases.stream().map(phase -> new Part("Turns in which the cores were " + phase, results.rows(phase))));
    }

    private static List<Part> saying(Stream<Part> parts) {
        return parts.filter(part -> !Aims.outcomes(part.rows).isEmpty()
                        || LadderTable.rungs(part.rows).size() > 1)
                .toList();
    }
}
