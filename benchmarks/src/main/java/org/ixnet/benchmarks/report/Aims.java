package org.ixnet.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The numbers to reach, each as a ratio of two rows of one run, with what was reached. Computed from the rows
 * alone. Thread rule: any.
 */
public final class Aims {
    /**
     * @param text unlike that of any other, and clear without the others
     * @param least the ratio of {@code of} to {@code to} must be at least this; for latencies it is the inverse, how many
     *     times lower
     * @param to null: the aim stands alone
     * @param each a parameter: its values are compared one by one, and the worst one counts; empty: the best rows are compared
     */
    private record Aim(
            String text,
            double least,
            Predicate<Row> of,
            @Nullable Predicate<Row> to,
            String each) {}

    /**
     * What an aim came to.
     *
     * @param aim its text, which no other aim has
     * @param verdict {@code reached}, {@code missed} or {@code no ratio}
     * @param times how many times better it is than what it is compared with; not a number where there is none
     * @param ratio as {@code 2.00x} or, of latencies, {@code 1/2.00}; empty where there is none
     */
    record Outcome(String verdict, double times, String ratio, String aim, String measured) {
        boolean isReached() {
            return verdict.equals(REACHED);
        }
    }

    private static final String REACHED = "reached";
    private static final String MISSED = "missed";

