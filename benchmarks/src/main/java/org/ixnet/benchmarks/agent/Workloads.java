package org.ixnet.benchmarks.agent;

import io.netty.buffer.UnpooledByteBufAllocator;

/** Workloads for clients that are not Netty's. Thread rule: any thread. */
public final class Workloads {
    private Workloads() {}

    /** The requests of {@code profile}, first a SET of every record. */
    public static Workload cache(CacheProfile profile) {
        return new CacheWorkload(UnpooledByteBufAllocator.DEFAULT, profile, profile.ordinal() + 1);
    }
}
