package org.ixnet.dpdk;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.ixnet.dpdk.ffi.PortCalls;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;

/** {@code pci}: a NIC by its address, for example {@code 0000:03:00.0}, bound to a driver that DPDK can use. */
final class PciPorts extends PortKind {
    PciPorts() {
        super("pci", "");
    }

    @Override
    void check(DeviceConfig config) {
        trustsChecksums(config);
        String address = config.name();
        if (!address.matches("[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]")) {
            throw new DeviceException(
                    "PCI address is '" + address + "'; must be like 0000:03:00.0; remedy: see lspci -D");
        }
        if (!Files.exists(Path.of("/sys/bus/pci/devices", address))) {
            throw new DeviceException("PCI device " + address + " does not exist; remedy: see lspci -D");
        }
    }

    @Override
    Attachment attach(DeviceConfig config) {
        EthernetPort port = EthernetPort.attach(
                "pci",
                config.name(),
                driverArguments(Map.of(), config.arguments()),
                "cannot open PCI device " + config.name(),
                "bind it to vfio-pci first (dpdk-devbind.py -b vfio-pci " + config.name()
                        + "), except mlx5, which keeps its kernel driver; never the NIC that your ssh runs over");
        if (config.macAddress() != -1) {
            port.macAddress(config.macAddress());
        }
        return new Attachment(
                port,
                port.macAddress(),
                port.info().maxMtu(),
                // All frames come from the device's own store and have one owner.
                Set.of(Offload.TX_FAST_FREE),
                false,
                false,
                () -> PortCalls.trustChecksums(port.number(), trustsChecksums(config)),
                () -> {},
                () -> {},
                ReceiveDescriptors.NONE);
    }
}
