package org.ixnet.stack.ip;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.ixnet.stack.memory.LargeMbufs;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.util.KeyedHash;
import org.jspecify.annotations.Nullable;

/**
 * What all elastic threads of a dataplane share: own addresses, routes, the link's properties, the neighbours and the large
 * mbufs. Thread rule: immutable but for {@link #neighbours()} and {@link #largeMbufs()}, which any thread may use.
 */
public final class IpHost implements AutoCloseable {
    /** Datagrams longer than an mbuf that all threads together hold at once, 64 KB each. */
    public static final int LARGE_MBUFS = 64;
    /** Smallest MTU of IPv4 (RFC 791, 3.2). */
    public static final int MIN_MTU_BYTES = 68;
    /** What a prefix length of the mapped form has above that of IPv4. */
    public static final int IPV4_PREFIX_BITS = 96;

    /** An own address with the length of its subnet's prefix in bits (of 128 for the mapped form: 96 + the IPv4 length). */
    public record OwnAddress(long hi, long lo, int prefixLength) {
        public OwnAddress {
            checkPrefix(prefixLength);
        }

        /** An IPv4 address, for example ("10.18.0.2", 24). */
        public static OwnAddress ipv4(String address, int prefixLength) {
            return new OwnAddress(IpAddresses.IPV4_HI, IpAddresses.parseIpv4(address), IPV4_PREFIX_BITS + prefixLength);
        }
    }

    /** Packets for hi/lo/prefixLength go to the gateway, an address on the link. */
    public record Destination(long hi, long lo, int prefixLength, long gatewayHi, long gatewayLo) {
        public Destination {
            checkPrefix(prefixLength);
        }

        /** The default route of IPv4. */
        public static Destination ipv4Default(String gateway) {
            return new Destination(0, IpAddresses.IPV4_PREFIX, IPV4_PREFIX_BITS, 0, IpAddresses.parseIpv4(gateway));
        }
    }

    private final long macAddress;
    private final int mtuBytes;
    private final OwnAddress[] addresses;
    /** Longest prefix first. */
    private final Destination[] destinations;

    private final NeighbourTable neighbours;
    private final LargeMbufs largeMbufs = new LargeMbufs(LARGE_MBUFS);

    /**
     * @param macAddress of the device
     * @param mtuBytes largest IP packet on the link
     * @param destinations routes beyond the link; the default gateway is one with prefix 0.0.0.0/0 (length 96)
     * @param hash places neighbours in their table
     */
    public IpHost(
            long macAddress, int mtuBytes, List<OwnAddress> addresses, List<Destination> destinations, KeyedHash hash) {
        if (mtuBytes < MIN_MTU_BYTES) {
            throw new IllegalArgumentException("mtuBytes is " + mtuBytes + "; must be at least " + MIN_MTU_BYTES);
        }
        this.macAddress = macAddress;
        this.mtuBytes = mtuBytes;
        this.neighbours = new NeighbourTable(hash);
        this.addresses = addresses.toArray(new OwnAddress[0]);
        List<Destination> sorted = new ArrayList<>(destinations);
        sorted.sort(Comparator.comparingInt(Destination::prefixLength).reversed());
        this.destinations = sorted.toArray(new Destination[0]);
        for (Destination destination : this.destinations) {
            if (!isOnLink(destination.gatewayHi(), destination.gatewayLo())) {
                throw new IllegalArgumentException("gateway "
                        + IpAddresses.toString(destination.gatewayHi(), destination.gatewayLo())
                        + " is in no subnet of this host; must be on the link");
            }
        }
    }

    /** A host whose neighbours lie where nobody can guess. */
    public IpHost(long macAddress, int mtuBytes, List<OwnAddress> addresses, List<Destination> destinations) {
        this(macAddress, mtuBytes, addresses, destinations, KeyedHash.secure());
    }

    private static void checkPrefix(int prefixLength) {
        if (prefixLength < 0 || prefixLength > 128) {
            throw new IllegalArgumentException(
                    "prefix length is " + prefixLength + "; must be 0..128, that is 96 and the prefix length for IPv4");
        }
    }

    public long macAddress() {
        return macAddress;
    }

    public int mtuBytes() {
        return mtuBytes;
    }

    public List<OwnAddress> addresses() {
        return List.of(addresses);
    }

    public NeighbourTable neighbours() {
        return neighbours;
    }

    public LargeMbufs largeMbufs() {
        return largeMbufs;
    }

    /** Whether hi/lo is configured here; the loopback addresses are not. */
    public boolean isConfigured(long hi, long lo) {
        for (OwnAddress own : addresses) {
            if (own.lo == lo && own.hi == hi) {
                return true;
            }
        }
        return false;
    }

    /** Whether packets to hi/lo stay on this host: configured, or loopback. */
    public boolean isOwn(long hi, long lo) {
        return isConfigured(hi, lo) || IpAddresses.isLoopback(hi, lo);
    }

    /** Whether hi/lo lies in a subnet of this host. */
    public boolean isOnLink(long hi, long lo) {
        for (OwnAddress own : addresses) {
            if (samePrefix(own.hi, own.lo, hi, lo, own.prefixLength)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is 255.255.255.255 or the broadcast address of a subnet of this host (RFC 1122, 3.3.6). */
    public boolean isBroadcast(long hi, long lo) {
        if (hi != 0 || lo >>> 32 != 0xffff) {
            return false;
        }
        if (IpAddresses.isLimitedBroadcast(hi, lo)) {
            return true;
        }
        for (OwnAddress own : addresses) {
            int prefix = own.prefixLength - IPV4_PREFIX_BITS;
            // A /31 has no broadcast address (RFC 3021), and neither has a /32.
            if (prefix >= 0 && prefix < 31 && lo == (own.lo | 0xffffffffL >>> prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is the network's own address, as 10.0.0.0 in 10.0.0.0/24: no host may send from it. */
    public boolean isNetworkAddress(long hi, long lo) {
        for (OwnAddress own : addresses) {
            int prefix = own.prefixLength - IPV4_PREFIX_BITS;
            if (hi == 0 && prefix >= 0 && prefix < 31 && lo == (own.lo & ~(0xffffffffL >>> prefix))) {
                return true;
            }
        }
        return false;
    }

    /** The route beyond the link for a destination: the longest prefix, or null. */
    @Nullable
    Destination destination(long hi, long lo) {
        for (Destination destination : destinations) {
            if (samePrefix(destination.hi, destination.lo, hi, lo, destination.prefixLength)) {
                return destination;
            }
        }
        return null;
    }

    /** The own address to use towards a next hop: one of its subnet, else the first of its family, else null. */
    @Nullable
    OwnAddress sourceFor(long nextHopHi, long nextHopLo) {
        OwnAddress first = null;
        boolean ipv4 = IpAddresses.isIpv4(nextHopHi, nextHopLo);
        for (OwnAddress own : addresses) {
            if (samePrefix(own.hi, own.lo, nextHopHi, nextHopLo, own.prefixLength)) {
                return own;
            }
            if (first == null && IpAddresses.isIpv4(own.hi, own.lo) == ipv4) {
                first = own;
            }
        }
        return first;
    }

    private static boolean samePrefix(long aHi, long aLo, long bHi, long bLo, int bits) {
        if (bits <= 64) {
            return bits == 0 || (aHi ^ bHi) >>> (64 - bits) == 0;
        }
        return aHi == bHi && (aLo ^ bLo) >>> (128 - bits) == 0;
    }

    /** Frees the large mbufs; no thread may hold one any more. */
    @Override
    public void close() {
        largeMbufs.close();
    }
}
