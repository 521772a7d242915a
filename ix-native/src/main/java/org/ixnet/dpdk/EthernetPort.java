package org.ixnet.dpdk;

import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.dpdk.ffi.Libc;
import org.ixnet.dpdk.ffi.PortCalls;
import org.ixnet.dpdk.ffi.PortInfo;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceStatistics;

/**
 * One DPDK Ethernet port, from hot-plug to removal: {@code attach -> configure -> start -> stop -> close}. Thread rule:
 * control calls from one thread at a time, not while a burst runs; {@link #statistics} and {@link #linkUp} from any.
 */
public final class EthernetPort implements AutoCloseable {
    private final int port;
    private final String bus;
    private final String device;
    private final PortInfo info;
    private int queues;
    private boolean running;
    private boolean closed;

    private EthernetPort(int port, String bus, String device) {
        this.port = port;
        this.bus = bus;
        this.device = device;
        this.info = PortCalls.info(port);
    }

    /**
     * Plugs a device in and returns its port.
     *
     * @param bus {@code vdev} or {@code pci}
     * @param device name on the bus, for example {@code net_tap0} or {@code 0000:03:00.0}
     * @param arguments driver arguments, for example {@code iface=ix0}
     * @param what what is being done, for the error message, for example {@code cannot open tap 'ix0'}
     * @param remedy for the error message
     */
    public static EthernetPort attach(String bus, String device, String arguments, String what, String remedy) {
        EalLog.mark();
        int rc = EalCalls.hotplugAdd(bus, device, arguments);
        if (rc < 0) {
            throw DpdkException.of(what, "rte_eal_hotplug_add(" + device + "," + arguments + ")", -rc, remedy);
        }
        int port = PortCalls.byName(device);
        if (port < 0) {
            EalCalls.hotplugRemove(bus, device);
            throw DpdkException.of(what, "rte_eth_dev_get_port_by_name(" + device + ")", -port, remedy);
        }
        EalLog.drain();
        return new EthernetPort(port, bus, device);
    }

    /** The port {@code port} that a driver made by itself on the vdev bus. */
    static EthernetPort adopt(int port) {
        PortInfo info = PortCalls.info(port);
        return new EthernetPort(port, "vdev", info.device());
    }

    /** DPDK's port number. */
    public int number() {
        return port;
    }

    /** Name on its bus, for example {@code net_tap0}. */
    public String name() {
        return device;
    }

    /** What the port could do. */
    PortInfo info() {
        return info;
    }

    /** The driver's name, for example {@code net_tap}. */
    public String driver() {
        return info.driver();
    }

    /** What the driver can take over. */
    public Set<Offload> offloads() {
        return Offload.ofBits(info.offloads());
    }

    /** Entries of the RSS redirection table; 0 without RSS. */
    public int retaEntries() {
        return info.retaEntries();
    }

    /** Bytes of the RSS key; 0 without RSS. */
    public int rssKeyBytes() {
        return info.hashKeyBytes();
    }

    /** Queue pairs that the driver can have. */
    public int maxQueues() {
        return Math.min(info.maxRxQueues(), info.maxTxQueues());
    }

    /**
     * Sets up {@code queues} queue pairs that receive into {@code store}.
     *
     * @param offloads those that the port lacks are masked
     * @return the offloads in force
     * @throws DeviceException when there are more queues than the driver has, or it refuses
     */
    public Set<Offload> configure(
            int queues,
            int mtuBytes,
            Set<Offload> offloads,
            int rxDescriptors,
            int txDescriptors,
            DpdkMbufStore store) {
        return configure(queues, mtuBytes, offloads, rxDescriptors, txDescriptors, store, ReceiveDescriptors.NONE);
    }

    Set<Offload> configure(
            int queues,
            int mtuBytes,
            Set<Offload> offloads,
            int rxDescriptors,
            int txDescriptors,
            DpdkMbufStore store,
            ReceiveDescriptors receive) {
        if (queues < 1 || queues > maxQueues()) {
            throw new DeviceException("queues is " + queues + "; " + describe() + " has 1.." + maxQueues()
                    + "; remedy: set fewer queues (the threads beyond them are fed by software)");
        }
        if (mtuBytes < info.minMtu() || mtuBytes > info.largestMtu()) {
            throw new DeviceException("mtu is " + mtuBytes + "; must be " + info.minMtu() + ".." + info.largestMtu()
                    + ", as " + describe() + " allows; remedy: set ix.mtu within that range");
        }
        int masked = Offload.bits(offloads) & info.offloads();
        boolean rss = queues > 1 && info.retaEntries() > 0;
        EalLog.mark();
        check(
                PortCalls.configure(port, queues, mtuBytes, masked, rss, receive.areInterrupts()),
                "rte_eth_dev_configure",
                "use fewer queues or an MTU that the device supports");
        int[] descriptors = PortCalls.adjustDescriptors(port, rxDescriptors, txDescriptors);
        for (int queue = 0; queue < queues; queue++) {
            check(
                    PortCalls.setupQueue(port, queue, descriptors[0], descriptors[1], store.pool()),
                    "rte_eth_rx_queue_setup/rte_eth_tx_queue_setup(" + queue + ")",
                    "use fewer queues or descriptors; with af_xdp, see whether another process has the interface (one may)");
            receive.queueSetUp(queue);
        }
        this.queues = queues;
        return Offload.ofBits(masked);
    }

