package org.ixnet.stack.ip;

import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.wire.InternetChecksum;
import org.ixnet.stack.wire.Ipv4;
import org.jspecify.annotations.Nullable;

/**
 * The checks that an IPv4 packet must pass (RFC 1122, 3.2.1; RFC 1812, 5.3.7 for martians), in the order of the header. It
 * fills in an {@link IpPacket} on the way. Thread rule: the elastic thread.
 */
final class Ipv4Input {
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_LOOSE_SOURCE_ROUTE = 131;
    private static final int OPTION_STRICT_SOURCE_ROUTE = 137;

    private static final int SOURCE_BITS = 8;

    private final IpHost host;
    /**
     * Sources that passed from outside, at a slot of their own; 0: none. The host's addresses never change, so a verdict
     * stands.
     */
    private final int[] soundSources = new int[1 << SOURCE_BITS];

    Ipv4Input(IpHost host) {
        this.host = host;
    }

    /**
     * Checks the packet at {@code header} and describes it.
     *
     * @param lengthBytes from the header to the end of the frame
     * @param groupFrame whether the frame was for a broadcast or multicast MAC address
     * @return why it is to be dropped, or null
     */
    @Nullable
    IpCounter check(IpPacket packet, long mbuf, long header, int lengthBytes, int rxFlags, boolean groupFrame) {
        if (lengthBytes < Ipv4.HEADER_BYTES) {
            return IpCounter.DROPPED_IP_SHORT;
        }
        long first = Ipv4.first(header);
        long second = Ipv4.second(header);
        int target = Ipv4.destination(header);
        int headerBytes = (int) (first >>> 56 & 15) << 2;
        int totalBytes = (int) (first >>> 32) & 0xffff;
        IpCounter problem = checkLengths((int) (first >>> 60), headerBytes, totalBytes, lengthBytes);
        if (problem != null) {
            return problem;
        }
        boolean fragment = (first & (Ipv4.MORE_FRAGMENTS | Ipv4.OFFSET_MASK)) != 0;
        boolean intact = (rxFlags & PacketBurst.RX_IP_CHECKSUM_GOOD) != 0
                || (headerBytes == Ipv4.HEADER_BYTES
                        ? InternetChecksum.ofIpv4Header(first, second, target) == 0
                        : InternetChecksum.isValid(InternetChecksum.sum(header, headerBytes)));
        if (!intact || (rxFlags & PacketBurst.RX_IP_CHECKSUM_BAD) != 0) {
            return IpCounter.DROPPED_IP_CHECKSUM;
        }
        if ((rxFlags & PacketBurst.RX_L4_CHECKSUM_BAD) != 0 && !fragment) {
            return IpCounter.DROPPED_L4_CHECKSUM;
        }
        if (headerBytes > Ipv4.HEADER_BYTES && !optionsAcceptable(header, headerBytes)) {
            return IpCounter.DROPPED_IP_OPTIONS;
        }
        boolean looped = (rxFlags & IpLayer.RX_LOOPBACK) != 0;
        long source = IpAddresses.ipv4((int) second);
        long destination = IpAddresses.ipv4(target);
        problem = checkSource(source, looped);
        if (problem != null) {
            return problem;
        }
        boolean ours = host.isConfigured(0, destination);
        boolean broadcast = !ours && host.isBroadcast(0, destination);
        problem = checkDestination(destination, ours, broadcast, looped, groupFrame);
        if (problem != null) {
            return problem;
        }
        packet.mbuf = mbuf;
        packet.headerAddress = header;
        packet.headerLengthBytes = headerBytes;
        packet.sourceHi = 0;
        packet.sourceLo = source;
        packet.destinationHi = 0;
        packet.destinationLo = destination;
        packet.protocol = (int) (second >>> 48) & 0xff;
        packet.trafficClass = (int) (first >>> 48) & 0xff;
        packet.timeToLive = (int) (second >>> 56);
        packet.payloadAddress = header + headerBytes;
        packet.payloadLengthBytes = totalBytes - headerBytes;
        packet.checksumVerified = (rxFlags & PacketBurst.RX_L4_CHECKSUM_GOOD) != 0;
        packet.fragment = fragment;
        packet.broadcast = broadcast;
        packet.looped = looped;
        return null;
    }

    private static @Nullable IpCounter checkLengths(int version, int headerBytes, int totalBytes, int lengthBytes) {
        if (version != 4) {
            return IpCounter.DROPPED_IP_VERSION;
        }
        if (headerBytes < Ipv4.HEADER_BYTES || headerBytes > lengthBytes) {
            return IpCounter.DROPPED_IP_HEADER_LENGTH;
        }
        return totalBytes < headerBytes || totalBytes > lengthBytes ? IpCounter.DROPPED_IP_TOTAL_LENGTH : null;
    }

    /** Options are well-formed and contain no source route; a host that obeys one can be made to relay. */
    private static boolean optionsAcceptable(long header, int headerBytes) {
        long at = header + Ipv4.HEADER_BYTES;
        long end = header + headerBytes;
        while (at < end) {
            int type = Memory.getUnsignedByte(at);
            if (type == OPTION_END) {
                return true;
            }
            if (type == OPTION_NOP) {
                at++;
                continue;
            }
            int lengthBytes = at + 1 < end ? Memory.getUnsignedByte(at + 1) : 0;
            if (lengthBytes < 2
                    || at + lengthBytes > end
                    || type == OPTION_LOOSE_SOURCE_ROUTE
                    || type == OPTION_STRICT_SOURCE_ROUTE) {
                return false;
            }
            at += lengthBytes;
        }
        return true;
    }

    private @Nullable IpCounter checkSource(long source, boolean looped) {
        int ipv4 = IpAddresses.toIpv4(source);
        int slot = (ipv4 * 0x9e37_79b9) >>> (32 - SOURCE_BITS);
        if (soundSources[slot] == ipv4 && ipv4 != 0) {
            return null;
        }
        boolean classE = ipv4 >>> 28 == 15;
        boolean thisNetwork = ipv4 >>> 24 == 0;
        boolean martian = thisNetwork
                || classE
                || IpAddresses.isMulticast(0, source)
                || host.isBroadcast(0, source)
                || host.isNetworkAddress(0, source);
        if (martian || (!looped && IpAddresses.isLoopback(0, source))) {
            return IpCounter.DROPPED_MARTIAN_SOURCE;
        }
        if (looped) {
            return null;
        }
        if (host.isConfigured(0, source)) {
            return IpCounter.DROPPED_LAND;
        }
        soundSources[slot] = ipv4;
        return null;
    }

    private static @Nullable IpCounter checkDestination(
            long destination, boolean ours, boolean broadcast, boolean looped, boolean groupFrame) {
        if (ours || (looped && IpAddresses.isLoopback(0, destination))) {
            return groupFrame ? IpCounter.DROPPED_GROUP_FRAME : null;
        }
        if (broadcast) {
            return null;
        }
        return IpAddresses.isMulticast(0, destination) ? IpCounter.IGNORED_MULTICAST : IpCounter.DROPPED_OTHER_ADDRESS;
    }
}
