package org.ixnet.benchmarks.raw;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceProvider;

/** Opens a memif device without a stack above it, for the lowest rungs of the ladder. Thread rule: any thread. */
final class BareDevice {
    private static final int DESCRIPTORS = 1024;
    private static final int MBUFS = 8192;

    private BareDevice() {}

    /**
     * @param socket file of the memif socket
     * @param role {@code server} or {@code client}
     */
    static Device memif(String socket, String role) {
        DeviceConfig config = new DeviceConfig(
                "memif",
                socket,
                Map.of("role", role),
                -1,
                1500,
                1,
                DESCRIPTORS,
                DESCRIPTORS,
                MBUFS,
                2048 + 128,
                "auto",
                0,
                false,
                List.of());
        for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class)) {
            if (provider.supports("memif")) {
                return provider.open(config);
            }
        }
        throw new DeviceException("no device provider opens memif; remedy: put ix-native on the path");
    }
}