    private static final List<Aim> AIMS = List.of(
            aim(
                    "netpipe 64 B one way, memif against epoll: 1/6",
                    6,
                    memif("netpipe").and(has("size", 64, "percentile", 50)),
                    kernel("epoll", "netpipe").and(has("size", 64, "percentile", 50))),
            worst(
                    "netpipe, its worst size up to 8 MB, memif against epoll: ahead",
                    memif("netpipe").and(has("percentile", 50)),
                    kernel("epoll", "netpipe").and(has("percentile", 50))),
            worst(
                    "netpipe, its worst size, memif with jumbo frames against epoll: ahead",
                    memif("netpipe", 9000).and(has("percentile", 50)),
                    kernel("epoll", "netpipe").and(has("percentile", 50))),
            worst(
                    "netpipe, its worst size, memif with an MTU of 32,000 against epoll: ahead",
                    memif("netpipe", 32_000).and(has("percentile", 50)),
                    kernel("epoll", "netpipe").and(has("percentile", 50))),
            aim(
                    "echo 64 B, 64 connections, memif against epoll: 12x",
                    12,
                    persistentEcho().and(memif("echo")),
                    persistentEcho().and(kernel("epoll", "echo"))),
            aim(
                    "echo 64 B, 64 connections, memif against io_uring: 9x",
                    9,
                    persistentEcho().and(memif("echo")),
                    persistentEcho().and(kernel("io_uring", "echo"))),
            aim(
                    "short connections, RST, memif against epoll: 10x",
                    10,
                    shortEcho("rst").and(memif("echo")),
                    shortEcho("rst").and(kernel("epoll", "echo"))),
            aim(
                    "short connections, FIN, memif against epoll: 10x",
                    10,
                    shortEcho("fin").and(memif("echo")),
                    shortEcho("fin").and(kernel("epoll", "echo"))),
            aim(
                    "250,000 connections, memif against epoll: 8x",
                    8,
                    memif("connections").and(open(250_000)),
                    kernel("epoll", "connections").and(open(250_000))),
            aim(
                    "memcached USR, p99 of short windows < 500 us, memif against epoll: 5x",
                    5,
                    typical("usr").and(memif("memcached")),
                    typical("usr").and(kernel("epoll", "memcached"))),
            aim(
                    "memcached USR, p99 of short windows < 500 us, memif against C memcached: 3x",
                    3,
                    typical("usr").and(memif("memcached")),
                    typical("usr").and(kernel("c-memcached", "memcached"))),
            aim(
                    "memcached USR, p99 < 500 us, memif against epoll: 5x",
                    5,
                    slo("usr").and(memif("memcached")),
                    slo("usr").and(kernel("epoll", "memcached"))),
            aim(
                    "memcached ETC, p99 of short windows < 500 us, memif against epoll: 5x",
                    5,
                    typical("etc").and(memif("memcached")),
                    typical("etc").and(kernel("epoll", "memcached"))),
            aim(
                    "memcached ETC, p99 of short windows < 500 us, memif against C memcached: 3x",
                    3,
                    typical("etc").and(memif("memcached")),
                    typical("etc").and(kernel("c-memcached", "memcached"))),
            aim(
                    "memcached ETC, p99 < 500 us, memif against epoll: 5x",
                    5,
                    slo("etc").and(memif("memcached")),
                    slo("etc").and(kernel("epoll", "memcached"))),
            aim(
                    "memcached USR, memif against C memcached: 3x",
                    3,
                    slo("usr").and(memif("memcached")),
                    slo("usr").and(kernel("c-memcached", "memcached"))),
            aim(
                    "memcached ETC, memif against C memcached: 3x",
                    3,
                    slo("etc").and(memif("memcached")),
                    slo("etc").and(kernel("c-memcached", "memcached"))),
            aim(
                    "memcached ETC, unloaded p99, memif against epoll: 1/3",
                    3,
                    unloaded("etc").and(memif("memcached")),
                    unloaded("etc").and(kernel("epoll", "memcached"))),
            aim(
                    "p99.9 at 50 % of epoll's saturation, same rate: 1/4",
                    4, tail().and(memif("tail")), tail().and(kernel("epoll", "tail"))),
            aim(
                    "p99.9 of short windows at 50 % of epoll's saturation, same rate: 1/4",
                    4, typicalTail().and(memif("tail")), typicalTail().and(kernel("epoll", "tail"))),
            aim(
                    "af_xdp, echo 64 B under the IX generator, ix against epoll: 2x",
                    2,
                    persistentEcho().and(is("ix", "echo", "af_xdp", "ix")),
                    persistentEcho().and(is("epoll", "echo", "af_xdp", "ix"))),
            aim(
                    "af_xdp, echo 64 B under the IX generator, of testpmd macswap on that veth: 80 %",
                    0.8, persistentEcho().and(is("ix", "echo", "af_xdp", "ix")), is("testpmd", "echo", "af_xdp", "l2")),
            aim(
                    "af_xdp, echo 64 B, kernel client, against epoll on veth: 1.3x",
                    1.3,
                    persistentEcho().and(is("ix", "echo", "af_xdp", "epoll")),
                    persistentEcho().and(is("epoll", "echo", "veth", "epoll"))),
            aim(
                    "wrk to af_xdp against wrk to epoll on veth: 1.3x",
                    1.3,
                    rate().and(is("ix", "clients", "af_xdp", "wrk")),
                    rate().and(is("epoll", "clients", "veth", "wrk"))),
            aim(
                    "wrk to af_xdp, CPU a request on the server, against epoll on veth: 1/2",
                    2,
                    serverCpu().and(is("ix", "clients", "af_xdp", "wrk")),
                    serverCpu().and(is("epoll", "clients", "veth", "wrk"))),
            aim(
                    "memcslap to af_xdp against memcslap to epoll on veth: 1.3x",
                    1.3,
                    rate().and(is("ix", "clients", "af_xdp", "memcslap")),
                    rate().and(is("epoll", "clients", "veth", "memcslap"))),
            aim(
                    "memcslap to af_xdp, CPU a request on the server, against epoll on veth: 1/2",
                    2,
                    serverCpu().and(is("ix", "clients", "af_xdp", "memcslap")),
                    serverCpu().and(is("epoll", "clients", "veth", "memcslap"))),
            aim(
                    "bulk, one connection, memif against epoll loopback: 1x",
                    1,
                    memif("bulk"),
                    is("epoll", "bulk", "loopback", "epoll")),
            absolute("bulk, one connection, memif: 20 Gb/s", 20, memif("bulk")),
            aim(
                    "bulk, one connection, memif with jumbo frames against epoll loopback: 1x",
                    1,
                    memif("bulk", 9000),
                    is("epoll", "bulk", "loopback", "epoll")),
            absolute("bulk, one connection, memif with jumbo frames: 20 Gb/s", 20, memif("bulk", 9000)),
            aim(
                    "bulk, one connection, memif with an MTU of 32,000 against epoll loopback: 1x",
                    1,
                    memif("bulk", 32_000),
                    is("epoll", "bulk", "loopback", "epoll")),
            absolute(
                    "raw TCP echo: 2 M requests/s",
                    2e6,
                    rate().and(row -> row.param("rung", "").startsWith("3"))),
            absolute(
                    "server, bytes allocated a message in netty echo: 0",
                    0.5,
                    has("side", "server")
                            .and(row -> row.metric() == Metric.BYTES_ALLOCATED_PER_MESSAGE
                                    && row.param("rung", "").startsWith("4"))),
            aim(
                    "250,000 connections, memif, of its own peak: 50 %",
                    0.5,
                    memif("connections").and(open(250_000)),
                    memif("connections").and(rate())),
            aim(
                    "250,000 connections under the raw generator, memif, of its own peak: 50 %",
                    0.5,
                    is("ix", "connections", "memif", "raw").and(open(250_000)),
                    is("ix", "connections", "memif", "raw").and(rate())));

