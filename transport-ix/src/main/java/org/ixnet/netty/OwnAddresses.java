package org.ixnet.netty;

import java.net.BindException;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.util.IpAddresses;

/** What may be bound to. Thread rule: stateless. */
final class OwnAddresses {
    private OwnAddresses() {}

    /** @throws BindException unless the address is "any", a loopback address, or one of the dataplane's */
    static void check(ElasticThread thread, long hi, long lo) throws BindException {
        if (!IpAddresses.isUnspecified(hi, lo)
                && !IpAddresses.isLoopback(hi, lo)
                && !IpAddresses.isMulticast(hi, lo)
                && !thread.ip().isOwn(hi, lo)) {
            throw new BindException("Cannot assign requested address: " + IpAddresses.toString(hi, lo));
        }
    }
}
