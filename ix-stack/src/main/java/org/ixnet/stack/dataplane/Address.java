package org.ixnet.stack.dataplane;

import org.ixnet.stack.util.IpAddresses;

/**
 * An IP address as two longs; see {@link IpAddresses}. Thread rule: immutable.
 *
 * @param hi upper half
 * @param lo lower half
 */
public record Address(long hi, long lo) {

    /** @throws IllegalArgumentException when {@code text} is no IPv4 address */
    public static Address parse(String text) {
        return new Address(IpAddresses.IPV4_HI, IpAddresses.parseIpv4(text));
    }

    @Override
    public String toString() {
        return IpAddresses.toString(hi, lo);
    }
}
