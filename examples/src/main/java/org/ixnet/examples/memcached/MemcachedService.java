package org.ixnet.examples.memcached;

import io.netty.channel.ChannelPipeline;
import org.ixnet.examples.Service;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.Store;
import org.ixnet.examples.memcached.store.StoreConfig;

/** A cache and what is counted about its connections. */
final class MemcachedService implements Service {
    private final Store store;
    private final Workbenches workbenches = new Workbenches();
    private final ServerStats stats;

    MemcachedService(StoreConfig config, CacheClock clock, int loops) {
        store = new Store(config, clock);
        stats = new ServerStats(loops, workbenches);
    }

    @Override
    public void initialize(ChannelPipeline pipeline) {
        pipeline.addLast(new MemcachedHandler(store, stats, workbenches));
    }

    @Override
    public void close() {
        workbenches.close();
        store.close();
    }
}
