package org.ixnet.dpdk;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.ixnet.dpdk.ffi.BurstCalls;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.MbufStore;

/**
 * A DPDK mempool of mbufs. Thread rule: {@link #take}, {@link #give} and the accessors from any thread; a thread that is
 * registered with DPDK has a cache in it.
 *
 * <p>{@link #close} frees the memory only when every mbuf has come back. Buffers that an application still holds keep the
 * pool; later opens and closes try again.
 */
public final class DpdkMbufStore implements MbufStore {
    private static final int CACHE_MBUFS = 256;
    private static final int DATA_ROOM_MAX_BYTES = 65_535;
    /** Far longer than a put takes. */
    private static final long SETTLE_NANOS = 2_000_000;

    private static final AtomicInteger NEXT_ID = new AtomicInteger();
    private static final List<DpdkMbufStore> RETIRED = new ArrayList<>();

    private final long pool;
    private final int capacityMbufs;
    private final int bufferBytes;
    private volatile boolean freed;

    private DpdkMbufStore(long pool, int capacityMbufs, int bufferBytes) {
        this.pool = pool;
        this.capacityMbufs = capacityMbufs;
        this.bufferBytes = bufferBytes;
    }

    /**
     * Creates a pool; EAL must run.
     *
     * @param mbufs at least 1
     * @param bufferBytes bytes for a frame and its headroom in each; more than the headroom, at most 65535
     * @throws DeviceException when there is not enough memory
     */
    public static DpdkMbufStore create(int mbufs, int bufferBytes) {
        if (bufferBytes <= Mbuf.HEADROOM_BYTES || bufferBytes > DATA_ROOM_MAX_BYTES) {
            throw new DeviceException("mbufDataRoomBytes is " + bufferBytes + "; must be " + (Mbuf.HEADROOM_BYTES + 1)
                    + ".." + DATA_ROOM_MAX_BYTES);
        }
        freeRetired();
        EalLog.mark();
        long pool = EalCalls.createPool(nextName(), mbufs, cacheMbufs(mbufs), Mbuf.PRIVATE_BYTES, bufferBytes);
        return created(pool, mbufs, bufferBytes);
    }

    /**
     * Creates a pool of mbufs that fill a page each, as AF_XDP needs them; EAL must run.
     *
     * @param mbufs at least 1
     * @throws DeviceException when there is not enough memory
     */
    static DpdkMbufStore createPaged(int mbufs) {
        freeRetired();
        EalLog.mark();
        long pool = EalCalls.createPagedPool(nextName(), mbufs, cacheMbufs(mbufs), Mbuf.PRIVATE_BYTES);
        return created(pool, mbufs, EalCalls.pagedRoomBytes(Mbuf.PRIVATE_BYTES));
    }

    private static String nextName() {
        return "ix_mbufs_" + NEXT_ID.getAndIncrement();
    }

    private static int cacheMbufs(int mbufs) {
        return Math.min(CACHE_MBUFS, mbufs * 2 / 3);
    }

    private static DpdkMbufStore created(long pool, int mbufs, int bufferBytes) {
        if (pool == 0) {
            throw DpdkException.of(
                    "cannot create a pool of " + mbufs + " mbufs of " + bufferBytes + " bytes ("
                            + (bytesNeeded(mbufs, bufferBytes) >> 20) + " MB)",
                    "rte_pktmbuf_pool_create",
                    EalCalls.errno(),
                    Eal.usesHugepages()
                            ? "use fewer mbufs, or reserve more hugepages (/proc/sys/vm/nr_hugepages)"
                            : "use fewer mbufs, or set the memory that the process's first device reserves (memoryMegabytes,"
                                    + " now " + Eal.reservedMegabytes() + " MB)");
        }
        return new DpdkMbufStore(pool, mbufs, bufferBytes);
    }

    /** Memory that such a pool takes, in bytes. */
    static long bytesNeeded(int mbufs, int bufferBytes) {
        return (long) mbufs * (EalCalls.poolObjectBytes(Mbuf.PRIVATE_BYTES, bufferBytes) + 16);
    }

    /** Address of the {@code struct rte_mempool}. */
    long pool() {
        return pool;
    }

    @Override
    public int take(long arrayAddress, int count) {
        assert !freed;
        return BurstCalls.allocateBulk(pool, arrayAddress, count);
    }

    @Override
    public void give(long arrayAddress, int count) {
        if (count > 0) {
            assert !freed;
            BurstCalls.freeBulk(arrayAddress, count);
        }
    }

    @Override
    public int capacityMbufs() {
        return capacityMbufs;
    }

    @Override
    public int availableMbufs() {
        return freed ? 0 : EalCalls.poolAvailable(pool);
    }

    @Override
    public int bufferBytes() {
        return bufferBytes;
    }

    @Override
    public void close() {
        synchronized (RETIRED) {
            if (!freed && !RETIRED.contains(this)) {
                RETIRED.add(this);
            }
        }
        freeRetired();
    }

    /** Whether the memory is gone; false after {@link #close} while somebody holds mbufs. */
    boolean isFreed() {
        return freed;
    }

    /**
     * Whether all mbufs are back. DPDK counts without a lock, and a put counts its mbufs before it has written them down, some
     * of them twice; nobody takes from a retired pool, so a count that stays whole is one that no put is behind.
     */
    private boolean isWhole() {
        if (availableMbufs() != capacityMbufs) {
            return false;
        }
        LockSupport.parkNanos(SETTLE_NANOS);
        return availableMbufs() == capacityMbufs;
    }

    private static void freeRetired() {
        synchronized (RETIRED) {
            for (Iterator<DpdkMbufStore> stores = RETIRED.iterator(); stores.hasNext(); ) {
                DpdkMbufStore store = stores.next();
                if (store.isWhole()) {
                    store.freed = true;
                    stores.remove();
                    EalCalls.freePool(store.pool);
                }
            }
        }
    }
}
