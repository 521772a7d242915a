package org.ixnet.examples.memcached.store;

/** A place in a chain of blocks, moved along by reads and writes; owned by one connection. */
final class Cursor {
    int block;
    int offsetInBlock;

    void set(int block, int offsetInBlock) {
        this.block = block;
        this.offsetInBlock = offsetInBlock;
    }
}
