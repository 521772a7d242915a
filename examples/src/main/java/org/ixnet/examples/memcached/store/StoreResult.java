package org.ixnet.examples.memcached.store;

/** How a request on the store ended; the protocols put it into words. */
public enum StoreResult {
    /** Done. */
    STORED,
    /** The condition of the request was not met. */
    NOT_STORED,
    /** The unique given is not the item's. */
    EXISTS,
    /** No such key. */
    NOT_FOUND,
    /** The item would exceed the item size limit. */
    TOO_LARGE,
    /** Nothing left to evict. */
    OUT_OF_MEMORY,
    /** The value is no number of 64 bits. */
    NOT_A_NUMBER
}
