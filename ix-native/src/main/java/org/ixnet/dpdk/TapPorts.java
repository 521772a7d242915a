package org.ixnet.dpdk;

import java.util.Map;
import java.util.Set;
import org.ixnet.dpdk.ffi.PortCalls;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;

/**
 * {@code tap}: a TAP interface of the kernel, made by the driver; the host reaches the stack over it at once. Arguments:
 * {@code host_address=10.18.0.1/24} gives the host's side an address; others go to {@code net_tap}.
 *
 * <p>The driver's MAC address is the one of the host's side, so the stack takes another: TAP filters nothing.
 */
final class TapPorts extends PortKind {
    private static final String HOST_ADDRESS = "host_address";

    TapPorts() {
        super("tap", "net_tap");
    }

    @Override
    void check(DeviceConfig config) {
        trustsChecksums(config);
        if (HostInterface.named(config.name()).exists()) {
            throw new DeviceException(
                    "interface '" + config.name() + "' exists already, and a tap device makes its own;"
                            + " remedy: choose another name (ix.iface), stop the process that has it, or: ip link delete "
                            + config.name());
        }
    }

    @Override
    Attachment attach(DeviceConfig config) {
        HostInterface host = HostInterface.named(config.name());
        EthernetPort port = EthernetPort.attach(
                "vdev",
                nextInstance(),
                driverArguments(Map.of("iface", config.name()), config.arguments(), HOST_ADDRESS),
                "cannot open tap '" + config.name() + "'",
                "run as root with /dev/net/tun present");
        String hostAddress = config.arguments().get(HOST_ADDRESS);
        return new Attachment(
                port,
                macOrDerived(config, "tap " + config.name()),
                Integer.MAX_VALUE,
                Set.of(),
                false,
                true,
                () -> PortCalls.trustChecksums(port.number(), trustsChecksums(config)),
                () -> {
                    host.mtuBytes(config.mtuBytes());
                    if (hostAddress != null) {
                        host.address(hostAddress);
                    } else {
                        host.up();
                    }
                },
                () -> {},
                new ReceiveDescriptors() {
                    @Override
                    public boolean areInterrupts() {
                        return true;
                    }

                    @Override
                    public int of(int queue) {
                        return PortCalls.receiveDescriptor(port.number(), queue);
                    }
                });
    }
}
