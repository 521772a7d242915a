package org.ixnet.dpdk.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Process-wide calls: EAL, its log, hot-plug, threads, pools, rings. Results are 0 or more, or -errno. Thread rule: any. */
public final class EalCalls {
    private static final int LOG_BYTES = 16384;
    private static final FunctionDescriptor INT_OF_LONG = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);

    private static final MethodHandle EAL_INIT =
            NativeLibrary.downcall("rte_eal_init", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle HOTPLUG_ADD = NativeLibrary.downcall(
            "rte_eal_hotplug_add", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle HOTPLUG_REMOVE =
            NativeLibrary.downcall("rte_eal_hotplug_remove", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle LOG_CAPTURE =
            NativeLibrary.downcall("ix_log_capture", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle LOG_DRAIN =
            NativeLibrary.downcall("ix_log_drain", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle ERRNO = NativeLibrary.downcall("ix_errno", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle VERSION =
            NativeLibrary.downcall("ix_dpdk_version", FunctionDescriptor.of(ValueLayout.ADDRESS));
    private static final MethodHandle LIBRARY_LOADED = NativeLibrary.downcall("ix_library_loaded", INT_OF_LONG);
    private static final MethodHandle THREAD_REGISTER =
            NativeLibrary.downcall("ix_thread_register", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle THREAD_UNREGISTER =
            NativeLibrary.downcall("ix_thread_unregister", FunctionDescriptor.ofVoid());
    private static final MethodHandle XDP_DETACH =
            NativeLibrary.downcall("ix_xdp_detach", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle POOL_CREATE = NativeLibrary.downcall(
            "ix_pool_create", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_SHORT, JAVA_SHORT));
    private static final MethodHandle POOL_OBJECT_BYTES =
            NativeLibrary.downcall("ix_pool_object_bytes", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_SHORT));
    private static final MethodHandle POOL_CREATE_PAGED = NativeLibrary.downcall(
            "ix_pool_create_paged", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_SHORT));
    private static final MethodHandle POOL_PAGED_ROOM =
            NativeLibrary.downcall("ix_pool_paged_room", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT));
    private static final MethodHandle POOL_FREE =
            NativeLibrary.downcall("rte_mempool_free", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle POOL_AVAILABLE = NativeLibrary.downcall("rte_mempool_avail_count", INT_OF_LONG);
    private static final MethodHandle RING_CREATE =
            NativeLibrary.downcall("ix_ring_create", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RING_FREE =
            NativeLibrary.downcall("ix_ring_free", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle PORT_FROM_RINGS = NativeLibrary.downcall(
            "ix_port_from_rings", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));

    private EalCalls() {}

    /** Starts EAL; {@code arguments} without the program's name. Returns -1 with {@link #errno()} set when it fails. */
    public static int init(List<String> arguments) {
        Arena arena = Arena.global(); // EAL keeps pointers into its arguments
        MemorySegment argv = arena.allocate(ValueLayout.ADDRESS, arguments.size() + 2L);
        argv.setAtIndex(ValueLayout.ADDRESS, 0, arena.allocateFrom("ix"));
        for (int i = 0; i < arguments.size(); i++) {
            argv.setAtIndex(ValueLayout.ADDRESS, i + 1L, arena.allocateFrom(arguments.get(i)));
        }
        try {
            return (int) EAL_INIT.invokeExact(arguments.size() + 1, argv.address());
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int hotplugAdd(String bus, String device, String arguments) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) HOTPLUG_ADD.invokeExact(
                    NativeLibrary.cString(arena, bus),
                    NativeLibrary.cString(arena, device),
                    NativeLibrary.cString(arena, arguments));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int hotplugRemove(String bus, String device) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    HOTPLUG_REMOVE.invokeExact(NativeLibrary.cString(arena, bus), NativeLibrary.cString(arena, device));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Makes DPDK log into the shim from now on; before {@link #init}. */
    public static int captureLog() {
        try {
            return (int) LOG_CAPTURE.invokeExact();
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** What DPDK has logged since the last call. */
    public static String drainLog() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(LOG_BYTES);
            int bytes = (int) LOG_DRAIN.invokeExact(text.address(), LOG_BYTES);
            return new String(text.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** DPDK's error number of the calling thread ({@code rte_errno}). */
    public static int errno() {
        try {
            return (int) ERRNO.invokeExact();
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** For example {@code DPDK 22.11.11}. */
    @SuppressWarnings("restricted")
    public static String version() {
        try {
            MemorySegment text = (MemorySegment) VERSION.invokeExact();
            return text.reinterpret(256).getString(0);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Whether a driver's library, for example {@code librte_net_tap}, is in the process. */
    public static boolean libraryLoaded(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) LIBRARY_LOADED.invokeExact(NativeLibrary.cString(arena, name)) != 0;
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int registerThread() {
        try {
            return (int) THREAD_REGISTER.invokeExact();
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static void unregisterThread() {
        try {
            THREAD_UNREGISTER.invokeExact();
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int detachXdp(int ifIndex) {
        try {
            return (int) XDP_DETACH.invokeExact(ifIndex);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** {@code rte_pktmbuf_pool_create}; 0 with {@link #errno()} set when it fails. */
    public static long createPool(String name, int mbufs, int cacheMbufs, int privateBytes, int dataRoomBytes) {
        try (Arena arena = Arena.ofConfined()) {
            return (long) POOL_CREATE.invokeExact(
                    NativeLibrary.cString(arena, name), mbufs, cacheMbufs, (short) privateBytes, (short) dataRoomBytes);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Bytes that one mbuf takes in a pool. */
    public static int poolObjectBytes(int privateBytes, int dataRoomBytes) {
        try {
            return (int) POOL_OBJECT_BYTES.invokeExact((short) privateBytes, (short) dataRoomBytes);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** A pool of mbufs that fill a page each; 0 with {@link #errno()} set when it fails. */
    public static long createPagedPool(String name, int mbufs, int cacheMbufs, int privateBytes) {
        try (Arena arena = Arena.ofConfined()) {
            return (long) POOL_CREATE_PAGED.invokeExact(
                    NativeLibrary.cString(arena, name), mbufs, cacheMbufs, (short) privateBytes);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Bytes for a frame and its headroom in an mbuf that fills a page. */
    public static int pagedRoomBytes(int privateBytes) {
        try {
            return (int) POOL_PAGED_ROOM.invokeExact((short) privateBytes);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static void freePool(long pool) {
        try {
            POOL_FREE.invokeExact(pool);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int poolAvailable(long pool) {
        try {
            return (int) POOL_AVAILABLE.invokeExact(pool);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** A single-producer single-consumer ring of mbufs; 0 with {@link #errno()} set when it fails. */
    public static long createRing(String name, int slots) {
        try (Arena arena = Arena.ofConfined()) {
            return (long) RING_CREATE.invokeExact(NativeLibrary.cString(arena, name), slots);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Frees the mbufs in the ring, and the ring. */
    public static void freeRing(long ring) {
        try {
            RING_FREE.invokeExact(ring);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** A port that receives from {@code rx} and sends into {@code tx}, one ring a queue. Returns the port or -errno. */
    public static int portFromRings(String name, long[] rx, long[] tx) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) PORT_FROM_RINGS.invokeExact(
                    NativeLibrary.cString(arena, name),
                    arena.allocateFrom(JAVA_LONG, rx).address(),
                    arena.allocateFrom(JAVA_LONG, tx).address(),
                    rx.length);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }
}