    private Aims() {}

    private static Aim aim(String text, double least, Predicate<Row> of, Predicate<Row> to) {
        return new Aim(text, least, of, to, "");
    }

    /** As {@link #aim}, for every message size of its own. */
    private static Aim worst(String text, Predicate<Row> of, Predicate<Row> to) {
        return new Aim(text, 1, of, to, "size");
    }

    /** An aim that stands alone: at least {@code least}, or at most where less is better. */
    private static Aim absolute(String text, double least, Predicate<Row> of) {
        return new Aim(text, least, of, null, "");
    }

    private static Predicate<Row> serverCpu() {
        return row -> row.metric() == Metric.CPU_US_PER_REQUEST
                && row.param("side", "").equals("server");
    }

    private static Predicate<Row> memif(String bench) {
        return is("ix", bench, "memif", "ix").and(has("rxBatch", "", "mtu", ""));
    }

    private static Predicate<Row> memif(String bench, int mtu) {
        return is("ix", bench, "memif", "ix").and(has("mtu", mtu));
    }

    private static Predicate<Row> is(String transport, String bench, String wire, String client) {
        return row -> row.transport().equals(transport)
                && row.bench().equals(bench)
                && row.wire().equals(wire)
                && row.param("client", transport).equals(client);
    }

    private static Predicate<Row> kernel(String transport, String bench) {
        return row -> row.transport().equals(transport)
                && row.bench().equals(bench)
                && (row.wire().equals("loopback") || row.wire().equals("veth"));
    }

    /** Parameters by name, in pairs; an empty value: not there. */
    private static Predicate<Row> has(Object... pairs) {
        return row -> {
            for (int i = 0; i < pairs.length; i += 2) {
                if (!row.param(pairs[i].toString(), "").equals(pairs[i + 1].toString())) {
                    return false;
                }
            }
            return true;
        };
    }

    private static Predicate<Row> rate() {
        return row -> row.metric() == Metric.REQUESTS_PER_SECOND;
    }

    private static Predicate<Row> persistentEcho() {
        return rate().and(has("size", 64, "connections", 64, "messages", ""));
    }

    private static Predicate<Row> shortEcho(String close) {
        return rate().and(has("size", 64, "messages", 1, "close", close));
    }

    private static Predicate<Row> open(int connections) {
        return rate().and(has("connections", connections));
    }

    private static Predicate<Row> slo(String profile) {
        return rate().and(has("profile", profile, "load", "p99 < 500 us"));
    }

