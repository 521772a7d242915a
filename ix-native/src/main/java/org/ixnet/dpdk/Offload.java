package org.ixnet.dpdk;

import java.util.EnumSet;
import java.util.Set;

/** Work that a port can take over from the CPU. The order is the shim's bit order ({@code IX_OFFLOAD_*}). */
public enum Offload {
    /** Verifies IPv4 header checksums. */
    RX_IP_CHECKSUM,
    /** Verifies TCP and UDP checksums. */
    RX_L4_CHECKSUM,
    /** Delivers the RSS hash with each frame. */
    RX_RSS_HASH,
    TX_IP_CHECKSUM,
    TX_TCP_CHECKSUM,
    TX_UDP_CHECKSUM,
    /** Cuts TCP frames into segments. */
    TX_SEGMENTATION,
    /** Frees sent mbufs the fast way: all must come from one store and have one owner. */
    TX_FAST_FREE;

    static int bits(Set<Offload> offloads) {
        int bits = 0;
        for (Offload offload : offloads) {
            bits |= 1 << offload.ordinal();
        }
        return bits;
    }

    static Set<Offload> ofBits(int bits) {
        Set<Offload> offloads = EnumSet.noneOf(Offload.class);
        for (Offload offload : values()) {
            if ((bits & (1 << offload.ordinal())) != 0) {
                offloads.add(offload);
            }
        }
        return offloads;
    }
}
