package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the rows as {@code --json} promises: one array of
 *
 * <pre>
 * {"bench","transport","wire","params":{...},"metric","unit","median","min","max","runs"}
 * </pre>
 *
 * {@code bench}, {@code transport}, {@code wire}, {@code metric}, {@code unit} are strings; {@code params} is an object of
 * strings and numbers; {@code median}, {@code min}, {@code max} numbers; {@code runs} the number of runs. Thread rule: any.
 */
public final class Json {
    private Json() {}

    /** The array, one row a line. */
    public static String write(List<Row> rows) {
        StringBuilder out = new StringBuilder("[");
        Iterator<Row> each = rows.iterator();
        while (each.hasNext()) {
            out.append("\n  ").append(value(fields(each.next())));
            if (each.hasNext()) {
                out.append(',');
            }
        }
        return out.append("\n]\n").toString();
    }

    private static Map<String, Object> fields(Row row) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("bench", row.bench());
        fields.put("transport", row.transport());
        fields.put("wire", row.wire());
        fields.put("params", row.params());
        fields.put("metric", row.metric().label());
        fields.put("unit", row.metric().unit());
        fields.put("median", significant(row.median()));
        fields.put("min", significant(row.min()));
        fields.put("max", significant(row.max()));
        fields.put("runs", row.runs());
        return fields;
    }

    /** Six significant digits are more than any measurement here has. */
    private static double significant(double value) {
        return Double.parseDouble(String.format(java.util.Locale.ROOT, "%.6g", value));
    }

    private static String value(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> pairs = new ArrayList<>();
            map.forEach(
                    (key, inner) -> pairs.add(string(String.valueOf(key)) + ":" + value(String.valueOf(key), inner)));
            return "{" + String.join(",", pairs) + "}";
        }
        return value instanceof Number ? Results.text(value) : string(value.toString());
    }

    private static String value(String key, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(key + " is null");
        }
        return value(value);
    }

    private static String string(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
