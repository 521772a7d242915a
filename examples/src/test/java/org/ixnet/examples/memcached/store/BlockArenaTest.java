package org.ixnet.examples.memcached.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chains whose blocks are neighbours, and chains whose blocks are not. */
class BlockArenaTest {
    private static final int BLOCKS = 3;
    private static final int MAX_BYTES = 250;

    private final Arena memory = Arena.ofShared();
    private final BlockArena arena =
            new BlockArena(memory.allocate(64L * BlockArena.BLOCK_BYTES, BlockArena.BLOCK_BYTES));
    private final Random random = new Random(1);

    @AfterEach
    void free() {
        memory.close();
    }

    /** A chain of {@link #BLOCKS} blocks none of which is another's neighbour; nothing else remains free. */
    private int scattered() {
        int[] singles = new int[2 * BLOCKS];
        for (int i = 0; i < singles.length; i++) {
            singles[i] = arena.allocate(1);
        }
        arena.allocate(arena.freeBlocks());
        for (int i = 0; i < singles.length; i += 2) {
            arena.free(singles[i]);
        }
        return arena.allocate(BLOCKS);
    }

    private Cursor at(int chain, int offset) {
        Cursor cursor = new Cursor();
        arena.seek(cursor, chain, offset);
        return cursor;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void chainsMatchWhereverTheirBlocksLieAndTheirBytesStart() {
        int straight = arena.allocate(BLOCKS);
        int scattered = scattered();
        for (int length = 0; length <= MAX_BYTES; length++) {
            int offset = random.nextInt(100);
            int otherOffset = random.nextInt(100);
            byte[] key = bytes(length);
            arena.write(at(straight, offset), key, 0, length);
            arena.write(at(scattered, otherOffset), key, 0, length);
            assertThat(arena.matches(at(straight, offset), at(scattered, otherOffset), length))
                    .isTrue();
            assertThat(arena.matches(at(scattered, otherOffset), key, 0, length))
                    .isTrue();
            if (length > 0) {
                int wrong = random.nextInt(length);
                key[wrong]++;
                arena.write(at(scattered, otherOffset), key, 0, length);
                assertThat(arena.matches(at(straight, offset), at(scattered, otherOffset), length))
                        .as("byte %d of %d differs", wrong, length)
                        .isFalse();
                assertThat(arena.matches(at(straight, offset), key, 0, length)).isFalse();
            }
        }
    }

    @Test
    void whatIsCopiedFromChainToChainArrivesWhole() {
        int straight = arena.allocate(BLOCKS);
        int scattered = scattered();
        byte[] value = bytes(MAX_BYTES);
        arena.write(at(straight, 17), value, 0, MAX_BYTES);
        arena.copy(at(straight, 17), at(scattered, 91), MAX_BYTES);
        byte[] arrived = new byte[MAX_BYTES];
        arena.read(at(scattered, 91), arrived, 0, MAX_BYTES);
        assertThat(arrived).isEqualTo(value);
    }

    /** Chains of many lengths, in an arena that is full most of the time, and what was written into each. */
    @Test
    void chainsKeepTheirBytesWhateverRunsTheyAreMadeOf() {
        List<Integer> chains = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        int free = arena.freeBlocks();
        for (int step = 0; step < 5_000; step++) {
            int length = 1 + random.nextInt(9 * BlockArena.BLOCK_BYTES);
            int blocks = BlockArena.blocksFor(length);
            if (blocks <= arena.freeBlocks()) {
                int chain = arena.allocate(blocks);
                free -= blocks;
                byte[] content = bytes(length);
                arena.write(at(chain, 0), content, 0, length);
                chains.add(chain);
                contents.add(content);
            } else {
                int victim = random.nextInt(chains.size());
                byte[] content = contents.remove(victim);
                byte[] read = new byte[content.length];
                arena.read(at(chains.get(victim), 0), read, 0, content.length);
                assertThat(read).isEqualTo(content);
                arena.free(chains.remove(victim));
                free += BlockArena.blocksFor(content.length);
            }
            assertThat(arena.freeBlocks()).isEqualTo(free);
        }
    }
}
