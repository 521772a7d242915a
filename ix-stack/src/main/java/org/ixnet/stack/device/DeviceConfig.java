package org.ixnet.stack.device;

import java.util.List;
import java.util.Map;
import org.ixnet.stack.memory.Mbuf;

/**
 * What a {@link DeviceProvider} needs to open a device. Built from {@code dataplane.IxConfig}, which has validated it.
 *
 * @param kind {@code tap}, {@code af_xdp}, {@code af_packet}, {@code memif}, {@code ring}, {@code pci} or {@code virtual}
 * @param name instance name: TAP interface for {@code tap}, kernel interface for {@code af_xdp} and {@code af_packet},
 *     socket file or {@code @abstract} name for {@code memif}, PCI address for {@code pci}, link name otherwise
 * @param arguments further driver arguments, for example {@code role=server} for memif; passed on as they are
 * @param macAddress 48-bit MAC address to use; -1: the device's own, or one derived from the name
 * @param mtuBytes largest IP packet; 68 to {@link #largestMtuBytes}
 * @param queues queue pairs to set up, 1..64
 * @param rxDescriptors descriptors of each receive queue, a power of two, 64..4096
 * @param txDescriptors descriptors of each transmit queue, a power of two, 64..4096
 * @param mbufs mbufs in the store, for all queues
 * @param mbufDataRoomBytes bytes for a frame and headroom in each mbuf; must hold the MTU in one segment
 * @param hugepages {@code auto}, {@code require} or {@code off}
 * @param memoryMegabytes memory of the environment (EAL {@code -m}); 0: what the store needs
 * @param checksumOffload use the device's checksum engines where it has them
 * @param ealArguments further EAL arguments; take effect with the first device of the process
 */
public record DeviceConfig(
        String kind,
        String name,
        Map<String, String> arguments,
        long macAddress,
        int mtuBytes,
        int queues,
        int rxDescriptors,
        int txDescriptors,
        int mbufs,
        int mbufDataRoomBytes,
        String hugepages,
        int memoryMegabytes,
        boolean checksumOffload,
        List<String> ealArguments) {
    /** Ethernet header and a VLAN tag. */
    private static final int ETHERNET_BYTES = 14 + 4;

    public DeviceConfig {
        arguments = Map.copyOf(arguments);
        ealArguments = List.copyOf(ealArguments);
    }

    /** The least {@code mbufDataRoomBytes}: one mbuf holds the headroom and a frame of {@code mtuBytes} with a VLAN tag. */
    public static int leastDataRoomBytes(int mtuBytes) {
        return Mbuf.HEADROOM_BYTES + ETHERNET_BYTES + mtuBytes;
    }

    /**
     * The largest MTU that a device of {@code kind} may be asked for. Of {@code tap}, {@code af_packet} and {@code af_xdp} that is
     * what DPDK's driver takes (frames of 1522 and 1518 bytes with the CRC; one that a page holds with what stands before it); of
     * a NIC that of jumbo frames, and its driver may refuse it; where the wire is memory what a length of 16 bits leaves, of a
     * packet and of a buffer with its headroom.
     */
    public static int largestMtuBytes(String kind) {
        return switch (kind) {
            case "tap" -> 1504;
            case "af_packet" -> 1500;
            case "af_xdp" -> 3542;
            case "memif", "ring", "virtual" -> 65_000;
            default -> 9000;
        };
    }

    /** What to take where nobody asks for anything else: whole cache lines, and the 2048 of most drivers with the headroom. */
    public static int usualDataRoomBytes(int mtuBytes) {
        return Math.max(2048 + Mbuf.HEADROOM_BYTES, (leastDataRoomBytes(mtuBytes) + 63) & ~63);
    }
}
