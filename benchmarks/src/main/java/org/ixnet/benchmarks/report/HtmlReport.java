package org.ixnet.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One page with everything in it: style, plots, tables; it loads nothing, so it can be mailed and kept. Thread rule: any.
 */
public final class HtmlReport {
    private static final String STYLE = """
            :root { --ink:#1b1f24; --dim:#67707c; --line:#dde2e8; --page:#fbfcfd; --card:#ffffff; --good:#0a7d4b; --bad:#b3372c; }
            @media (prefers-color-scheme: dark) {
              :root { --ink:#e6eaf0; --dim:#98a2af; --line:#323a45; --page:#14181d; --card:#1b2027; --good:#4cc790; --bad:#ef8579; } }
            * { box-sizing:border-box; }
            body { margin:0 auto; max-width:86rem; padding:2.5rem 1.5rem 5rem; background:var(--page); color:var(--ink);
                   font:15px/1.55 system-ui, sans-serif; }
            h1 { font-size:2rem; margin:0 0 .3rem; } h2 { margin:3.5rem 0 .8rem; font-size:1.45rem; }
            h3 { margin:0 0 .5rem; font-size:1rem; font-weight:600; }
            .lead, .dim, .facts dd { color:var(--dim); } td.dim { white-space:normal; } .facts { display:grid; grid-template-columns:max-content 1fr; gap:.1rem 1.2rem; }
            .facts dt { font-weight:600; } .facts dd { margin:0; }
            .summary { margin-top:1.6rem; } nav { margin-top:1.2rem; } nav a { margin-right:1rem; color:inherit; }
            .plots { display:grid; grid-template-columns:repeat(auto-fill, minmax(min(34rem, 100%), 1fr)); gap:1.2rem; }
            .card { background:var(--card); border:1px solid var(--line); border-radius:10px; padding:1rem 1.1rem; }
            svg { width:100%; height:auto; display:block; }
            svg text { fill:var(--dim); font-size:11.5px; } svg .label { fill:var(--ink); font-size:12.5px; }
            .end { text-anchor:end; } .middle { text-anchor:middle; }
            .mark { stroke:var(--bad); stroke-dasharray:6 5; } .grid { stroke:var(--line); } .axis { stroke:var(--dim); }
            .curve { fill:none; stroke:var(--c); stroke-width:2.2; } circle { fill:var(--c); }
            .whisker { stroke:var(--c); stroke-width:1.4; opacity:.65; }
            .box { fill:var(--c); opacity:.35; } .median { stroke:var(--c); stroke-width:3; }
            .legend span { margin-right:1rem; white-space:nowrap; font-size:.85rem; }
            .legend i { display:inline-block; width:.85em; height:.85em; border-radius:3px; background:var(--c); margin-right:.4em; }
            .scroll { overflow-x:auto; } table { border-collapse:collapse; font-size:.86rem; width:100%; }
            th, td { text-align:left; padding:.28rem .7rem; border-bottom:1px solid var(--line); white-space:nowrap; }
            td.n, th.n { text-align:right; font-variant-numeric:tabular-nums; }
            .good { color:var(--good); font-weight:600; } .bad { color:var(--bad); font-weight:600; }
            details { margin-top:1rem; } summary { cursor:pointer; color:var(--dim); }
            """;

    private HtmlReport() {}

    /** The whole page. */
    public static String write(Results results, Environment environment) {
        List<Row> rows = results.rows();
        Comparison comparison = new Comparison(rows);
        Palette palette = new Palette(rows);
        Plots plots = new Plots(rows, palette);
        List<String> benches = rows.stream().map(Row::bench).distinct().toList();
        StringBuilder html = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<title>IX for Netty: benchmarks</title>\n<style>\n")
                .append(STYLE)
                .append(palette.css())
                .append("</style></head><body>\n<h1>IX for Netty: benchmarks</h1>\n")
                .append(
                        "<p class=\"lead\">Server and client on one core each; the same Netty pipelines on every transport. ")
                .append("Medians of interleaved runs; whiskers reach from the smallest to the largest run. ")
                .append("Figures of different wires answer different questions: each names its own.</p>\n");
        facts(html, environment);
        List<Summary.Part> parts = Summary.parts(results);
        parts.forEach(part -> summary(html, part));
        html.append(String.format(
                "<p class=\"dim\">%s</p>%n", Summary.notJudged(parts).strip()));
        html.append("<nav>");
        benches.forEach(bench -> html.append(String.format("<a href=\"#%s\">%s</a>", bench, bench)));
        html.append("</nav>\n");
        for (String bench : benches) {
            section(html, bench, results, comparison, plots);
        }
        failures(html, results.failures());
        return html.append("</body></html>\n").toString();
    }

