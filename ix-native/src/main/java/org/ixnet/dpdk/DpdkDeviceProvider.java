package org.ixnet.dpdk;

import java.util.Optional;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceProvider;

/** Opens DPDK devices: {@code tap}, {@code af_xdp}, {@code af_packet}, {@code memif}, {@code ring}, {@code pci}. */
public final class DpdkDeviceProvider implements DeviceProvider {
    public DpdkDeviceProvider() {}

    @Override
    public boolean supports(String kind) {
        return PortKind.isKnown(kind);
    }

    @Override
    public Optional<Throwable> unavailabilityCause() {
        return Optional.ofNullable(Dpdk.unavailabilityCause());
    }

    @Override
    public synchronized Device open(DeviceConfig config) {
        return DpdkDevice.open(config);
    }
}
