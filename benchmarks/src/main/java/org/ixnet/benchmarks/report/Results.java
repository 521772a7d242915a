package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects samples into rows, in the order of their first sample. Thread rule: the orchestrator's main thread. */
public final class Results {
    private record Key(String bench, String transport, String wire, Map<String, Object> params, Metric metric) {}

    /** One value, and the turn in which it was measured; null: outside of any. */
    private record Sample(double value, @Nullable Turn turn) {}

    /** What a contender's processes measure between two looks at the cores. */
    private static final class Turn {
        private Phase phase = Phase.UNKNOWN;
    }

    private final Map<Key, List<Sample>> samples = new LinkedHashMap<>();
    private @Nullable Turn turn;
    private @Nullable Phase kept;
    private final List<String> failures = new ArrayList<>();

    /** No results yet. */
    public Results() {}

    /** Adds one run's figure. Numbers among {@code params} keep their type; 64 and 64.0 differ. */
    public void add(
            String bench, String transport, String wire, Map<String, Object> params, Metric metric, double value) {
        if (!Double.isFinite(value)) {
            return; // Nothing was measured, for example because no request came back.
        }
        samples.computeIfAbsent(
                        new Key(bench, transport, wire, new TreeMap<>(params), metric), key -> new ArrayList<>())
                .add(new Sample(value, turn));
    }

    /** What is added from now on belongs to a new turn. */
    public void beginTurn() {
        turn = new Turn();
    }

    /** The turn has ended; {@code phase} is that of all that was added in it. */
    public void endTurn(Phase phase) {
        if (turn != null) {
            turn.phase = phase;
        }
        turn = null;
    }

    /** From now on a row has its samples of {@code phase} alone; one that has none keeps what it has. */
    public void keep(Phase phase) {
        kept = phase;
    }

    /** Notes what could not be measured; the reports show it. */
    public void failed(String what) {
        failures.add(what);
    }

    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** One row a figure, of the phase kept; of all samples where it has none in that. */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        samples.forEach((key, all) -> {
            List<Double> comparable = kept == null ? List.of() : values(all, kept);
            rows.add(row(key, key.params, comparable.isEmpty() ? values(all) : comparable));
        });
        return rows;
    }

    /** Rows of the samples of {@code phase} alone, which can be compared with each other; figures that have none are left out. */
    public List<Row> rows(Phase phase) {
        List<Row> rows = new ArrayList<>();
        samples.forEach((key, all) -> {
            List<Double> values = values(all, phase);
            if (!values.isEmpty()) {
                rows.add(row(key, key.params, values));
            }
        });
        return rows;
    }

    /** Rows of all samples, whatever the phase. */
    List<Row> rowsOfAllPhases() {
        List<Row> rows = new ArrayList<>();
        samples.forEach((key, all) -> rows.add(row(key, key.params, values(all))));
        return rows;
    }

    /**
     * Every sample there is, a row for each phase of a figure, which is its parameter {@code phase}; figures that were measured
     * outside of any turn have none.
     */
    public List<Row> rowsByPhase() {
        List<Row> rows = new ArrayList<>();
        samples.forEach((key, all) -> {
            List<Double> outside =
                    values(all.stream().filter(sample -> sample.turn == null).toList());
            if (!outside.isEmpty()) {
                rows.add(row(key, key.params, outside));
            }
            for (Phase phase : Phase.values()) {
                List<Double> values = values(all, phase);
                if (!values.isEmpty()) {
                    Map<String, Object> params = new TreeMap<>(key.params);
                    params.put("phase", phase.label());
                    rows.add(row(key, params, values));
                }
            }
        });
        return rows;
    }

    /** The phase of {@link #rows()}; null before one was chosen. */
    public @Nullable Phase kept() {
        return kept;
    }

    private static Row row(Key key, Map<String, Object> params, List<Double> values) {
        return new Row(key.bench, key.transport, key.wire, params, key.metric, values);
    }

    private static List<Double> values(List<Sample> all, Phase phase) {
        return values(all.stream()
                .filter(sample -> sample.turn != null && sample.turn.phase == phase)
                .toList());
    }

    private static List<Double> values(List<Sample> all) {
        return all.stream().map(Sample::value).toList();
    }

    /** The rows of one experiment for reading: by metric, then point by point, contenders of a point together. */
    public List<Row> rows(String bench) {
        List<Row> rows =
                rows().stream().filter(row -> row.bench().equals(bench)).toList();
        List<String> points = rows.stream().map(Row::point).distinct().toList();
        return rows.stream()
                .sorted(Comparator.comparing(Row::metric).thenComparing(row -> points.indexOf(row.point())))
                .toList();
    }

    /** A number without a needless fraction, a string as it is. */
    static String text(Object value) {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            return Long.toString(number.longValue());
        }
        return value.toString();
    }
}
