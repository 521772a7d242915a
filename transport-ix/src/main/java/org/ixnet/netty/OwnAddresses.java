package org.ixnet.netty;

import java.net.BindException;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.util.IpAddresses;

/** What may be bound to. Thread rule: stateless. */
final class OwnAddresses {
    private OwnAddresses() {}

    /** @throws BindException unless the address is "any", a loopback address, or one of the dataplane's */
    static void check(ElasticThread thread, long hi, long lo) throws BindException {
        if (isIpv6(hi, lo)) {
            throw new BindException("Cannot assign requested address: " + IpAddresses.toString(hi, lo)
                    + "; the stack has no IPv6 yet, use an IPv4 address");
        }
        if (!IpAddresses.isUnspecified(hi, lo)
                && !IpAddresses.isLoopback(hi, lo)
                && !IpAddresses.isMulticast(hi, lo)
                && !thread.ip().isOwn(hi, lo)) {
            throw new BindException("Cannot assign requested address: " + IpAddresses.toString(hi, lo));
        }
    }

    /** Whether it is an address of IPv6, "any" excepted. */
    static boolean isIpv6(long hi, long lo) {
        return !IpAddresses.isIpv4(hi, lo) && !IpAddresses.isUnspecified(hi, lo);
    }
}