    public void start() {
        start(() -> "see DPDK's message");
    }

    /** @param remedy for the error message, asked only when there is one */
    void start(Supplier<String> remedy) {
        EalLog.mark();
        PortCalls.resetTxRefused(port);
        int rc = PortCalls.start(port);
        if (rc < 0) {
            check(rc, "rte_eth_dev_start", remedy.get());
        }
        running = true;
        EalLog.drain();
    }

    public void stop() {
        if (running) {
            running = false;
            PortCalls.stop(port);
            EalLog.drain();
        }
    }

    /** Stops the port and unplugs its device; the driver gives up all that it holds. */
    @Override
    public void close() {
        if (!closed) {
            stop();
            closed = true;
            PortCalls.trustChecksums(port, false);
            int rc = PortCalls.close(port);
            if (rc == 0) {
                rc = EalCalls.hotplugRemove(bus, device);
            }
            EalLog.drain();
            if (rc < 0) {
                System.getLogger(EthernetPort.class.getName())
                        .log(System.Logger.Level.WARNING, "closing {0} failed: {1}", device, Libc.errorText(-rc));
            }
        }
    }

    public int queueCount() {
        return queues;
    }

    public boolean linkUp() {
        int[] link = new int[3];
        return !closed && PortCalls.link(port, link) == 0 && link[0] == 1;
    }

    /** Link speed in Mb/s; -1 when unknown. */
    public int linkSpeedMegabits() {
        int[] link = new int[3];
        return PortCalls.link(port, link) == 0 ? link[1] : -1;
    }

    public DeviceStatistics statistics() {
        long[] c = new long[8];
        if (!closed) {
            PortCalls.statistics(port, c);
            c[7] += PortCalls.txRefused(port, queues);
        }
        return new DeviceStatistics(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
    }

    /** The driver's own counters by name. */
    public Map<String, Long> extendedStatistics() {
        return PortCalls.extendedStatistics(port);
    }

    /** Whether the port receives frames for other MAC addresses. Returns false when the driver cannot. */
    public boolean promiscuous(boolean on) {
        return PortCalls.promiscuous(port, on) == 0;
    }

    public boolean promiscuous() {
        return PortCalls.promiscuous(port);
    }

    /** The MAC address, 48 bits, first byte highest. */
    public long macAddress() {
        byte[] mac = new byte[6];
        check(PortCalls.mac(port, mac), "rte_eth_macaddr_get", "see DPDK's message");
        return MacAddress.fromBytes(mac);
    }

    public void macAddress(long mac) {
        check(
                PortCalls.setMac(port, MacAddress.toBytes(mac)),
                "rte_eth_dev_default_mac_addr_set(" + MacAddress.toString(mac) + ")",
                "use the device's own MAC address");
    }

    public int mtuBytes() {
        int mtu = PortCalls.mtu(port);
        check(mtu, "rte_eth_dev_get_mtu", "see DPDK's message");
        return mtu;
    }

    public void mtuBytes(int mtuBytes) {
        check(PortCalls.setMtu(port, mtuBytes), "rte_eth_dev_set_mtu(" + mtuBytes + ")", "use another MTU");
    }

    /** Programs the RSS key and redirection table; {@link #readRss} says what the device made of it. */
    public void programRss(byte[] key, short[] reta) {
        EalLog.mark();
        check(
                PortCalls.programRss(port, key, info.rssFunctions(), reta),
                "rte_eth_dev_rss_hash_update/rte_eth_dev_rss_reta_update",
                "use software distribution (ix.rss=off)");
    }

    /** Reads the key and table in force into the arrays. */
    public void readRss(byte[] key, short[] reta) {
        check(
                PortCalls.queryRss(port, key, reta),
                "rte_eth_dev_rss_hash_conf_get/rte_eth_dev_rss_reta_query",
                "use software distribution (ix.rss=off)");
    }

    private String describe() {
        return info.driver() + " (" + device + ")";
    }

    private void check(int rc, String function, String remedy) {
        if (rc < 0) {
            throw DpdkException.of("cannot set up " + describe(), function, -rc, remedy);
        }
    }
}
