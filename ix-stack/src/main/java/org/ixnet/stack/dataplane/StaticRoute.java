package org.ixnet.stack.dataplane;

/**
 * A configured route, written {@code 192.168.0.0/16@10.18.0.1}. Thread rule: immutable.
 *
 * @param network where it leads
 * @param nextHop the gateway
 */
public record StaticRoute(Cidr network, Address nextHop) {

    /** @throws IllegalArgumentException saying what is wrong with it */
    public static StaticRoute parse(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("\"" + text
                    + "\" has no gateway; must be NETWORK/PREFIX@GATEWAY, for example 192.168.0.0/16@10.18.0.1");
        }
        return new StaticRoute(Cidr.parse(text.substring(0, at)), Address.parse(text.substring(at + 1)));
    }

    @Override
    public String toString() {
        return network + "@" + nextHop;
    }
}
