import org.jspecify.annotations.NullMarked;

/**
 * The IX dataplane in pure Java: a TCP/IP stack, timers and flow steering that run to completion on one thread each. It
 * needs no native code, no privileges and no DPDK; devices come through {@link org.ixnet.stack.device.DeviceProvider}.
 */
@NullMarked
module org.ixnet.stack {
    requires static transitive org.jspecify;

    exports org.ixnet.stack.congestion;
    exports org.ixnet.stack.dataplane;
    exports org.ixnet.stack.device;
    exports org.ixnet.stack.flow;
    exports org.ixnet.stack.ip;
    exports org.ixnet.stack.memory;
    exports org.ixnet.stack.stats;
    exports org.ixnet.stack.tcp;
    exports org.ixnet.stack.timer;
    exports org.ixnet.stack.udp;
    exports org.ixnet.stack.util;
    exports org.ixnet.stack.wire;

    provides org.ixnet.stack.device.DeviceProvider with
            org.ixnet.stack.device.VirtualDeviceProvider;

    uses org.ixnet.stack.device.DeviceProvider;
    uses org.ixnet.stack.memory.MemoryProvider;
}
