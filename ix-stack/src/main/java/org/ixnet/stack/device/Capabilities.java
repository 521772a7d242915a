package org.ixnet.stack.device;

/**
 * What a device can do, masked by what the configuration allows.
 *
 * @param driver the driver's name, for example {@code net_tap}
 * @param maxQueues queue pairs that it could have
 * @param rssKeyBytes length of the RSS key; 0 without RSS
 * @param retaEntries length of the redirection table; 0 without RSS: hash in software
 * @param rxChecksum verifies IPv4, TCP and UDP checksums of received frames
 * @param txIpChecksum computes IPv4 header checksums
 * @param txL4Checksum computes TCP and UDP checksums
 * @param memoryWire frames cross memory only: checksums may be left out where both ends agree
 * @param maxFrameBytes longest frame, without FCS
 */
public record Capabilities(
        String driver,
        int maxQueues,
        int rssKeyBytes,
        int retaEntries,
        boolean rxChecksum,
        boolean txIpChecksum,
        boolean txL4Checksum,
        boolean memoryWire,
        int maxFrameBytes) {}