    private static void summary(StringBuilder html, Summary.Part part) {
        html.append("<section class=\"summary\">\n");
        if (!part.title().isEmpty()) {
            html.append(String.format("<h3>%s</h3>%n", Chart.escape(part.title())));
        }
        List<Aims.Outcome> outcomes = part.outcomes();
        if (!outcomes.isEmpty()) {
            html.append("<div class=\"card scroll\"><table><tr><th></th><th class=\"n\">ratio</th><th>aim</th>")
                    .append("<th>measured</th></tr>\n");
            for (Aims.Outcome outcome : outcomes) {
                html.append(String.format(
                        "<tr><td class=\"%s\">%s</td><td class=\"n\">%s</td><td>%s</td><td class=\"dim\">%s</td></tr>%n",
                        outcome.isReached() ? "good" : "bad",
                        outcome.verdict(),
                        outcome.ratio(),
                        Chart.escape(outcome.aim()),
                        Chart.escape(outcome.measured())));
            }
            html.append("</table></div>\n");
        }
        String ladder = LadderTable.text(part.rungs());
        if (!ladder.isBlank()) {
            html.append("<pre class=\"card scroll\">")
                    .append(Chart.escape(ladder.strip()))
                    .append("</pre>\n");
        }
        html.append("</section>\n");
    }

    private static void facts(StringBuilder html, Environment environment) {
        html.append("<dl class=\"facts\">");
        for (Map.Entry<String, String> fact : environment.facts().entrySet()) {
            html.append(String.format(
                    "<dt>%s</dt><dd>%s</dd>", Chart.escape(fact.getKey()), Chart.escape(fact.getValue())));
        }
        html.append("</dl>\n");
    }

    private static void section(StringBuilder html, String bench, Results results, Comparison comparison, Plots plots) {
        html.append(String.format("<h2 id=\"%s\">%s</h2>%n", bench, bench));
        html.append("<div class=\"plots\">\n");
        for (Plots.Plot plot : plots.of(bench)) {
            html.append(String.format(
                    "<div class=\"card\"><h3>%s</h3>%n%s</div>%n", Chart.escape(plot.title()), plot.svg()));
        }
        html.append("</div>\n<details><summary>All figures of ")
                .append(bench)
                .append("</summary><div class=\"scroll\">");
        html.append("<table><tr><th class=\"n\">ratio</th><th>against</th><th>transport / wire</th><th>point</th>")
                .append("<th>metric</th><th class=\"n\">median</th><th class=\"n\">min</th><th class=\"n\">max</th>")
                .append("<th>unit</th><th class=\"n\">runs</th></tr>\n");
        results.rows(bench).forEach(row -> line(html, row, comparison));
        html.append("</table></div></details>\n");
    }

    private static void line(StringBuilder html, Row row, Comparison comparison) {
        @Nullable Row baseline = comparison.baseline(row);
        boolean better = baseline != null && row.metric().moreIsBetter() == row.median() > baseline.median();
        html.append(String.format(
                Locale.ROOT,
                "<tr><td class=\"n %s\">%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td class=\"n\">%s</td>"
                        + "<td class=\"n\">%s</td><td class=\"n\">%s</td><td>%s</td><td class=\"n\">%d</td></tr>%n",
                baseline == null ? "" : better ? "good" : "bad",
                comparison.ratio(row),
                baseline == null ? "" : "epoll / " + baseline.wire(),
                Chart.escape(row.contender()),
                Chart.escape(row.point()),
                row.metric().label(),
                TextTable.number(row.median()),
                TextTable.number(row.min()),
                TextTable.number(row.max()),
                row.metric().unit(),
                row.runs()));
    }

    private static void failures(StringBuilder html, List<String> failures) {
        if (!failures.isEmpty()) {
            html.append("<h2>Not measured</h2><ul>");
            failures.forEach(
                    failure -> html.append("<li>").append(Chart.escape(failure)).append("</li>"));
            html.append("</ul>\n");
        }
    }
}
