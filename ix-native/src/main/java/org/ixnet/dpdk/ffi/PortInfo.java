package org.ixnet.dpdk.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct ix_port_info}: what a port could do, as the driver says.
 *
 * @param offloads {@code IX_OFFLOAD_*} bits: {@code 1 << Offload.ordinal()}
 * @param ifIndex kernel interface behind the port; 0: none
 * @param rssFunctions DPDK's {@code RTE_ETH_RSS_*} bits that the driver can hash
 * @param device name on its bus, for example {@code net_tap0}
 */
public record PortInfo(
        int offloads,
        int maxRxQueues,
        int maxTxQueues,
        int retaEntries,
        int hashKeyBytes,
        int minMtu,
        int maxMtu,
        long maxRxFrameBytes,
        int ifIndex,
        long rssFunctions,
        String driver,
        String device) {
    /** What ethdev says of a driver that names no largest MTU. */
    private static final int ANY_MTU = 0xffff;

    private static final int HEADER_AND_CRC_BYTES = 14 + 4;

    static final long BYTES = 168;
    static final long RSS_FUNCTIONS_OFFSET = 64;
    static final long DRIVER_OFFSET = 72;
    static final long DEVICE_OFFSET = 104;

    /** The largest MTU that {@code rte_eth_dev_configure} takes: some drivers bound the frame alone. */
    public int largestMtu() {
        boolean tellsMtu = maxMtu != ANY_MTU && maxRxFrameBytes > maxMtu;
        return tellsMtu ? maxMtu : (int) Math.min(maxMtu, maxRxFrameBytes - HEADER_AND_CRC_BYTES);
    }

    static PortInfo read(MemorySegment struct) {
        return new PortInfo(
                word(struct, 0),
                word(struct, 1),
                word(struct, 2),
                word(struct, 3),
                word(struct, 4),
                word(struct, 5),
                word(struct, 6),
                Integer.toUnsignedLong(word(struct, 7)),
                word(struct, 14),
                struct.get(ValueLayout.JAVA_LONG, RSS_FUNCTIONS_OFFSET),
                struct.getString(DRIVER_OFFSET),
                struct.getString(DEVICE_OFFSET));
    }

    private static int word(MemorySegment struct, int index) {
        return struct.get(ValueLayout.JAVA_INT, index * 4L);
    }
}
