import org.ixnet.dpdk.DpdkDeviceProvider;
import org.ixnet.dpdk.GlobalMemoryProvider;
import org.ixnet.stack.device.DeviceProvider;
import org.ixnet.stack.memory.MemoryProvider;
import org.jspecify.annotations.NullMarked;

/** DPDK through Panama FFM: bindings, and devices for the IX dataplane. The only module that needs native access. */
@NullMarked
module org.ixnet.dpdk {
    requires static transitive org.jspecify;
    requires transitive org.ixnet.stack;

    exports org.ixnet.dpdk;

    provides DeviceProvider with
            DpdkDeviceProvider;
    provides MemoryProvider with
            GlobalMemoryProvider;
}