    private static Predicate<Row> typical(String profile) {
        return rate().and(has("profile", profile, "load", "typical p99 < 500 us"));
    }

    private static Predicate<Row> unloaded(String profile) {
        return has("profile", profile, "load", "unloaded", "percentile", 99);
    }

    private static Predicate<Row> tail() {
        return has("of", "epoll", "load_percent", 50, "percentile", 99.9, "source", "");
    }

    private static Predicate<Row> typicalTail() {
        return has("of", "epoll", "load_percent", 50, "percentile", 99.9, "source", Row.SHORT_WINDOWS);
    }

    /** One line an aim, reached or missed; empty when there are none. */
    static String text(List<Outcome> outcomes) {
        if (outcomes.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder("\n== aims ==\n");
        for (Outcome outcome : outcomes) {
            out.append(String.format(
                    "%-8s %7s   %s   (%s)%n", outcome.verdict, outcome.ratio, outcome.aim, outcome.measured));
        }
        return out.toString();
    }

    /** How many there are. */
    static int count() {
        return AIMS.size();
    }

    /** The aims that can be judged by {@code rows}. */
    static List<Outcome> outcomes(List<Row> rows) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Aim aim : AIMS) {
            @Nullable Outcome outcome = aim.to == null ? absolute(aim, rows) : relative(aim, aim.to, rows);
            if (outcome != null) {
                outcomes.add(outcome);
            }
        }
        return outcomes;
    }

    private static @Nullable Outcome absolute(Aim aim, List<Row> rows) {
        @Nullable Row of = best(rows, aim.of);
        if (of == null) {
            return null;
        }
        boolean reached = of.metric().moreIsBetter() ? of.median() >= aim.least : of.median() <= aim.least;
        String measured = TextTable.number(of.median()) + " " + of.metric().unit();
        return new Outcome(reached ? REACHED : MISSED, Double.NaN, "", aim.text, measured);
    }

    private static @Nullable Outcome relative(Aim aim, Predicate<Row> to, List<Row> rows) {
        @Nullable Outcome worst = null;
        for (String value : rows.stream()
                .filter(aim.of)
                .map(row -> row.param(aim.each, ""))
                .distinct()
                .toList()) {
            Predicate<Row> same = row -> row.param(aim.each, "").equals(value);
            @Nullable Row of = best(rows, aim.of.and(same));
            @Nullable Row base = best(rows, to.and(same));
            if (of != null && base != null) {
                Outcome outcome = compare(aim, of, base, aim.each.isEmpty() ? "" : ", " + aim.each + " " + value);
                // What is not a number comes last.
                worst = worst == null || Double.compare(outcome.times, worst.times) < 0 ? outcome : worst;
            }
        }
        return worst;
    }

    private static Outcome compare(Aim aim, Row of, Row base, String where) {
        boolean more = of.metric().moreIsBetter();
        double times = more ? of.median() / base.median() : base.median() / of.median();
        String measured = String.format(
                "%s against %s %s, %s%s",
                TextTable.number(of.median()),
                TextTable.number(base.median()),
                of.metric().unit(),
                base.contender(),
                where);
        if (!Double.isFinite(times)) {
            // Both 0, or the other one 0: nothing that could be divided was reached.
            return new Outcome("no ratio", Double.NaN, "", aim.text, measured);
        }
        String ratio = String.format(Locale.ROOT, more ? "%.2fx" : "1/%.2f", times);
        return new Outcome(times >= aim.least ? REACHED : MISSED, times, ratio, aim.text, measured);
    }

    /** The best of the rows, so that the kernel is judged by its best wire. */
    private static @Nullable Row best(List<Row> rows, Predicate<Row> which) {
        @Nullable Row best = null;
        for (Row row : rows) {
            if (which.test(row)) {
                boolean better = best == null || row.metric().moreIsBetter() == row.median() > best.median();
                best = better ? row : best;
            }
        }
        return best;
    }
}
