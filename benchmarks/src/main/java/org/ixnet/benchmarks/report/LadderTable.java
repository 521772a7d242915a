package org.ixnet.benchmarks.report;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The ladder as a table: each rung's rate, its share of the rung below, the aim. Thread rule: any. */
public final class LadderTable {
    /** What each rung should keep of the last one, in their order. */
    private static final List<String> AIMS = List.of("", ">= 95 %", ">= 25 %, >= 2 M/s", ">= 60 %", ">= 75 %");

    private LadderTable() {}

    /** The rungs of {@code rows}, lowest first; empty when there are none. */
    public static List<Row> rungs(List<Row> rows) {
        return rows.stream()
                .filter(row -> row.params().containsKey("rung"))
                .filter(row -> row.metric() == Metric.FRAMES_PER_SECOND || row.metric() == Metric.REQUESTS_PER_SECOND)
                .sorted(Comparator.comparing(row -> row.param("rung", "")))
                .toList();
    }

    /** @param rungs as {@link #rungs} returns them; empty without any */
    static String text(List<Row> rungs) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < rungs.size(); i++) {
            Row row = rungs.get(i);
            if (i == 0) {
                out.append(String.format(
                        "%n%-22s %14s %12s  %-18s%n", "rung (memif)", "per second", "of the last", "aim"));
            }
            String share = i == 0
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            "%.0f %%",
                            100 * row.median() / rungs.get(i - 1).median());
            int number = row.param("rung", "1").charAt(0) - '1';
            out.append(String.format(
                    "%-22s %14s %12s  %-18s%n",
                    row.param("rung", ""),
                    TextTable.number(row.median()),
                    share,
                    number >= 0 && number < AIMS.size() ? AIMS.get(number) : ""));
        }
        return out.toString();
    }
}
