package org.ixnet.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.Mbuf;

/**
 * Compares every offset, size and flag that Java and the shim share, when the shim is loaded: a shim built against a DPDK
 * with another {@code struct rte_mbuf} must not run.
 */
final class Layouts {
    private static final int SHIM_VERSION = 3;

    private Layouts() {}

    /** @throws UnsatisfiedLinkError naming each constant that differs */
    static void check() {
        MethodHandle layout = NativeLibrary.loadedDowncall(
                "ix_layout", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        StringBuilder wrong = new StringBuilder();
        try (Arena arena = Arena.ofConfined()) {
            expected().forEach((name, value) -> {
                long actual = layout(layout, NativeLibrary.cString(arena, name));
                if (actual != value) {
                    wrong.append("; ")
                            .append(name)
                            .append(" is ")
                            .append(actual)
                            .append(", must be ")
                            .append(value);
                }
            });
        }
        if (!wrong.isEmpty()) {
            throw new UnsatisfiedLinkError(
                    "the DPDK shim does not fit this version of IX" + wrong
                            + "; remedy: rebuild ix-native (mvn -pl ix-native -am clean package) and use the jars of one build");
        }
    }

    private static long layout(MethodHandle layout, long name) {
        try {
            return (long) layout.invokeExact(name);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    private static Map<String, Long> expected() {
        Map<String, Long> expected = new LinkedHashMap<>();
        expected.put("IX_SHIM_VERSION", (long) SHIM_VERSION);
        expected.put("IX_BURST_MAX", (long) BurstCalls.BURST_MAX);
        expected.put("sizeof(struct rte_mbuf)", (long) Mbuf.HEADER_BYTES);
        expected.put("offsetof(struct rte_mbuf, buf_addr)", (long) Mbuf.BUFFER_ADDRESS_OFFSET);
        expected.put("offsetof(struct rte_mbuf, buf_len)", (long) Mbuf.BUFFER_LENGTH_OFFSET);
        expected.put("RTE_PKTMBUF_HEADROOM", (long) Mbuf.HEADROOM_BYTES);
        expected.put("sizeof(struct ix_descriptor)", (long) PacketBurst.DESCRIPTOR_BYTES);
        expected.put("offsetof(struct ix_descriptor, mbuf)", 0L);
        expected.put("offsetof(struct ix_descriptor, frame)", 8L);
        expected.put("offsetof(struct ix_descriptor, length)", 16L);
        expected.put("offsetof(struct ix_descriptor, hash_or_header_lengths)", 20L);
        expected.put("offsetof(struct ix_descriptor, flags)", 24L);
        expected.put("offsetof(struct ix_descriptor, type_or_mss)", 28L);
        expected.put("IX_RX_HASH_VALID", (long) PacketBurst.RX_HASH_VALID);
        expected.put("IX_RX_IP_CHECKSUM_GOOD", (long) PacketBurst.RX_IP_CHECKSUM_GOOD);
        expected.put("IX_RX_IP_CHECKSUM_BAD", (long) PacketBurst.RX_IP_CHECKSUM_BAD);
        expected.put("IX_RX_L4_CHECKSUM_GOOD", (long) PacketBurst.RX_L4_CHECKSUM_GOOD);
        expected.put("IX_RX_L4_CHECKSUM_BAD", (long) PacketBurst.RX_L4_CHECKSUM_BAD);
        expected.put("IX_RX_MULTI_SEGMENT", (long) PacketBurst.RX_MULTI_SEGMENT);
        expected.put("IX_TX_IP_CHECKSUM", (long) PacketBurst.TX_IP_CHECKSUM);
        expected.put("IX_TX_TCP_CHECKSUM", (long) PacketBurst.TX_TCP_CHECKSUM);
        expected.put("IX_TX_UDP_CHECKSUM", (long) PacketBurst.TX_UDP_CHECKSUM);
        expected.put("IX_TX_SEGMENTATION", (long) PacketBurst.TX_SEGMENTATION);
        expected.put("IX_TX_IPV6", (long) PacketBurst.TX_IPV6);
        expected.put("sizeof(struct ix_port_info)", PortInfo.BYTES);
        expected.put("offsetof(struct ix_port_info, rss_functions)", PortInfo.RSS_FUNCTIONS_OFFSET);
        expected.put("offsetof(struct ix_port_info, driver)", PortInfo.DRIVER_OFFSET);
        expected.put("offsetof(struct ix_port_info, device)", PortInfo.DEVICE_OFFSET);
        return expected;
    }
}
