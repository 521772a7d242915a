package org.ixnet.examples.memcached.store;

/** Under which condition a value is stored, and how. */
public enum StoreMode {
    /** Always. */
    SET,
    /** Only if the key is not there. */
    ADD,
    /** Only if the key is there. */
    REPLACE,
    /** Behind the value that is there. */
    APPEND,
    /** In front of the value that is there. */
    PREPEND,
    /** Only if nobody changed the value since its unique was read. */
    CAS
}
