package org.ixnet.benchmarks.report;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sets each row against the kernel, Netty's epoll transport at the same point:
 *
 * <ul>
 *   <li>memif (IX at both ends): the better of epoll on loopback and on veth;
 *   <li>af_xdp with the IX generator: epoll servers under the same generator on the same veth;
 *   <li>af_xdp and tap with a kernel client: epoll on the veth pair under the same client;
 *   <li>loopback and veth: epoll on the same wire;
 *   <li>under the raw generator: nothing, since no kernel end has run under it.
 * </ul>
 *
 * Thread rule: any.
 */
public final class Comparison {
    private final Map<Key, Row> kernel = new HashMap<>();

    private record Key(String bench, Metric metric, Map<String, Object> point, String wire, String client) {}

    /** @param rows all rows of the run */
    public Comparison(List<Row> rows) {
        for (Row row : rows) {
            if (row.transport().equals("epoll")) {
                kernel.put(key(row, row.wire(), row.param("client", "epoll")), row);
            }
        }
    }

    private static Key key(Row row, String wire, String client) {
        Map<String, Object> point = new TreeMap<>(row.params());
        point.keySet().removeAll(Row.CONTENDER_PARAMS);
        point.remove("rxBatch");
        return new Key(row.bench(), row.metric(), point, wire, client);
    }

    /** What {@code row} is compared with; null when it is the baseline, or the kernel was not measured at this point. */
    public @Nullable Row baseline(Row row) {
        String client = row.param("client", "epoll");
        if (client.equals("wrk") || client.equals("memcslap")) {
            Row kernelEnd = find(row, "veth", client);
            return row.equals(kernelEnd) ? null : kernelEnd;
        }
        if (client.equals("raw")) {
            return null;
        }
        boolean ixClient = client.equals("ix");
        @Nullable
        Row baseline = switch (row.wire()) {
            case "memif" -> better(find(row, "loopback", "epoll"), find(row, "veth", "epoll"));
            case "af_xdp" -> ixClient ? find(row, "af_xdp", "ix") : find(row, "veth", "epoll");
            case "tap" -> find(row, "veth", "epoll");
            default -> find(row, row.wire(), "epoll");
        };
        return row.equals(baseline) ? null : baseline;
    }

    private @Nullable Row find(Row row, String wire, String client) {
        return kernel.get(key(row, wire, client));
    }

    private static @Nullable Row better(@Nullable Row one, @Nullable Row other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        boolean oneIsMore = one.median() > other.median();
        return oneIsMore == one.metric().moreIsBetter() ? one : other;
    }

    /**
     * The ratio to the baseline, first thing a reader wants: {@code 9.1x} or, for figures of which less is better,
     * {@code 1/6.2}; empty without a baseline.
     */
    public String ratio(Row row) {
        Row baseline = baseline(row);
        if (baseline == null || baseline.median() == 0 || row.median() == 0) {
            return "";
        }
        double ratio = row.median() / baseline.median();
        return row.metric().moreIsBetter() || ratio >= 1
                ? String.format(Locale.ROOT, "%.2fx", ratio)
                : String.format(Locale.ROOT, "1/%.2f", 1 / ratio);
    }
}
