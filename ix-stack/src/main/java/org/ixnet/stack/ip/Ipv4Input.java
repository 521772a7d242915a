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

    private final IpHost host;

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
        IpCounter problem = checkHeader(header, lengthBytes, rxFlags);
        if (problem != null) {
            return problem;
        }
        boolean looped = (rxFlags & IpLayer.RX_LOOPBACK) != 0;
        long source = IpAddresses.ipv4(Ipv4.source(header));
        long destination = IpAddresses.ipv4(Ipv4.destination(header));
        problem = checkSource(source, looped);
        if (problem != null) {
            return problem;
        }
        boolean broadcast = host.isBroadcast(0, destination);
        problem = checkDestination(destination, broadcast, looped, groupFrame);
        if (problem != null) {
            return problem;
        }
        int headerBytes = Ipv4.headerLengthBytes(header);
        packet.mbuf = mbuf;
        packet.headerAddress = header;
        packet.headerLengthBytes = headerBytes;
        packet.sourceHi = 0;
        packet.sourceLo = source;
        packet.destinationHi = 0;
        packet.destinationLo = destination;
        packet.protocol = Ipv4.protocol(header);
        packet.trafficClass = Ipv4.trafficClass(header);
        packet.timeToLive = Ipv4.timeToLive(header);
        packet.payloadAddress = header + headerBytes;
        packet.payloadLengthBytes = Ipv4.totalLengthBytes(header) - headerBytes;
        packet.checksumVerified = (rxFlags & PacketBurst.RX_L4_CHECKSUM_GOOD) != 0;
        packet.broadcast = broadcast;
        packet.looped = looped;
        return null;
    }

    private @Nullable IpCounter checkHeader(long header, int lengthBytes, int rxFlags) {
        if (lengthBytes < Ipv4.HEADER_BYTES) {
            return IpCounter.DROPPED_IP_SHORT;
        }
        if (Ipv4.version(header) != 4) {
            return IpCounter.DROPPED_IP_VERSION;
        }
        int headerBytes = Ipv4.headerLengthBytes(header);
        if (headerBytes < Ipv4.HEADER_BYTES || headerBytes > lengthBytes) {
            return IpCounter.DROPPED_IP_HEADER_LENGTH;
        }
        int totalBytes = Ipv4.totalLengthBytes(header);
        if (totalBytes < headerBytes || totalBytes > lengthBytes) {
            return IpCounter.DROPPED_IP_TOTAL_LENGTH;
        }
        boolean good = (rxFlags & PacketBurst.RX_IP_CHECKSUM_GOOD) != 0;
        boolean bad = (rxFlags & PacketBurst.RX_IP_CHECKSUM_BAD) != 0;
        if (bad || (!good && !InternetChecksum.isValid(InternetChecksum.sum(header, headerBytes)))) {
            return IpCounter.DROPPED_IP_CHECKSUM;
        }
        if ((rxFlags & PacketBurst.RX_L4_CHECKSUM_BAD) != 0 && !Ipv4.isFragment(header)) {
            return IpCounter.DROPPED_L4_CHECKSUM;
        }
        if (headerBytes > Ipv4.HEADER_BYTES && !optionsAcceptable(header, headerBytes)) {
            return IpCounter.DROPPED_IP_OPTIONS;
        }
        return null;
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
        return !looped && host.isConfigured(0, source) ? IpCounter.DROPPED_LAND : null;
    }

    private @Nullable IpCounter checkDestination(
            long destination, boolean broadcast, boolean looped, boolean groupFrame) {
        if (broadcast) {
            return null;
        }
        if (IpAddresses.isMulticast(0, destination)) {
            return IpCounter.IGNORED_MULTICAST;
        }
        boolean ours = host.isConfigured(0, destination) || (looped && IpAddresses.isLoopback(0, destination));
        if (!ours) {
            return IpCounter.DROPPED_OTHER_ADDRESS;
        }
        return groupFrame ? IpCounter.DROPPED_GROUP_FRAME : null;
    }
}
