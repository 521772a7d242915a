package org.ixnet.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.dpdk.ffi.Libc;
import org.ixnet.stack.device.DeviceException;

/** Binds threads to CPUs and makes them known to DPDK. Thread rule: each call is about the calling platform thread. */
public final class ThreadPinning {
    private static final int CPUS_MAX = 1024;

    private ThreadPinning() {}

    /** CPUs that the calling thread may run on. */
    public static BitSet allowedCpus() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(CPUS_MAX / 8, 8);
            int rc = Libc.affinity(mask);
            if (rc < 0) {
                throw new DeviceException("cannot read the CPUs of this thread: sched_getaffinity failed with error "
                        + -rc + " (" + Libc.errorText(-rc) + ")");
            }
            return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_LONG));
        }
    }

    /**
     * Binds the calling thread to one CPU.
     *
     * @throws DeviceException when the CPU does not exist or the process may not use it
     */
    public static void pin(int cpu) {
        if (cpu < 0 || cpu >= CPUS_MAX) {
            throw new DeviceException("CPU is " + cpu + "; must be 0.." + (CPUS_MAX - 1));
        }
        BitSet one = new BitSet();
        one.set(cpu);
        pin(one);
    }

    /** Binds the calling thread to a set of CPUs; to undo {@link #pin(int)}, give what {@link #allowedCpus} said before. */
    public static void pin(BitSet cpus) {
        requirePlatformThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(CPUS_MAX / 8, 8);
            long[] words = cpus.toLongArray();
            MemorySegment.copy(words, 0, mask, ValueLayout.JAVA_LONG, 0, words.length);
            int rc = Libc.setAffinity(mask);
            if (rc < 0) {
                throw new DeviceException(
                        "cannot bind thread '" + Thread.currentThread().getName() + "' to CPUs " + cpus
                                + ": sched_setaffinity failed with error " + -rc + " (" + Libc.errorText(-rc)
                                + "); this process may use CPUs " + allowedCpus()
                                + "; remedy: choose among them, or widen its cpuset (taskset, docker --cpuset-cpus)");
            }
        }
    }

    /**
     * Makes the calling thread known to DPDK, which gives it a cache in each mempool. Done by {@link DpdkDevice}'s queues
     * for their threads. The registration ends with the thread, or by {@link #unregisterFromDpdk}.
     *
     * @return false when DPDK has no place for more threads (128 at most): pools then work without a cache
     */
    public static boolean registerWithDpdk() {
        requirePlatformThread();
        return Eal.isStarted() && EalCalls.registerThread() == 0;
    }

    public static void unregisterFromDpdk() {
        if (Eal.isStarted()) {
            EalCalls.unregisterThread();
        }
    }

    private static void requirePlatformThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException(
                    "a virtual thread has no CPU of its own; run elastic threads on platform threads");
        }
    }
}
