package org.ixnet.stack.device;

/**
 * A device's own counters since it was opened ({@code rte_eth_stats}).
 *
 * @param rxMissed frames that the device dropped because a receive queue was full ({@code imissed})
 * @param rxNoMbuf frames dropped because the store was empty ({@code rx_nombuf})
 */
public record DeviceStatistics(
        long rxPackets,
        long txPackets,
        long rxBytes,
        long txBytes,
        long rxMissed,
        long rxErrors,
        long rxNoMbuf,
        long txErrors) {}
