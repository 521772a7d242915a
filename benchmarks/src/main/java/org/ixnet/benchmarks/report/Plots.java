package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which plots each experiment has. Thread rule: any. */
final class Plots {
    private final List<Row> rows;
    private final Palette palette;

    /** @param rows all rows of the run */
    Plots(List<Row> rows, Palette palette) {
        this.rows = rows;
        this.palette = palette;
    }

    /** A titled plot. */
    record Plot(String title, String svg) {}

    List<Plot> of(String bench) {
        List<Plot> plots = new ArrayList<>();
        switch (bench) {
            case "netpipe" -> {
                curve(plots, bench, "One-way latency", Metric.LATENCY_US, "size", "message, bytes", true, isMedian());
                curve(plots, bench, "Goodput", Metric.GBIT_PER_SECOND, "size", "message, bytes", true, row -> true);
            }
            case "echo" -> echo(plots, bench);
            case "connections" ->
                curve(
                        plots,
                        bench,
                        "Rate by open connections",
                        Metric.REQUESTS_PER_SECOND,
                        "connections",
                        "open connections",
                        false,
                        row -> true);
            case "memcached" -> {
                for (String profile : List.of("etc", "usr")) {
                    throughputLatency(plots, bench, profile, Row.SHORT_WINDOWS);
                    throughputLatency(plots, bench, profile, "");
                }
                boxes(
                        plots,
                        bench,
                        "Highest rate with p99 < 500 us",
                        Metric.REQUESTS_PER_SECOND,
                        row -> row.param("load", "").endsWith("p99 < 500 us"));
            }
            case "batching" -> {
                curve(
                        plots,
                        bench,
                        "Rate by batch bound",
                        Metric.REQUESTS_PER_SECOND,
                        "rxBatch",
                        "B",
                        false,
                        row -> true);
                curve(
                        plots,
                        bench,
                        "p99 at the same rate by batch bound",
                        Metric.LATENCY_US,
                        "rxBatch",
                        "B",
                        false,
                        row -> row.param("percentile", "").equals("99")
                                && row.params().containsKey("load"));
            }
            case "tail" -> tails(plots, bench);
            case "raw" -> ladder(plots, bench);
            default -> {
                for (Metric metric : Metric.values()) {
                    boxes(
                            plots,
                            bench,
                            capital(metric.title()),
                            metric,
                            row -> metric != Metric.LATENCY_US || isPlain(row));
                }
            }
        }
        return plots;
    }

    /** Whether a latency is the median or p99 of a whole window. */
    private static boolean isPlain(Row row) {
        return List.of("50", "99").contains(row.param("percentile", ""))
                && row.param("source", "").isEmpty();
    }

    private void echo(List<Plot> plots, String bench) {
        Predicate<Row> open = row -> !row.params().containsKey("messages");
        Predicate<Row> small = row -> row.param("size", "").equals("64");
        curve(
                plots,
                bench,
                "64 B, connections that stay open",
                Metric.REQUESTS_PER_SECOND,
                "connections",
                "connections",
                false,
                open.and(small));
        curve(
                plots,
                bench,
                "64 B, connections closed by RST",
                Metric.REQUESTS_PER_SECOND,
                "messages",
                "messages a connection",
                false,
                row -> row.param("close", "").equals("rst") && small.test(row));
        curve(
                plots,
                bench,
                "By message size, 64 connections that stay open",
                Metric.GBIT_PER_SECOND,
                "size",
                "message, bytes",
                false,
                open.and(row -> row.param("connections", "").equals("64")));
        boxes(
                plots,
                bench,
                "Connections a second",
                Metric.CONNECTIONS_PER_SECOND,
                row -> row.param("messages", "").equals("1") && small.test(row));
    }

    /** All rungs in one plot, and what they cost each side. */
    private void ladder(List<Plot> plots, String bench) {
        List<Chart.Box> rungs = LadderTable.rungs(rows).stream()
                .filter(row -> row.bench().equals(bench))
                .map(this::rung)
                .toList();
        add(plots, "The ladder: frames or requests a second", "1/s", rungs);
        for (Metric metric : List.of(Metric.CPU_US_PER_REQUEST, Metric.BYTES_ALLOCATED_PER_MESSAGE)) {
            for (String side : List.of("server", "client")) {
                List<Chart.Box> costs = rows.stream()
                        .filter(row -> row.bench().equals(bench)
                                && row.metric() == metric
                                && row.param("side", "").equals(side))
                        .map(this::rung)
                        .toList();
                add(plots, capital(metric.title()) + ", " + side, metric.unit(), costs);
            }
        }
    }

    private Chart.Box rung(Row row) {
        return new Chart.Box(row.param("rung", row.contender()), palette.index(row.contender()), row);
    }

    private static void add(List<Plot> plots, String title, String unit, List<Chart.Box> boxes) {
        if (!boxes.isEmpty()) {
            plots.add(new Plot(title, Chart.boxes(unit, boxes)));
        }
    }

