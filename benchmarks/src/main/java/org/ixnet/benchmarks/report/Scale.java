package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis: values to pixels, linear or logarithmic, with round ticks. Thread rule: any.
 *
 * @param from pixel of {@code min}
 * @param to pixel of {@code max}
 */
record Scale(double min, double max, boolean logarithmic, double from, double to) {

    /** An axis that shows all {@code values}; a linear one begins at 0. */
    static Scale of(List<Double> values, boolean logarithmic, double from, double to) {
        double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        if (logarithmic && least > 0) {
            double low = least / 1.25;
            double high = most * 1.25;
            return new Scale(low, high, true, from, to);
        }
        return new Scale(0, most > 0 ? most * 1.08 : 1, false, from, to);
    }

    double pixel(double value) {
        double share = logarithmic
                ? (Math.log(value) - Math.log(min)) / (Math.log(max) - Math.log(min))
                : (value - min) / (max - min);
        return from + share * (to - from);
    }

    List<Double> ticks() {
        return logarithmic ? logarithmicTicks() : linearTicks();
    }

    private List<Double> logarithmicTicks() {
        double decades = Math.log10(max / min);
        int[] steps = decades < 1.5 ? new int[] {1, 2, 5} : new int[] {1};
        List<Double> ticks = new ArrayList<>();
        for (double decade = Math.pow(10, Math.floor(Math.log10(min))); decade <= max; decade *= 10) {
            for (int step : steps) {
                double tick = decade * step;
                if (tick >= min && tick <= max) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    private List<Double> linearTicks() {
        double rough = (max - min) / 6;
        double decade = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = decade * (rough / decade > 5 ? 10 : rough / decade > 2 ? 5 : rough / decade > 1 ? 2 : 1);
        List<Double> ticks = new ArrayList<>();
        for (double tick = Math.ceil(min / step) * step; tick <= max; tick += step) {
            ticks.add(tick);
        }
        return ticks;
    }

    /** 1200000 as {@code 1.2 M}. */
    static String label(double value) {
        double size = Math.abs(value);
        if (size >= 1e6) {
            return trimmed(value / 1e6) + " M";
        }
        if (size >= 1e4) {
            return trimmed(value / 1e3) + " K";
        }
        return trimmed(value);
    }

    private static String trimmed(double value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
