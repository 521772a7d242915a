package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The results as tables of text, ratio first: for the terminal, or as Markdown. Thread rule: any. */
public final class TextTable {
    private static final List<String> HEAD =
            List.of("ratio", "against", "transport / wire", "point", "metric", "median", "min .. max", "unit", "runs");

    private TextTable() {}

    /** One aligned table an experiment. */
    public static String terminal(Results results) {
        return write(results, false);
    }

    /** The same as Markdown. */
    public static String markdown(Results results) {
        return write(results, true);
    }

    private static String write(Results results, boolean markdown) {
        List<Row> rows = results.rows();
        Comparison comparison = new Comparison(rows);
        StringBuilder out = new StringBuilder();
        for (String bench : rows.stream().map(Row::bench).distinct().toList()) {
            List<List<String>> lines = new ArrayList<>();
            lines.add(HEAD);
            results.rows(bench).forEach(row -> lines.add(cells(row, comparison)));
            out.append(markdown ? "\n### " + bench + "\n\n" : "\n== " + bench + " ==\n");
            out.append(markdown ? markdown(lines) : aligned(lines));
        }
        for (String failure : results.failures()) {
            out.append(markdown ? "\nNot measured: " : "NOT MEASURED: ")
                    .append(failure)
                    .append('\n');
        }
        return out.toString();
    }

    private static List<String> cells(Row row, Comparison comparison) {
        @Nullable Row baseline = comparison.baseline(row);
        String against = baseline == null ? "" : "epoll / " + baseline.wire();
        return List.of(
                comparison.ratio(row),
                against,
                row.contender(),
                row.point(),
                row.metric().label(),
                number(row.median()),
                number(row.min()) + " .. " + number(row.max()),
                row.metric().unit(),
                Integer.toString(row.runs()));
    }

    /** Four significant digits; thousands apart. */
    public static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 1000 ? "%,.0f" : size >= 100 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    private static String aligned(List<List<String>> lines) {
        int[] width = new int[HEAD.size()];
        lines.forEach(line -> {
            for (int i = 0; i < width.length; i++) {
                width[i] = Math.max(width[i], line.get(i).length());
            }
        });
        StringBuilder out = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < width.length; i++) {
                text.append(String.format("%-" + Math.max(1, width[i]) + "s  ", line.get(i)));
            }
            out.append(text.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }

    private static String markdown(List<List<String>> lines) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            out.append("| ").append(String.join(" | ", lines.get(i))).append(" |\n");
            if (i == 0) {
                out.append("|").append(" --- |".repeat(HEAD.size())).append('\n');
            }
        }
        return out.toString();
    }
}
