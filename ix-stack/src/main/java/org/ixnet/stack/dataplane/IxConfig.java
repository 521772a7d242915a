package org.ixnet.stack.dataplane;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.ixnet.stack.device.DeviceConfig;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a {@link Dataplane}: immutable and valid once built. Each component is also a system property and a
 * key of a properties file; {@link IxConfigKey} has their names. Thread rule: immutable.
 *
 * @param device kind of the device: {@code tap}, {@code af_xdp}, {@code af_packet}, {@code memif}, {@code ring}, {@code pci}
 * @param interfaceName instance name of the device, see {@link DeviceConfig#name()}
 * @param deviceArguments further driver arguments
 * @param addresses own addresses with their networks
 * @param hostAddress what the host's side of a TAP is given; null: leave it alone
 * @param gateway next hop for everything that no route covers; null: none
 * @param routes further routes
 * @param mtuBytes largest IP packet, 68 to {@link DeviceConfig#largestMtuBytes}: 1504 of a TAP, 65000 where the wire is memory
 * @param macAddress 48 bits; -1: the device's own
 * @param loops elastic threads of a group that names no number, 1..64
 * @param maxThreads elastic threads that all groups on this dataplane may have at once, 1..64
 * @param queues queue pairs of the device, 1..64; 0: chosen from the device and {@code loops}
 * @param distribution who brings a packet to its thread
 * @param rxBatch the bound B on packets a cycle, 1..256
 * @param rxDescriptors descriptors of each receive queue, a power of two, 64..4096
 * @param txDescriptors descriptors of each transmit queue, a power of two, 64..4096
 * @param mbufs packet buffers, for all threads and queues
 * @param dataRoomBytes bytes for a frame and headroom in each
 * @param hugepages {@code auto}, {@code require} or {@code off}
 * @param memoryMegabytes memory of the DPDK environment; 0: what the buffers need
 * @param checksumOffload use the device's checksum engines
 * @param ealArguments further arguments for the DPDK environment
 * @param idle what a thread without work does
 * @param tcp defaults and limits of TCP
 * @param seed of all randomness, for tests; 0: from the operating system
 */
public record IxConfig(
        String device,
        String interfaceName,
        Map<String, String> deviceArguments,
        List<Cidr> addresses,
        @Nullable Cidr hostAddress,
        @Nullable Address gateway,
        List<StaticRoute> routes,
        int mtuBytes,
        long macAddress,
        int loops,
        int maxThreads,
        int queues,
        Distribution distribution,
        int rxBatch,
        int rxDescriptors,
        int txDescriptors,
        int mbufs,
        int dataRoomBytes,
        String hugepages,
        int memoryMegabytes,
        boolean checksumOffload,
        List<String> ealArguments,
        IdlePolicy idle,
        TcpSettings tcp,
        long seed) {

    public IxConfig {
        deviceArguments = Map.copyOf(deviceArguments);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        ealArguments = List.copyOf(ealArguments);
    }

    /** The embedded default: a TAP {@code ix0}, own address 10.18.0.2/24, host side 10.18.0.1/24, a loop for each core. */
    public static IxConfig defaults() {
        return builder().build();
    }

    /** The default, changed by the file that {@code ix.config} names, then by the system properties {@code ix.*}. */
    public static IxConfig fromSystemProperties() {
        return builder().systemProperties(System.getProperties()).build();
    }

    /** The default, changed by a properties file with the keys {@code ix.*}. */
    public static IxConfig fromFile(Path file) {
        return builder().file(file).build();
    }

    /** The default, changed by {@code properties}; keys that do not begin with {@code ix.} are left alone. */
    public static IxConfig fromProperties(Properties properties) {
        return builder().systemProperties(properties).build();
    }

    /** A builder that starts with the default. */
    public static IxConfigBuilder builder() {
        return new IxConfigBuilder();
    }

    /** A builder that starts with this configuration. */
    public IxConfigBuilder toBuilder() {
        return new IxConfigBuilder(this);
    }

    /**
     * The part that the device sees.
     *
     * @param queuePairs queue pairs to ask for
     */
    DeviceConfig deviceConfig(int queuePairs) {
        Map<String, String> arguments = new TreeMap<>(deviceArguments);
        if (hostAddress != null && device.equals("tap")) {
            arguments.putIfAbsent("host_address", hostAddress.toString());
        }
        return new DeviceConfig(
                device,
                interfaceName,
                arguments,
                macAddress,
                mtuBytes,
                queuePairs,
                rxDescriptors,
                txDescriptors,
                mbufs,
                dataRoomBytes,
                hugepages,
                memoryMegabytes,
                checksumOffload,
                ealArguments);
    }
}
