package org.ixnet.examples.memcached.store;

import java.nio.ByteBuffer;

/**
 * The blocks of an arena that are free, as runs of neighbours, listed by their length: an item whose blocks are neighbours
 * is read in one go, from memory that the processor fetches ahead. A run that is given back is joined with the free runs
 * on both sides of it.
 *
 * <p>All is kept in what is free. The links of the first and last block of a run say how long it is, as a negative number,
 * which no block in use has there; the first block itself holds the neighbours in the list of its length. Lengths to
 * {@value #EXACT_LISTS} have lists of their own, longer runs share one for each power of two.
 */
final class FreeRuns {
    private static final int NONE = BlockArena.NONE;

    private static final int EXACT_LISTS = 32;
    private static final int EXACT_BITS = 5;

    // Where a run's first block holds its neighbours in the list.
    private static final int NEXT = 0;
    private static final int PREVIOUS = 4;

    private final ByteBuffer memory;
    private final int[] links;

    /** The first run of each list, or {@link BlockArena#NONE}. */
    private final int[] heads = new int[Long.SIZE];
    /** A bit for every list that is not empty. */
    private long listed;

    /** Nothing is free to begin with. {@code links} belongs to the arena; block 0 must not look free in it. */
    FreeRuns(ByteBuffer memory, int[] links) {
        this.memory = memory;
        this.links = links;
    }

    /**
     * Takes {@code wanted} neighbouring blocks or, when the lists know none, as many of a long run as it has. Returns the
     * first block; {@code links} has each of them followed by its neighbour, the last by {@link BlockArena#NONE}. Something
     * must be free.
     */
    int take(int wanted) {
        long fitting = listed & (-1L << listOfAtLeast(wanted));
        int list =
                fitting != 0 ? Long.numberOfTrailingZeros(fitting) : Long.SIZE - 1 - Long.numberOfLeadingZeros(listed);
        int first = heads[list];
        int length = lengthOf(first);
        int taken = Math.min(wanted, length);
        unlist(first, length);
        if (taken < length) {
            list(first + taken, length - taken);
        }
        int last = first + taken - 1;
        for (int block = first; block < last; block++) {
            links[block] = block + 1;
        }
        links[last] = NONE;
        return first;
    }

    /** Gives {@code length} neighbouring blocks back, whose links nobody follows any more. */
    void give(int first, int length) {
        int start = first;
        int end = first + length;
        if (isFree(first - 1)) {
            start -= lengthOf(first - 1);
            unlist(start, first - start);
        }
        if (end < links.length && isFree(end)) {
            int following = lengthOf(end);
            unlist(end, following);
            end += following;
        }
        list(start, end - start);
    }

    private boolean isFree(int edge) {
        return links[edge] < 0;
    }

    /** The length of the run whose first or last block is {@code edge}. */
    private int lengthOf(int edge) {
        assert isFree(edge) : edge;
        return -links[edge];
    }

    private void list(int first, int length) {
        links[first] = -length;
        links[first + length - 1] = -length;
        int list = listOf(length);
        int next = heads[list];
        memory.putInt(BlockArena.address(first, NEXT), next);
        memory.putInt(BlockArena.address(first, PREVIOUS), NONE);
        if (next != NONE) {
            memory.putInt(BlockArena.address(next, PREVIOUS), first);
        }
        heads[list] = first;
        listed |= 1L << list;
    }

    private void unlist(int first, int length) {
        int list = listOf(length);
        int next = memory.getInt(BlockArena.address(first, NEXT));
        int previous = memory.getInt(BlockArena.address(first, PREVIOUS));
        if (next != NONE) {
            memory.putInt(BlockArena.address(next, PREVIOUS), previous);
        }
        if (previous != NONE) {
            memory.putInt(BlockArena.address(previous, NEXT), next);
        } else {
            heads[list] = next;
            if (next == NONE) {
                listed &= ~(1L << list);
            }
        }
    }

    private static int listOf(int length) {
        return length <= EXACT_LISTS
                ? length - 1
                : EXACT_LISTS + Integer.SIZE - 1 - Integer.numberOfLeadingZeros(length) - EXACT_BITS;
    }

    /** The first list all of whose runs have at least {@code length} blocks. */
    private static int listOfAtLeast(int length) {
        return length <= EXACT_LISTS ? length - 1 : listOf(length - 1) + 1;
    }
}
