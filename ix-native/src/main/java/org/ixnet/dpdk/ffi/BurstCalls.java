package org.ixnet.dpdk.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * The data path: one downcall a burst. They are {@code critical}: bounded, never blocking, no upcall, so the thread need
 * not change state for the garbage collector. Drivers that enter the kernel for each frame (tap, af_packet, af_xdp) have
 * calls of their own, which are not: the collector would wait for tens of system calls, and af_packet's transmission waits
 * for room in its ring. Thread rule: a queue has one thread; pools any thread.
 */
public final class BurstCalls {
    /** Longest burst that the shim takes in one call. */
    public static final int BURST_MAX = 256;

    private static final Linker.Option CRITICAL = Linker.Option.critical(false);

    private static final FunctionDescriptor BURST =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RX_BURST = NativeLibrary.downcall("ix_rx_burst", BURST, CRITICAL);
    private static final MethodHandle TX_BURST = NativeLibrary.downcall("ix_tx_burst", BURST, CRITICAL);
    private static final MethodHandle RX_BURST_KERNEL = NativeLibrary.downcall("ix_rx_burst", BURST);
    private static final MethodHandle TX_BURST_KERNEL = NativeLibrary.downcall("ix_tx_burst", BURST);
    private static final MethodHandle MBUF_ALLOC_BULK = NativeLibrary.downcall(
            "ix_mbuf_alloc_bulk", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), CRITICAL);
    private static final MethodHandle MBUF_FREE_BULK =
            NativeLibrary.downcall("ix_mbuf_free_bulk", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT), CRITICAL);

    private BurstCalls() {}

    /** Fills descriptors from {@code descriptorAddress}; returns how many. */
    public static int rxBurst(int port, int queue, long descriptorAddress, int maxPackets) {
        try {
            return (int) RX_BURST.invokeExact(port, queue, descriptorAddress, maxPackets);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Sends the descriptors from {@code descriptorAddress}; returns how many the device took. */
    public static int txBurst(int port, int queue, long descriptorAddress, int count) {
        try {
            return (int) TX_BURST.invokeExact(port, queue, descriptorAddress, count);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** As {@link #rxBurst}, for a driver that enters the kernel. */
    public static int rxBurstKernel(int port, int queue, long descriptorAddress, int maxPackets) {
        try {
            return (int) RX_BURST_KERNEL.invokeExact(port, queue, descriptorAddress, maxPackets);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** As {@link #txBurst}, for a driver that enters the kernel. */
    public static int txBurstKernel(int port, int queue, long descriptorAddress, int count) {
        try {
            return (int) TX_BURST_KERNEL.invokeExact(port, queue, descriptorAddress, count);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Writes up to {@code count} mbuf addresses to {@code arrayAddress}; returns how many. */
    public static int allocateBulk(long pool, long arrayAddress, int count) {
        try {
            return (int) MBUF_ALLOC_BULK.invokeExact(pool, arrayAddress, count);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Frees {@code count} mbufs whose addresses stand at {@code arrayAddress}. */
    public static void freeBulk(long arrayAddress, int count) {
        try {
            MBUF_FREE_BULK.invokeExact(arrayAddress, count);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }
}
