package org.ixnet.benchmarks.report;

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

    private final List<String> contenders;

    /** @param rows all rows of the run */
    Palette(List<Row> rows) {
        contenders = rows.stream().map(Row::contender).distinct().toList();
    }

    /** The number of the contender's CSS class {@code c0}, {@code c1}, ... */
    int index(String contender) {
        return contenders.indexOf(contender);
    }

    /** A rule for each contender that sets {@code --c}. */
    String css() {
        Map<String, Integer> used = new HashMap<>();
        StringBuilder css = new StringBuilder();
        for (int i = 0; i < contenders.size(); i++) {
            String transport = contenders.get(i).substring(0, contenders.get(i).indexOf(" / "));
            List<String> family = FAMILIES.getOrDefault(transport, OTHERS);
            int next = used.merge(family.getFirst(), 1, Integer::sum) - 1;
            css.append(String.format(".c%d{--c:%s}", i, family.get(next % family.size())));
        }
        return css.append('\n').toString();
    }
}
