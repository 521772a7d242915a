package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The colours of a report: one a contender, the same in all plots, from a family for each transport. IX has the warm ones, so
 * that it is found at once. Thread rule: any.
 */
final class Palette {
    private static final Map<String, List<String>> FAMILIES = Map.of(
            "ix", List.of("#e4572e", "#f2a93b", "#c2417c", "#a8481c", "#ff8f6b"),
            "epoll", List.of("#3f6fb0", "#7fa8d9", "#2b4a73", "#5b8fa8"),
            "io_uring", List.of("#7c6bb0", "#a58fc9", "#594a8c"),
            "nio", List.of("#7a7f87", "#a9afb8"),
            "c-memcached", List.of("#3d9a8b", "#6aa84f"));
    private static final List<String> OTHERS = List.of("#8d6e63", "#4f8f5b", "#9a8f78");

    private final List<String> contenders = new ArrayList<>();
    private final List<String> colors = new ArrayList<>();

    /** @param rows all rows of the run */
    Palette(List<Row> rows) {
        Map<List<String>, Integer> used = new HashMap<>();
        for (Row row : rows) {
            if (!contenders.contains(row.contender())) {
                List<String> family = FAMILIES.getOrDefault(row.transport(), OTHERS);
                int next = used.merge(family, 1, Integer::sum) - 1;
                contenders.add(row.contender());
                colors.add(family.get(next % family.size()));
            }
        }
    }

    /** The number of the contender's CSS class {@code c0}, {@code c1}, ... */
    int index(String contender) {
        return contenders.indexOf(contender);
    }

    /** A rule for each contender that sets {@code --c}. */
    String css() {
        StringBuilder css = new StringBuilder();
        for (int i = 0; i < colors.size(); i++) {
            css.append(String.format(".c%d{--c:%s}", i, colors.get(i)));
        }
        return css.append('\n').toString();
    }
}
