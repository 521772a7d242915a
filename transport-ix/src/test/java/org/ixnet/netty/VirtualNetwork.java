package org.ixnet.netty;

import java.util.Map;
import org.ixnet.stack.dataplane.IdlePolicy;
import org.ixnet.stack.dataplane.IxConfig;

/** Configurations over wires in memory, for tests that need no privileges. */
public final class VirtualNetwork {
    private VirtualNetwork() {}

    /** One end of the wire {@code name}; the first two dataplanes that ask for it are connected. */
    public static IxConfig config(String name, String cidr, int loops) {
        return IxConfig.builder()
                .device("virtual")
                .interfaceName(name)
                .deviceArguments(Map.of())
                .address(cidr)
                .hostAddress(null)
                .loops(loops)
                .maxThreads(Math.max(4, 2 * loops))
                .queues(loops)
                .mbufs(8192)
                .idleKind(IdlePolicy.Kind.ADAPTIVE)
                .idleSpinMicros(20)
                .build();
    }
}
