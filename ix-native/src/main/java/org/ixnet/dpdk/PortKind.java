package org.ixnet.dpdk;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceUnavailableException;

/** How devices of one kind come to be DPDK ports. Thread rule: as for {@link DpdkDeviceProvider}. */
abstract sealed class PortKind permits TapPorts, KernelInterfacePorts, MemifPorts, RingPorts, PciPorts {
    private static final List<PortKind> KINDS = List.of(
            new TapPorts(),
            new KernelInterfacePorts("af_xdp"),
            new KernelInterfacePorts("af_packet"),
            new MemifPorts(),
            new RingPorts(),
            new PciPorts());

    private static final AtomicInteger NEXT_INSTANCE = new AtomicInteger();

    /** Argument that every kind understands: {@code verify} (default), or {@code trust} received checksums. */
    private static final String CHECKSUM = "checksum";

    private final String name;
    private final String driver;

    PortKind(String name, String driver) {
        this.name = name;
        this.driver = driver;
    }

    /**
     * A port that is plugged in, and what to do with it on the way.
     *
     * @param macAddress the address that the stack uses
     * @param maxMtuBytes largest MTU that what lies behind the port allows
     * @param offloads to ask for besides checksums
     * @param memoryWire see {@link org.ixnet.stack.device.Capabilities#memoryWire()}
     * @param entersKernel whether bursts make system calls
     * @param configured runs between configuration and start
     * @param started runs once the port runs
     * @param closed runs once the port is gone
     * @param descriptors what a thread can sleep on until a frame comes
     */
    record Attachment(
            EthernetPort port,
            long macAddress,
            int maxMtuBytes,
            Set<Offload> offloads,
            boolean memoryWire,
            boolean entersKernel,
            Runnable configured,
            Runnable started,
            Runnable closed,
            ReceiveDescriptors descriptors) {}

    static boolean isKnown(String name) {
        return KINDS.stream().anyMatch(kind -> kind.name.equals(name));
    }

    static PortKind of(String name) {
        return KINDS.stream()
                .filter(kind -> kind.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new DeviceException("unknown device kind '" + name + "'; must be one of " + names()
                        + "; remedy: set ix.device to one of them"));
    }

    static String names() {
        return KINDS.stream().map(kind -> kind.name).collect(Collectors.joining(", "));
    }

    /** Checks what can be known before EAL starts. */
    abstract void check(DeviceConfig config);

    /** Plugs the device in. */
    abstract Attachment attach(DeviceConfig config);

    /** What to tell the driver of frames that carry packets of {@code mtuBytes}. */
    int configuredMtuBytes(int mtuBytes) {
        return mtuBytes;
    }

    /** The mbufs for a device of this kind; EAL runs. */
    DpdkMbufStore createStore(DeviceConfig config) {
        return DpdkMbufStore.create(config.mbufs(), config.mbufDataRoomBytes());
    }

    /** Memory that {@link #createStore} takes. */
    long storeBytes(DeviceConfig config) {
        return DpdkMbufStore.bytesNeeded(config.mbufs(), config.mbufDataRoomBytes());
    }

    /** What helps when the configured port does not start; asked right after that. */
    String startRemedy(DeviceConfig config) {
        return "see DPDK's message";
    }

    /** How often to try when DPDK refuses: some kernels free what a closed device held a moment later. */
    int attempts() {
        return 1;
    }

    /** @throws DeviceException when DPDK runs without this kind's driver */
    final void requireDriver() {
        if (!driver.isEmpty() && !EalCalls.libraryLoaded("librte_" + driver)) {
            throw new DeviceUnavailableException("DPDK has no driver " + driver + " for " + name
                    + " devices in its driver directory;" + " remedy: apt-get install dpdk librte-"
                    + driver.replace('_', '-') + "* (or install DPDK's drivers)");
        }
    }

    /** A device name that this process has not used, for example {@code net_tap0}. */
    final String nextInstance() {
        return driver + NEXT_INSTANCE.getAndIncrement();
    }

    /** {@code given} as driver arguments after {@code own}, which win; without those that {@code consumed} names. */
    static String driverArguments(Map<String, String> own, Map<String, String> given, String... consumed) {
        Map<String, String> all = new HashMap<>(given);
        List.of(consumed).forEach(all::remove);
        all.remove(CHECKSUM);
        all.putAll(own);
        return all.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }

    static boolean trustsChecksums(DeviceConfig config) {
        String value = config.arguments().getOrDefault(CHECKSUM, "verify");
        return switch (value) {
            case "verify" -> false;
            case "trust" -> true;
            default -> throw new DeviceException("argument checksum is '" + value + "'; must be verify or trust");
        };
    }

    /** The configured MAC address, or one that the name always gets. */
    static long macOrDerived(DeviceConfig config, String uniqueName) {
        return config.macAddress() != -1 ? config.macAddress() : MacAddress.derivedFrom(uniqueName);
    }
}
