package org.ixnet.benchmarks.session;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One way to serve, as it is compared with others.
 *
 * @param transport of the server: {@code ix}, {@code epoll}, {@code io_uring}, {@code nio}, or one of the constants
 * @param wire between the two
 * @param client the client's transport
 * @param settings IX settings that differ from the default, for example {@code rxBatch=8}; they become parameters of the rows
 */
public record Contender(String transport, Wire wire, String client, Map<String, String> settings) {
    /** The C server of the distribution; it serves memcached alone. */
    public static final String C_MEMCACHED = "c-memcached";
    /** DPDK's testpmd, forwarding with {@code macswap}: the wire's limit. */
    public static final String TESTPMD = "testpmd";
    /** The L2 reflector in Java, on ix-native alone. */
    public static final String REFLECTOR = "reflector";
    /** TCP echo on ix-stack alone; as a client the generator on ix-stack alone. */
    public static final String RAW = "raw";
    /** As a client: the L2 generator. */
    public static final String L2 = "l2";

    /** As a client: the HTTP load generator of the distribution. */
    public static final String WRK = "wrk";
    /** As a client: the memcached load generator of libmemcached. */
    public static final String MEMCSLAP = "memcslap";

    /** Every transport that a server may have. */
    public static final List<String> SERVERS =
            List.of("ix", "epoll", "io_uring", "nio", C_MEMCACHED, TESTPMD, REFLECTOR, RAW);

    private static final Set<String> KERNEL = Set.of("epoll", "io_uring", "nio", C_MEMCACHED, WRK, MEMCSLAP);

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
        return KERNEL.contains(side == Side.SERVER ? transport : client);
    }

    /** Whether the server is an agent of this program, that can be asked for its figures. */
    public boolean isAgent() {
        return !transport.equals(C_MEMCACHED) && !transport.equals(TESTPMD);
    }

    @Override
    public String toString() {
        return transport + "/" + wire.label() + (client.equals(transport) ? "" : " (client " + client + ")")
                + (settings.isEmpty() ? "" : " " + settings);
    }
}
