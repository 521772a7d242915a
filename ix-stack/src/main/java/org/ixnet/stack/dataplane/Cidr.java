package org.ixnet.stack.dataplane;

import org.ixnet.stack.util.IpAddresses;

/**
 * An address with the length of its network's prefix. Thread rule: immutable.
 *
 * @param hi upper half of the address
 * @param lo lower half of the address
 * @param prefixBits length of the prefix as written: 0..32 for IPv4
 */
public record Cidr(long hi, long lo, int prefixBits) {

    /**
     * Parses {@code a.b.c.d/n}.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("\"" + text
                    + "\" has no prefix length; must be an address and its prefix, for example 10.18.0.2/24");
        }
        String prefix = text.substring(slash + 1);
        if (!prefix.matches("[0-9]{1,2}") || Integer.parseInt(prefix) > 32) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has the prefix length \"" + prefix + "\"; must be 0..32");
        }
        return new Cidr(IpAddresses.IPV4_HI, IpAddresses.parseIpv4(text.substring(0, slash)), Integer.parseInt(prefix));
    }

    /** The address without the prefix. */
    public Address address() {
        return new Address(hi, lo);
    }

    @Override
    public String toString() {
        return IpAddresses.toString(hi, lo) + "/" + prefixBits;
    }
}
