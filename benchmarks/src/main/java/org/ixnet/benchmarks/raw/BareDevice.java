package org.ixnet.benchmarks.raw;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceProvider;

/** Opens a device without a stack above it, to measure what the wire itself can do. Thread rule: any thread. */
final class BareDevice {
    private static final int DESCRIPTORS = 1024;
    private static final int MBUFS = 8192;

    private BareDevice() {}

    /**
     * @param where {@code socket}, the file of a memif socket, or {@code iface}, an interface for AF_XDP
     * @param role of a memif end, {@code server} or {@code client}
     */
    static Device open(Command where, String role) {
        String socket = where.text("socket", "");
        return socket.isEmpty()
                ? open("af_xdp", where.text("iface"), Map.of())
                : open("memif", socket, Map.of("role", role));
    }

    private static Device open(String kind, String name, Map<String, String> arguments) {
        DeviceConfig config = new DeviceConfig(
                kind,
                name,
                arguments,
                -1,
                1500,
                1,
                DESCRIPTORS,
                DESCRIPTORS,
                MBUFS,
                DeviceConfig.usualDataRoomBytes(1500),
                "auto",
                0,
                false,
                List.of());
        for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class)) {
            if (provider.supports(kind)) {
                return provider.open(config);
            }
        }
        throw new DeviceException("no device provider opens " + kind + "; remedy: put ix-native on the path");
    }
}
