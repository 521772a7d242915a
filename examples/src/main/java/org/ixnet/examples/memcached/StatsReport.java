package org.ixnet.examples.memcached;

import java.util.function.BiConsumer;
import org.ixnet.examples.memcached.store.Counter;
import org.ixnet.examples.memcached.store.Store;
import org.ixnet.examples.memcached.store.StoreStats;

/** The lines of {@code stats}, for both protocols. Names are memcached's; what has no meaning here is left out. */
final class StatsReport {
    /** Clients judge by the number what they may use; it names the memcached whose behaviour this server has. */
    static final String VERSION = "1.6.18-ix";

    private StatsReport() {}

    /** Tells {@code sink} names and values of {@code group} ("" is the general one); false if there is no such group. */
    static boolean write(Session session, String group, BiConsumer<String, String> sink) {
        switch (group) {
            case "" -> general(session, sink);
            case "items" -> items(session.store, sink);
            case "slabs" -> slabs(session.store, sink);
            case "settings" -> settings(session, sink);
            case "sizes" -> sink.accept("sizes_status", "disabled");
            default -> {
                return false;
            }
        }
        return true;
    }

    static void reset(Session session) {
        session.store.resetCounters();
        session.stats.reset();
    }

    private static void general(Session session, BiConsumer<String, String> sink) {
        Store store = session.store;
        ServerStats server = session.stats;
        StoreStats stats = store.stats(store.clock().nowSeconds());
        sink.accept("pid", Long.toString(ProcessHandle.current().pid()));
        sink.accept("uptime", Long.toString((System.nanoTime() - server.startedNanos) / 1_000_000_000L));
        sink.accept(
                "time", Long.toString(store.clock().unixSeconds(store.clock().nowSeconds())));
        sink.accept("version", VERSION);
        sink.accept("pointer_size", "64");
        sink.accept("curr_connections", server.currentConnections.toString());
        sink.accept("total_connections", server.totalConnections.toString());
        sink.accept("cmd_flush", server.flushes.toString());
        sink.accept("cmd_meta", server.metaCommands.toString());
        for (Counter counter : Counter.values()) {
            sink.accept(counter.statName(), Long.toString(stats.counted(counter)));
        }
        sink.accept("bytes_read", Long.toString(server.bytesRead()));
        sink.accept("bytes_written", Long.toString(server.bytesWritten()));
        sink.accept("limit_maxbytes", Long.toString(store.config().memoryBytes()));
        sink.accept("accepting_conns", "1");
        sink.accept("threads", Integer.toString(server.loops()));
        sink.accept("bytes", Long.toString(stats.usedBytes()));
        sink.accept("curr_items", Long.toString(stats.items()));
    }

    private static void items(Store store, BiConsumer<String, String> sink) {
        StoreStats stats = store.stats(store.clock().nowSeconds());
        if (stats.items() == 0) {
            return;
        }
        sink.accept("items:1:number", Long.toString(stats.items()));
        sink.accept("items:1:age", Long.toString(stats.oldestAgeSeconds()));
        sink.accept("items:1:mem_requested", Long.toString(stats.usedBytes()));
        sink.accept("items:1:evicted", Long.toString(stats.counted(Counter.EVICTIONS)));
        sink.accept("items:1:outofmemory", Long.toString(stats.counted(Counter.STORE_NO_MEMORY)));
        sink.accept("items:1:reclaimed", Long.toString(stats.counted(Counter.RECLAIMED)));
        sink.accept("items:1:evicted_unfetched", Long.toString(stats.counted(Counter.EVICTED_UNFETCHED)));
    }

    /** All memory is one class of blocks; a large item takes several. */
    private static void slabs(Store store, BiConsumer<String, String> sink) {
        StoreStats stats = store.stats(store.clock().nowSeconds());
        sink.accept("1:chunk_size", Integer.toString(stats.blockBytes()));
        sink.accept("1:total_chunks", Long.toString(stats.totalBlocks()));
        sink.accept("1:used_chunks", Long.toString(stats.usedBlocks()));
        sink.accept("1:free_chunks", Long.toString(stats.totalBlocks() - stats.usedBlocks()));
        sink.accept("1:get_hits", Long.toString(stats.counted(Counter.GET_HITS)));
        sink.accept("1:cmd_set", Long.toString(stats.counted(Counter.CMD_SET)));
        sink.accept("1:delete_hits", Long.toString(stats.counted(Counter.DELETE_HITS)));
        sink.accept("1:incr_hits", Long.toString(stats.counted(Counter.INCR_HITS)));
        sink.accept("1:decr_hits", Long.toString(stats.counted(Counter.DECR_HITS)));
        sink.accept("1:cas_hits", Long.toString(stats.counted(Counter.CAS_HITS)));
        sink.accept("1:cas_badval", Long.toString(stats.counted(Counter.CAS_BADVAL)));
        sink.accept("1:touch_hits", Long.toString(stats.counted(Counter.TOUCH_HITS)));
        sink.accept("active_slabs", "1");
        sink.accept("total_malloced", Long.toString(stats.totalBlocks() * stats.blockBytes()));
    }

    private static void settings(Session session, BiConsumer<String, String> sink) {
        sink.accept("maxbytes", Long.toString(session.store.config().memoryBytes()));
        sink.accept("evictions", "on");
        sink.accept("num_threads", Integer.toString(session.stats.loops()));
        sink.accept("cas_enabled", "yes");
        sink.accept("auth_enabled_sasl", "no");
        sink.accept("flush_enabled", "yes");
        sink.accept("item_size_max", Integer.toString(session.store.config().itemBytes()));
        sink.accept("binding_protocol", "auto-negotiate");
    }
}
