package org.ixnet.dpdk;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.dpdk.ffi.PortCalls;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.memory.Mbuf;
import org.jspecify.annotations.Nullable;

/**
 * {@code af_xdp} and {@code af_packet}: an interface that the kernel has, for example one end of a veth pair or a cloud NIC.
 * The argument {@code checksum=trust} marks received checksums as good: for a veth whose other end leaves them to its
 * "hardware" (otherwise: {@code ethtool -K <other end> tx off}).
 */
final class KernelInterfacePorts extends PortKind {
    private static final int XDP_PAGE_BYTES = 4096;

    private static final int PACKET_FRAME_OVERHEAD_BYTES = 128;
    private static final int PACKET_FRAME_MIN_BYTES = 2048;

    private static final int XDP_ATTEMPTS = 10;

    private final boolean xdp;
    private final String kind;

    KernelInterfacePorts(String kind) {
        super(kind, "net_" + kind);
        this.kind = kind;
        this.xdp = kind.equals("af_xdp");
    }

    @Override
    void check(DeviceConfig config) {
        trustsChecksums(config);
        HostInterface host = HostInterface.named(config.name());
        if (!host.exists()) {
            throw new DeviceException("interface '" + config.name() + "' does not exist (" + kind
                    + "); remedy: name one that does (ip link), in this network namespace");
        }
        int channels = host.channels();
        int first = xdp ? Integer.parseInt(config.arguments().getOrDefault("start_queue", "0")) : 0;
        if (xdp && first + config.queues() > channels) {
            throw new DeviceException(
                    "queues is " + config.queues() + "; interface '" + config.name() + "' has " + channels
                            + (first > 0 ? " and start_queue is " + first : "")
                            + "; remedy: set fewer queues, or: ethtool -L " + config.name() + " rx N tx N");
        }
    }

    /** The kernel gives a closed AF_XDP socket's queue back from a work queue; until then a bind is refused as busy. */
    @Override
    int attempts() {
        return xdp ? XDP_ATTEMPTS : 1;
    }

    @Override
    Attachment attach(DeviceConfig config) {
        HostInterface host = HostInterface.named(config.name());
        if (xdp) {
            checkXdpBuffers(config);
            EalCalls.detachXdp(host.index());
        }
        if (!host.isUp()) {
            host.up();
        }
        XdpDescriptors sockets = xdp ? new XdpDescriptors(XdpSockets.open()) : null;
        long kernelMac = host.macAddress();
        EthernetPort port = EthernetPort.attach(
                "vdev",
                nextInstance(),
                driverArguments(own(config), config.arguments()),
                "cannot open " + kind + " on interface '" + config.name() + "'",
                xdp
                        ? "run as root; the kernel needs XDP (native or generic) for this interface and nobody else may have"
                                + " its queues"
                        : "run as root on an interface of this network namespace");
        long mac = config.macAddress() == -1 ? kernelMac : config.macAddress();
        boolean foreignMac = mac != kernelMac;
        return new Attachment(
                port,
                mac,
                host.mtuBytes(),
                Set.of(),
                false,
                true,
                () -> {
                    PortCalls.trustChecksums(port.number(), trustsChecksums(config));
                    if (sockets != null) {
                        sockets.complete();
                    }
                },
                () -> {
                    if (foreignMac) {
                        port.promiscuous(true);
                    }
                },
                () -> {
                    if (sockets != null) {
                        sockets.close();
                        if (host.exists()) {
                            EalCalls.detachXdp(host.index());
                        }
                    }
                },
                sockets != null ? sockets : ReceiveDescriptors.NONE);
    }

    /** The sockets that the driver makes for the queues of one port. */
    private static final class XdpDescriptors implements ReceiveDescriptors {
        /** Those that do not belong to this port. */
        private final XdpSockets others;

        private final Map<Integer, Integer> ofQueues = new HashMap<>();
        private XdpSockets before;
        private @Nullable XdpSockets all;

        XdpDescriptors(XdpSockets others) {
            this.others = others;
            this.before = others;
        }

        @Override
        public void queueSetUp(int queue) {
            XdpSockets now = XdpSockets.open();
            ofQueues.put(queue, now.without(before).single());
            before = now;
        }

        @Override
        public int of(int queue) {
            return ofQueues.getOrDefault(queue, -1);
        }

        /** Every queue is set up. */
        void complete() {
            all = before.without(others);
        }

        void close() {
            (all == null ? XdpSockets.open().without(others) : all).close();
        }
    }

    private Map<String, String> own(DeviceConfig config) {
        Map<String, String> own = new HashMap<>();
        own.put("iface", config.name());
        if (xdp) {
            own.put("queue_count", Integer.toString(config.queues()));
            return own;
        }
        own.put("qpairs", Integer.toString(config.queues()));
        int frame = Math.max(
                PACKET_FRAME_MIN_BYTES,
                Integer.highestOneBit(config.mtuBytes() + PACKET_FRAME_OVERHEAD_BYTES - 1) << 1);
        given(own, config, "framesz", frame);
        given(own, config, "blocksz", Math.max(4096, frame));
        given(own, config, "framecnt", Math.max(512, config.rxDescriptors()));
        return own;
    }

    private static void given(Map<String, String> own, DeviceConfig config, String key, int value) {
        own.put(key, config.arguments().getOrDefault(key, Integer.toString(value)));
    }

    @Override
    DpdkMbufStore createStore(DeviceConfig config) {
        return xdp ? DpdkMbufStore.createPaged(config.mbufs()) : super.createStore(config);
    }

    @Override
    long storeBytes(DeviceConfig config) {
        return xdp ? config.mbufs() * (XDP_PAGE_BYTES + 16L) : super.storeBytes(config);
    }

    private static void checkXdpBuffers(DeviceConfig config) {
        int room = EalCalls.pagedRoomBytes(Mbuf.PRIVATE_BYTES);
        if (config.mbufDataRoomBytes() > room) {
            throw new DeviceException("mbufDataRoomBytes is " + config.mbufDataRoomBytes() + "; must be at most " + room
                    + ": an AF_XDP buffer fills one page; remedy: leave ix.dataRoom out");
        }
    }
}
