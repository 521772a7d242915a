package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a row measured, in words for the title of a plot. Thread rule: any. */
final class PointText {
    /** In this order; what is not named here comes behind, as it stands in the JSON. */
    private static final List<String> FIRST =
            List.of("profile", "size", "connections", "messages", "close", "load", "rate", "side", "percentile");

    private PointText() {}

    /** For example {@code 64 B, 64 connections, closed by RST}; empty when nothing tells the row's figure from others. */
    static String of(Row row) {
        List<String> words = new ArrayList<>();
        for (String key : FIRST) {
            String value = row.param(key, "");
            if (!value.isEmpty()) {
                words.add(word(key, value));
            }
        }
        for (Map.Entry<String, Object> param : row.params().entrySet()) {
            if (!FIRST.contains(param.getKey()) && !Row.CONTENDER_PARAMS.contains(param.getKey())) {
                words.add(param.getKey() + " " + Results.text(param.getValue()));
            }
        }
        return String.join(", ", words);
    }

    private static String word(String key, String value) {
        return switch (key) {
            case "profile" -> value.toUpperCase(Locale.ROOT);
            case "size" -> value + " B";
            case "connections" -> value.equals("1") ? "one connection" : value + " connections";
            case "messages" -> value.equals("1") ? "one message a connection" : value + " messages a connection";
            case "close" -> "closed by " + value.toUpperCase(Locale.ROOT);
            case "rate" -> value + " requests/s";
            case "percentile" -> "p" + value;
            case "load" ->
                switch (value) {
                    case "p99 < 500 us" -> "of the whole window";
                    case "typical p99 < 500 us" -> "of short windows";
                    default -> value;
                };
            default -> value; // The side.
        };
    }
}