    private static String capital(String title) {
        return Character.toUpperCase(title.charAt(0)) + title.substring(1);
    }

    private void tails(List<Plot> plots, String bench) {
        for (String of : List.of("epoll", "own")) {
            for (String load : List.of("20", "50", "80")) {
                List<Chart.Series> series = series(
                        row -> row.bench().equals(bench)
                                && row.metric() == Metric.LATENCY_US
                                && row.param("of", "").equals(of)
                                && row.param("source", "").isEmpty()
                                && row.param("load_percent", "").equals(load),
                        // 99.9 % is "one in 1,000": an axis on which the tail has as much room as the body.
                        row -> 100 / (100 - number(row, "percentile")),
                        row -> row);
                String whose = of.equals("own") ? "its own saturation" : "epoll's saturation";
                add(
                        plots,
                        "Latency at " + load + " % of " + whose,
                        new Chart.Axes("one request in ... is slower", true, "latency, us", true),
                        series);
            }
        }
    }

    private static Predicate<Row> isMedian() {
        return row -> row.param("percentile", "").equals("50");
    }

    private void curve(
            List<Plot> plots,
            String bench,
            String title,
            Metric metric,
            String xParam,
            String xLabel,
            boolean yLogarithmic,
            Predicate<Row> which) {
        List<Chart.Series> series = series(
                row -> row.bench().equals(bench)
                        && row.metric() == metric
                        && row.params().containsKey(xParam)
                        && which.test(row),
                row -> number(row, xParam),
                row -> row);
        String yLabel = metric.title() + (metric.unit().equals("1/s") ? "" : ", " + metric.unit());
        add(plots, title, new Chart.Axes(xLabel, true, yLabel, yLogarithmic), series);
    }

    /** p99 by the rate that was reached, point by point of rising load. */
    private void throughputLatency(List<Plot> plots, String bench, String profile, String source) {
        Map<Object, Row> rates = new TreeMap<>();
        for (Row row : rows) {
            if (row.bench().equals(bench)
                    && row.metric() == Metric.REQUESTS_PER_SECOND
                    && row.param("profile", "").equals(profile)
                    && row.params().containsKey("load_percent")) {
                rates.put(row.contender() + number(row, "load_percent"), row);
            }
        }
        List<Chart.Series> series = series(
                row -> row.bench().equals(bench)
                        && row.metric() == Metric.LATENCY_US
                        && row.param("profile", "").equals(profile)
                        && row.param("percentile", "").equals("99")
                        && row.params().containsKey("load_percent")
                        && row.param("source", "").equals(source)
                        && rates.containsKey(row.contender() + number(row, "load_percent")),
                row -> {
                    @Nullable Row rate = rates.get(row.contender() + number(row, "load_percent"));
                    return rate == null ? 0 : rate.median();
                },
                row -> row);
        add(
                plots,
                "Memcached " + profile.toUpperCase(java.util.Locale.ROOT) + ": p99 by rate (aim: below 500 us, dashed)"
                        + (source.isEmpty() ? ", whole time" : ", " + source),
                new Chart.Axes("requests a second", false, "p99 latency, us", true, 500),
                series);
    }

    private interface X {
        double of(Row row);
    }

    private interface Y {
        Row of(Row row);
    }

    private List<Chart.Series> series(Predicate<Row> which, X x, Y y) {
        Map<String, List<Chart.Point>> curves = new LinkedHashMap<>();
        for (Row row : rows) {
            if (which.test(row)) {
                Row figure = y.of(row);
                curves.computeIfAbsent(row.contender(), name -> new ArrayList<>())
                        .add(new Chart.Point(x.of(row), figure.median(), figure.min(), figure.max()));
            }
        }
        List<Chart.Series> series = new ArrayList<>();
        curves.forEach((name, points) -> {
            points.sort(Comparator.comparingDouble(Chart.Point::x));
            series.add(new Chart.Series(name, palette.index(name), points));
        });
        return series;
    }

    private static void add(List<Plot> plots, String title, Chart.Axes axes, List<Chart.Series> series) {
        boolean isCurve = series.stream().anyMatch(one -> one.points().size() > 1);
        if (isCurve) {
            plots.add(new Plot(title, Chart.curves(axes, series)));
        }
    }

    /** One plot a point of the experiment, a box a contender. */
    private void boxes(List<Plot> plots, String bench, String title, Metric metric, Predicate<Row> which) {
        Map<String, List<Chart.Box>> points = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.bench().equals(bench) && row.metric() == metric && which.test(row)) {
                points.computeIfAbsent(PointText.of(row), key -> new ArrayList<>())
                        .add(new Chart.Box(row.contender(), palette.index(row.contender()), row));
            }
        }
        points.forEach(
                (point, boxes) -> add(plots, point.isEmpty() ? title : title + ": " + point, metric.unit(), boxes));
    }

    private static double number(Row row, String param) {
        Object value = row.params().get(param);
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
