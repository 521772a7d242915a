package org.ixnet.stack.dataplane;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceProvider;
import org.ixnet.stack.device.DeviceUnavailableException;
import org.ixnet.stack.memory.MemoryAccess;

/** Opens the device of a configuration through the providers that are installed. Thread rule: stateless. */
final class DeviceOpening {
    private static final List<String> KINDS = List.of("tap", "af_xdp", "af_packet", "memif", "ring", "pci", "virtual");

    private DeviceOpening() {}

    /** @throws DeviceException with what failed, why and the remedy */
    static Device open(IxConfig config) {
        List<DeviceProvider> providers = ServiceLoader.load(DeviceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        DeviceProvider provider = providers.stream()
                .filter(candidate -> candidate.supports(config.device()))
                .findFirst()
                .orElseThrow(() -> noProvider(config, providers));
        Throwable cause = provider.unavailabilityCause().orElseGet(MemoryAccess::unavailabilityCause);
        if (cause != null) {
            throw new DeviceUnavailableException(
                    "device " + config.device() + " cannot be opened: " + cause.getMessage(), cause);
        }
        return provider.open(config.deviceConfig(queues(config)));
    }

    private static DeviceException noProvider(IxConfig config, List<DeviceProvider> providers) {
        Stream<String> known =
                KINDS.stream().filter(kind -> providers.stream().anyMatch(provider -> provider.supports(kind)));
        String kinds = String.join(", ", known.toList());
        return new DeviceUnavailableException("no provider for device " + config.device() + "; "
                + (kinds.isEmpty()
                        ? "none is installed: put ix-native on the module path or class path"
                        : "must be one of " + kinds + " (IxConfig.device / -Dix.device)"));
    }

    /** Queue pairs to ask for: as many as there are loops where hardware may distribute, else one. */
    private static int queues(IxConfig config) {
        if (config.queues() != 0) {
            return config.queues();
        }
        boolean spread = config.distribution() == Distribution.HARDWARE
                || (config.distribution() == Distribution.AUTO
                        && config.device().equals("pci"));
        return spread ? config.loops() : 1;
    }

    /**
     * Whether the device's RSS is to be used.
     *
     * @throws DeviceException when it must be and cannot
     */
    static boolean useHardware(IxConfig config, Device device) {
        String reason = whyNotHardware(config, device);
        if (reason.isEmpty()) {
            return true;
        }
        if (config.distribution() == Distribution.HARDWARE) {
            throw new DeviceException("distribution is hardware, but " + reason
                    + "; lower loops (-Dix.loops), or use auto or software (-Dix.distribution)");
        }
        return false;
    }

    /** Why packets are distributed in software; empty: they need not be. */
    static String whyNotHardware(IxConfig config, Device device) {
        int entries = device.capabilities().retaEntries();
        if (config.distribution() == Distribution.SOFTWARE) {
            return "distribution is software";
        }
        if (entries == 0) {
            return "device " + device.name() + " (" + device.capabilities().driver() + ") has no RSS";
        }
        if (Integer.bitCount(entries) != 1 || entries > 4096) {
            return "device " + device.name() + " has an RSS table of " + entries + " entries, which is no power of two";
        }
        if (config.distribution() == Distribution.HARDWARE && config.loops() > device.queueCount()) {
            return "loops is " + config.loops() + " and device " + device.name() + " has " + device.queueCount()
                    + " queues";
        }
        return device.queueCount() == 1 ? "device " + device.name() + " has one queue" : "";
    }
}
