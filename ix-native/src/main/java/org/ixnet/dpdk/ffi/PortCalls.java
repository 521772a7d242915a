package org.ixnet.dpdk.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Control of one Ethernet port. An {@code int} result is 0 or more, or -errno. Thread rule: one thread at a time for a
 * port; the statistics from any.
 */
public final class PortCalls {
    private static final int XSTATS_MAX = 256;
    private static final int XSTAT_NAME_BYTES = 64;

    private static final FunctionDescriptor PORT = FunctionDescriptor.of(JAVA_INT, JAVA_SHORT);
    private static final FunctionDescriptor PORT_POINTER = FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_LONG);

    private static final MethodHandle BY_NAME = NativeLibrary.downcall(
            "rte_eth_dev_get_port_by_name", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle INFO = NativeLibrary.downcall("ix_port_info", PORT_POINTER);
    private static final MethodHandle CONFIGURE = NativeLibrary.downcall(
            "ix_port_configure",
            FunctionDescriptor.of(
                    JAVA_INT, JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle RECEIVE_DESCRIPTOR = NativeLibrary.downcall(
            "rte_eth_dev_rx_intr_ctl_q_get_fd", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_SHORT));
    private static final MethodHandle ADJUST_DESCRIPTORS = NativeLibrary.downcall(
            "rte_eth_dev_adjust_nb_rx_tx_desc", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle SETUP_QUEUE = NativeLibrary.downcall(
            "ix_port_setup_queue",
            FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, JAVA_LONG));
    private static final MethodHandle START = NativeLibrary.downcall("rte_eth_dev_start", PORT);
    private static final MethodHandle STOP = NativeLibrary.downcall("rte_eth_dev_stop", PORT);
    private static final MethodHandle CLOSE = NativeLibrary.downcall("rte_eth_dev_close", PORT);
    private static final MethodHandle PROMISCUOUS_ON = NativeLibrary.downcall("rte_eth_promiscuous_enable", PORT);
    private static final MethodHandle PROMISCUOUS_OFF = NativeLibrary.downcall("rte_eth_promiscuous_disable", PORT);
    private static final MethodHandle PROMISCUOUS = NativeLibrary.downcall("rte_eth_promiscuous_get", PORT);
    private static final MethodHandle LINK = NativeLibrary.downcall("ix_port_link", PORT_POINTER);
    private static final MethodHandle STATS = NativeLibrary.downcall("ix_port_stats", PORT_POINTER);
    private static final MethodHandle STATS_RESET = NativeLibrary.downcall("ix_port_stats_reset", PORT);
    private static final MethodHandle XSTATS = NativeLibrary.downcall(
            "ix_port_xstats", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle MAC = NativeLibrary.downcall("ix_port_mac", PORT_POINTER);
    private static final MethodHandle SET_MAC = NativeLibrary.downcall("ix_port_set_mac", PORT_POINTER);
    private static final MethodHandle MTU = NativeLibrary.downcall("rte_eth_dev_get_mtu", PORT_POINTER);
    private static final MethodHandle SET_MTU =
            NativeLibrary.downcall("rte_eth_dev_set_mtu", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_SHORT));
    private static final MethodHandle RSS_PROGRAM = NativeLibrary.downcall(
            "ix_rss_program",
            FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_LONG, JAVA_SHORT));
    private static final MethodHandle RSS_QUERY = NativeLibrary.downcall(
            "ix_rss_query", FunctionDescriptor.of(JAVA_INT, JAVA_SHORT, JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_SHORT));
    private static final MethodHandle TRUST_CHECKSUMS =
            NativeLibrary.downcall("ix_trust_checksums", FunctionDescriptor.ofVoid(JAVA_SHORT, JAVA_INT));
    private static final MethodHandle TX_REFUSED =
            NativeLibrary.downcall("ix_tx_refused", FunctionDescriptor.of(JAVA_LONG, JAVA_SHORT, JAVA_SHORT));
    private static final MethodHandle TX_REFUSED_RESET =
            NativeLibrary.downcall("ix_tx_refused_reset", FunctionDescriptor.ofVoid(JAVA_SHORT));

    private static final MethodHandle MEMIF_GUARD = NativeLibrary.downcall("ix_memif_guard", PORT);
    private static final MethodHandle MEMIF_UNGUARD =
            NativeLibrary.downcall("ix_memif_unguard", FunctionDescriptor.ofVoid(JAVA_SHORT));

    private PortCalls() {}

    /** The port's number, or -errno. */
    public static int byName(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment port = arena.allocate(ValueLayout.JAVA_SHORT);
            int rc = (int) BY_NAME.invokeExact(NativeLibrary.cString(arena, name), port.address());
            return rc != 0 ? rc : Short.toUnsignedInt(port.get(ValueLayout.JAVA_SHORT, 0));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** What the port could do. The port must exist. */
    public static PortInfo info(int port) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = arena.allocate(PortInfo.BYTES, 8);
            int rc = (int) INFO.invokeExact((short) port, struct.address());
            if (rc != 0) {
                throw new IllegalStateException("rte_eth_dev_info_get(" + port + ") returned " + rc);
            }
            return PortInfo.read(struct);
        } catch (IllegalStateException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /**
     * Configures {@code queues} queue pairs; {@code offloads}: bits of {@link PortInfo#offloads()}; {@code interrupts}:
     * {@link #receiveDescriptor} will be asked for.
     */
    public static int configure(int port, int queues, int mtuBytes, int offloads, boolean rss, boolean interrupts) {
        try {
            return (int) CONFIGURE.invokeExact(
                    (short) port, (short) queues, (short) queues, mtuBytes, offloads, rss ? 1 : 0, interrupts ? 1 : 0);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** The descriptor that is readable while {@code queue} of a running port has a frame; negative: the driver has none. */
    public static int receiveDescriptor(int port, int queue) {
        try {
            return (int) RECEIVE_DESCRIPTOR.invokeExact((short) port, (short) queue);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** {@code {rx, tx}}: the nearest numbers of descriptors that the driver allows. */
    public static int[] adjustDescriptors(int port, int rx, int tx) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counts = arena.allocate(4, 2);
            counts.set(ValueLayout.JAVA_SHORT, 0, (short) rx);
            counts.set(ValueLayout.JAVA_SHORT, 2, (short) tx);
            int rc = (int) ADJUST_DESCRIPTORS.invokeExact((short) port, counts.address(), counts.address() + 2);
            return rc != 0
                    ? new int[] {rx, tx}
                    : new int[] {
                        Short.toUnsignedInt(counts.get(ValueLayout.JAVA_SHORT, 0)),
                        Short.toUnsignedInt(counts.get(ValueLayout.JAVA_SHORT, 2))
                    };
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int setupQueue(int port, int queue, int rxDescriptors, int txDescriptors, long pool) {
        try {
            return (int) SETUP_QUEUE.invokeExact(
                    (short) port, (short) queue, (short) rxDescriptors, (short) txDescriptors, pool);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int start(int port) {
        return call(START, port);
    }

    public static int stop(int port) {
        return call(STOP, port);
    }

    public static int close(int port) {
        return call(CLOSE, port);
    }

    public static int promiscuous(int port, boolean on) {
        return call(on ? PROMISCUOUS_ON : PROMISCUOUS_OFF, port);
    }

    public static boolean promiscuous(int port) {
        return call(PROMISCUOUS, port) == 1;
    }

    public static int resetStatistics(int port) {
        return call(STATS_RESET, port);
    }

    /** Fills {@code {up, speed in Mb/s, full duplex}}. */
    public static int link(int port, int[] link) {
        return withPointer(port, LINK, 12, struct -> {
            MemorySegment.copy(struct, JAVA_INT, 0, link, 0, 3);
            return 0;
        });
    }

    /** Fills the eight counters in the order of {@code ix_port_stats}. */
    public static int statistics(int port, long[] counters) {
        return withPointer(port, STATS, 64, struct -> {
            MemorySegment.copy(struct, JAVA_LONG, 0, counters, 0, 8);
            return 0;
        });
    }

    /** The driver's own counters by name; empty when it has none. */
    public static Map<String, Long> extendedStatistics(int port) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment names = arena.allocate((long) XSTATS_MAX * XSTAT_NAME_BYTES);
            MemorySegment values = arena.allocate(JAVA_LONG, XSTATS_MAX);
            int count = (int) XSTATS.invokeExact((short) port, names.address(), values.address(), XSTATS_MAX);
            Map<String, Long> result = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                result.put(names.getString((long) i * XSTAT_NAME_BYTES), values.getAtIndex(JAVA_LONG, i));
            }
            return result;
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Fills the six bytes of the MAC address. */
    public static int mac(int port, byte[] mac) {
        return withPointer(port, MAC, 8, struct -> {
            MemorySegment.copy(struct, JAVA_BYTE, 0, mac, 0, 6);
            return 0;
        });
    }

    public static int setMac(int port, byte[] mac) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) SET_MAC.invokeExact(
                    (short) port, arena.allocateFrom(JAVA_BYTE, mac).address());
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** The MTU in bytes, or -errno. */
    public static int mtu(int port) {
        return withPointer(port, MTU, 2, struct -> Short.toUnsignedInt(struct.get(ValueLayout.JAVA_SHORT, 0)));
    }

    public static int setMtu(int port, int mtuBytes) {
        try {
            return (int) SET_MTU.invokeExact((short) port, (short) mtuBytes);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Programs the hash key and the redirection table; {@code functions}: {@link PortInfo#rssFunctions()}. */
    public static int programRss(int port, byte[] key, long functions, short[] reta) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) RSS_PROGRAM.invokeExact(
                    (short) port,
                    arena.allocateFrom(JAVA_BYTE, key).address(),
                    (byte) key.length,
                    functions,
                    arena.allocateFrom(ValueLayout.JAVA_SHORT, reta).address(),
                    (short) reta.length);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Reads back the key and table in force into the arrays. */
    public static int queryRss(int port, byte[] key, short[] reta) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keySegment = arena.allocate(Math.max(1, key.length));
            MemorySegment retaSegment = arena.allocate(Math.max(2, reta.length * 2L), 2);
            int rc = (int) RSS_QUERY.invokeExact(
                    (short) port, keySegment.address(), (byte) key.length, retaSegment.address(), (short) reta.length);
            MemorySegment.copy(keySegment, JAVA_BYTE, 0, key, 0, key.length);
            MemorySegment.copy(retaSegment, ValueLayout.JAVA_SHORT, 0, reta, 0, reta.length);
            return rc;
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Whether received frames are marked as having good checksums whatever the device says. Before the port starts. */
    public static void trustChecksums(int port, boolean trust) {
        try {
            TRUST_CHECKSUMS.invokeExact((short) port, trust ? 1 : 0);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Frames that {@code rte_eth_tx_prepare} refused; they were freed. */
    public static long txRefused(int port, int queues) {
        try {
            return (long) TX_REFUSED.invokeExact((short) port, (short) queues);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static void resetTxRefused(int port) {
        try {
            TX_REFUSED_RESET.invokeExact((short) port);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Lets bursts on a memif port survive a peer that goes away (ix_memif.c). */
    public static int guardMemif(int port) {
        return call(MEMIF_GUARD, port);
    }

    public static void unguardMemif(int port) {
        try {
            MEMIF_UNGUARD.invokeExact((short) port);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    private static int call(MethodHandle handle, int port) {
        try {
            return (int) handle.invokeExact((short) port);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    private static int withPointer(int port, MethodHandle handle, int bytes, ToIntFunction<MemorySegment> read) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = arena.allocate(bytes, 8);
            int rc = (int) handle.invokeExact((short) port, struct.address());
            return rc != 0 ? rc : read.applyAsInt(struct);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }
}
