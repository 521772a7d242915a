package org.ixnet.stack.ip;

import java.util.List;

/**
 * What all elastic threads of a dataplane share: own addresses, routes, the link's properties and the neighbours. Thread
 * rule: immutable but for the neighbour table, which any thread may use.
 */
public final class IpHost {
    /** An own address with the length of its subnet's prefix in bits (of 128 for the mapped form: 96 + the IPv4 length). */
    public record OwnAddress(long hi, long lo, int prefixLength) {}

    /** Packets for hi/lo/prefixLength go to the gateway, an address on the link. */
    public record Destination(long hi, long lo, int prefixLength, long gatewayHi, long gatewayLo) {}

    /**
     * @param macAddress of the device
     * @param mtuBytes largest IP packet on the link
     * @param destinations routes beyond the link; the default gateway is one with prefix 0.0.0.0/0 (length 96)
     */
    public IpHost(long macAddress, int mtuBytes, List<OwnAddress> addresses, List<Destination> destinations) {
        throw new UnsupportedOperationException("not built yet");
    }
}
