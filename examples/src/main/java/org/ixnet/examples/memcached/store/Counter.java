package org.ixnet.examples.memcached.store;

import java.util.Locale;

/** What a shard counts, under its lock; the names are those of {@code stats}. */
public enum Counter {
    /** Retrieval requests, per key. */
    CMD_GET,
    /** Storage requests that reached the store. */
    CMD_SET,
    /** Touch requests. */
    CMD_TOUCH,
    /** Retrievals that found the key. */
    GET_HITS,
    /** Retrievals that did not find the key. */
    GET_MISSES,
    /** Lookups that met an item whose time had passed. */
    GET_EXPIRED,
    /** Lookups that met an item older than a flush. */
    GET_FLUSHED,
    /** Deletions of a key that was not there. */
    DELETE_MISSES,
    /** Deletions of a key that was there. */
    DELETE_HITS,
    /** Increments of a key that was not there. */
    INCR_MISSES,
    /** Increments done. */
    INCR_HITS,
    /** Decrements of a key that was not there. */
    DECR_MISSES,
    /** Decrements done. */
    DECR_HITS,
    /** Compare-and-set of a key that was not there. */
    CAS_MISSES,
    /** Compare-and-set done. */
    CAS_HITS,
    /** Compare-and-set with an outdated unique. */
    CAS_BADVAL,
    /** Touches that found the key. */
    TOUCH_HITS,
    /** Touches that did not find the key. */
    TOUCH_MISSES,
    /** Values refused because of the item size limit. */
    STORE_TOO_LARGE,
    /** Values refused because nothing could be evicted for them. */
    STORE_NO_MEMORY,
    /** Items linked since start. */
    TOTAL_ITEMS,
    /** Live items pushed out for new ones. */
    EVICTIONS,
    /** Evicted items that nobody had ever fetched. */
    EVICTED_UNFETCHED,
    /** Dead items whose memory was taken for new ones. */
    RECLAIMED;

    static final int COUNT = values().length;

    private final String statName = name().toLowerCase(Locale.ROOT);

    /** Returns the name as the protocol prints it. */
    public String statName() {
        return statName;
    }
}
