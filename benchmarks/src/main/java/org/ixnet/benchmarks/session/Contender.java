package org.ixnet.benchmarks.session;

import java.util.Map;
import java.util.TreeMap;

/**
 * One way to serve, as it is compared with others.
 *
 * @param transport of the server: {@code ix}, {@code epoll}, {@code io_uring}, {@code nio}, or {@link #C_MEMCACHED}
 * @param wire between the two
 * @param client the client's transport
 * @param settings IX settings that differ from the default, for example {@code rxBatch=8}; they become parameters of the rows
 */
public record Contender(String transport, Wire wire, String client, Map<String, String> settings) {
    /** The C server of the distribution; it serves memcached alone. */
    public static final String C_MEMCACHED = "c-memcached";

    public Contender {
        settings = java.util.Collections.unmodifiableMap(new TreeMap<>(settings));
    }

    public static Contender of(String transport, Wire wire, String client) {
        return new Contender(transport, wire, client, Map.of());
    }

    /** This contender with one more setting. */
    public Contender with(String key, Object value) {
        Map<String, String> more = new TreeMap<>(settings);
        more.put(key, value.toString());
        return new Contender(transport, wire, client, more);
    }

    /** Whether {@code side} runs on the kernel's TCP. */
    public boolean kernel(Side side) {
        return !(side == Side.SERVER ? transport : client).equals("ix");
    }

    @Override
    public String toString() {
        return transport + "/" + wire.label() + (client.equals(transport) ? "" : " (client " + client + ")")
                + (settings.isEmpty() ? "" : " " + settings);
    }
}
