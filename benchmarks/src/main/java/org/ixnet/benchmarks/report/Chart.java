package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** SVG plots as text, styled by the page's style sheet. Thread rule: any. */
final class Chart {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 380;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 16;
    private static final int BOTTOM = 52;
    private static final int BOX_ROW = 30;
    /** Beside the names of boxes. */
    private static final int GAP = 10;
    /** At most, of a letter in a tick's font. */
    private static final double LETTER = 6.6;

    /** A point of a curve with the spread of its runs. */
    record Point(double x, double y, double low, double high) {}

    /** @param color index into the page's colours, the same for a contender in all plots */
    record Series(String name, int color, List<Point> points) {}

    /** One box: all samples of a row. */
    record Box(String name, int color, Row row) {}

    /**
     * What the axes say, and how they are divided.
     *
     * @param yMark where a dashed line goes across; not a number: nowhere
     */
    record Axes(String x, boolean xLogarithmic, String y, boolean yLogarithmic, double yMark) {
        Axes(String x, boolean xLogarithmic, String y, boolean yLogarithmic) {
            this(x, xLogarithmic, y, yLogarithmic, Double.NaN);
        }

        boolean isMarked() {
            return !Double.isNaN(yMark);
        }
    }

    private Chart() {}

    /** Curves with error bars from the smallest to the largest run. */
    static String curves(Axes axes, List<Series> series) {
        List<Double> xs = new ArrayList<>();
        List<Double> ys = new ArrayList<>();
        for (Series one : series) {
            for (Point point : one.points) {
                xs.add(point.x);
                ys.add(point.low);
                ys.add(point.high);
            }
        }
        if (axes.isMarked()) {
            ys.add(axes.yMark);
        }
        Scale x = Scale.of(xs, axes.xLogarithmic, LEFT, WIDTH - RIGHT);
        Scale y = Scale.of(ys, axes.yLogarithmic, HEIGHT - BOTTOM, TOP);
        StringBuilder svg = open(HEIGHT);
        grid(svg, axes, x, y);
        for (Series one : series) {
            curve(svg, one, x, y);
        }
        return svg.append("</svg>\n").append(legend(series)).toString();
    }

    private static StringBuilder open(int height) {
        return new StringBuilder(String.format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" preserveAspectRatio=\"xMidYMid meet\">%n", WIDTH, height));
    }

    private static void grid(StringBuilder svg, Axes axes, Scale x, Scale y) {
        for (double tick : y.ticks()) {
            line(svg, "grid", LEFT, y.pixel(tick), WIDTH - RIGHT, y.pixel(tick));
            text(svg, "tick end", LEFT - 8, y.pixel(tick) + 4, Scale.label(tick));
        }
        for (double tick : x.ticks()) {
            line(svg, "grid", x.pixel(tick), TOP, x.pixel(tick), HEIGHT - BOTTOM);
            text(svg, "tick middle", x.pixel(tick), HEIGHT - BOTTOM + 18, Scale.label(tick));
        }
        if (axes.isMarked()) {
            line(svg, "mark", LEFT, y.pixel(axes.yMark), WIDTH - RIGHT, y.pixel(axes.yMark));
        }
        line(svg, "axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
        text(svg, "label middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, axes.x);
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"label middle\" transform=\"translate(15 %d) rotate(-90)\">%s</text>%n",
                (TOP + HEIGHT - BOTTOM) / 2,
                escape(axes.y)));
    }

    private static void curve(StringBuilder svg, Series series, Scale x, Scale y) {
        StringBuilder path = new StringBuilder();
        for (Point point : series.points) {
            path.append(String.format(
                    Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : " L", x.pixel(point.x), y.pixel(point.y)));
        }
        svg.append(String.format("<g class=\"c%d\"><path class=\"curve\" d=\"%s\"/>%n", series.color, path));
        for (Point point : series.points) {
            line(svg, "whisker", x.pixel(point.x), y.pixel(point.low), x.pixel(point.x), y.pixel(point.high));
            svg.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s: %s at %s (%s .. %s)</title></circle>%n",
                    x.pixel(point.x),
                    y.pixel(point.y),
                    escape(series.name),
                    TextTable.number(point.y),
                    Scale.label(point.x),
                    TextTable.number(point.low),
                    TextTable.number(point.high)));
        }
        svg.append("</g>\n");
    }

    private static String legend(List<Series> series) {
        StringBuilder html = new StringBuilder("<p class=\"legend\">");
        for (Series one : series) {
            html.append(String.format("<span class=\"c%d\"><i></i>%s</span> ", one.color, escape(one.name)));
        }
        return html.append("</p>\n").toString();
    }

    /** Horizontal box plots under each other: quartiles, median, whiskers from the smallest to the largest run. */
    static String boxes(String unit, List<Box> boxes) {
        List<Double> values = new ArrayList<>();
        boxes.forEach(box -> values.addAll(box.row.samples()));
        int longest = boxes.stream().mapToInt(box -> box.name.length()).max().orElse(0);
        int left = GAP + (int) Math.ceil(LETTER * longest);
        Scale x = Scale.of(values, false, left, WIDTH - RIGHT);
        int height = TOP + boxes.size() * BOX_ROW + BOTTOM;
        StringBuilder svg = open(height);
        for (double tick : x.ticks()) {
            line(svg, "grid", x.pixel(tick), TOP, x.pixel(tick), height - BOTTOM);
            text(svg, "tick middle", x.pixel(tick), height - BOTTOM + 18, Scale.label(tick));
        }
        for (int i = 0; i < boxes.size(); i++) {
            double middle = TOP + i * BOX_ROW + BOX_ROW / 2.0;
            text(svg, "tick end", left - GAP, middle + 4, boxes.get(i).name);
            box(svg, boxes.get(i), x, middle);
        }
        text(svg, "label middle", (left + WIDTH - RIGHT) / 2.0, height - 10, unit);
        return svg.append("</svg>\n").toString();
    }

    private static void box(StringBuilder svg, Box box, Scale x, double middle) {
        Row row = box.row;
        svg.append(String.format("<g class=\"c%d\">", box.color));
        line(svg, "whisker", x.pixel(row.min()), middle, x.pixel(row.max()), middle);
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"box\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"16\"><title>%s: %s (%s .. %s)</title></rect>",
                x.pixel(row.quantile(0.25)),
                middle - 8,
                Math.max(1.5, x.pixel(row.quantile(0.75)) - x.pixel(row.quantile(0.25))),
                escape(box.name),
                TextTable.number(row.median()),
                TextTable.number(row.min()),
                TextTable.number(row.max())));
        line(svg, "median", x.pixel(row.median()), middle - 10, x.pixel(row.median()), middle + 10);
        svg.append("</g>\n");
    }

    private static void line(StringBuilder svg, String style, double x1, double y1, double x2, double y2) {
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                style,
                x1,
                y1,
                x2,
                y2));
    }

    private static void text(StringBuilder svg, String style, double x, double y, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n", style, x, y, escape(text)));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
