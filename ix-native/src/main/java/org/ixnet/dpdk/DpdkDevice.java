package org.ixnet.dpdk;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.ixnet.dpdk.ffi.BurstCalls;
import org.ixnet.dpdk.ffi.PortInfo;
import org.ixnet.stack.device.Capabilities;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.DeviceStatistics;
import org.ixnet.stack.device.DeviceUnavailableException;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.Sleeper;
import org.jspecify.annotations.Nullable;

/**
 * A started DPDK port as the dataplane sees it. Thread rule: control calls from one thread at a time; each queue's bursts
 * from exactly one platform thread at a time.
 */
public final class DpdkDevice implements Device {
    private static final int ETHERNET_HEADER_BYTES = 14;
    private static final int VLAN_TAG_BYTES = 4;
    private static final int DESCRIPTORS_MIN = 64;
    private static final int DESCRIPTORS_MAX = 4096;

    private static final int RETRY_MILLIS = 100;

    private final EthernetPort port;
    private final DpdkMbufStore store;
    private final PortKind.Attachment attachment;
    private final Capabilities capabilities;
    private final int mtuBytes;
    private final Queue[] queues;
    /** What a thread can sleep on, one for each queue; null where a queue has none. */
    private final int @Nullable [] descriptors;

    private boolean closed;

    private DpdkDevice(PortKind.Attachment attachment, DpdkMbufStore store, int mtuBytes, Set<Offload> offloads) {
        this.port = attachment.port();
        this.store = store;
        this.attachment = attachment;
        this.mtuBytes = mtuBytes;
        this.queues = new Queue[port.queueCount()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new Queue(port.number(), i, attachment.entersKernel());
        }
        int[] all = IntStream.range(0, queues.length)
                .map(attachment.descriptors()::of)
                .toArray();
        this.descriptors = Arrays.stream(all).allMatch(descriptor -> descriptor >= 0) ? all : null;
        PortInfo info = port.info();
        boolean rss = queues.length > 1 && info.retaEntries() > 0;
        this.capabilities = new Capabilities(
                info.driver(),
                port.maxQueues(),
                rss ? info.hashKeyBytes() : 0,
                rss ? info.retaEntries() : 0,
                offloads.containsAll(Set.of(Offload.RX_IP_CHECKSUM, Offload.RX_L4_CHECKSUM)),
                offloads.contains(Offload.TX_IP_CHECKSUM),
                offloads.containsAll(Set.of(Offload.TX_TCP_CHECKSUM, Offload.TX_UDP_CHECKSUM)),
                attachment.memoryWire(),
                mtuBytes + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES);
    }

    /**
     * Opens a device with one queue pair and defaults that suit raw packet I/O: MTU 1500, 8192 mbufs, hugepages when there
     * are any.
     *
     * @param kind, name, arguments as in {@link DeviceConfig}
     */
    public static DpdkDevice open(String kind, String name, Map<String, String> arguments) {
        return open(kind, name, arguments, 1500);
    }

    /**
     * As {@link #open(String, String, Map)}, with another MTU.
     *
     * @param mtuBytes 68 to {@link DeviceConfig#largestMtuBytes}
     */
    public static DpdkDevice open(String kind, String name, Map<String, String> arguments, int mtuBytes) {
        return open(new DeviceConfig(
                kind,
                name,
                arguments,
                -1,
                mtuBytes,
                1,
                512,
                512,
                8192,
                DeviceConfig.usualDataRoomBytes(mtuBytes),
                "auto",
                0,
                false,
                List.of()));
    }

    /**
     * Opens, configures and starts a device.
     *
     * @throws DeviceException with what failed, why and the remedy
     */
    public static synchronized DpdkDevice open(DeviceConfig config) {
        PortKind kind = PortKind.of(config.kind());
        Throwable missing = Dpdk.unavailabilityCause(config.kind());
        if (missing != null) {
            throw new DeviceUnavailableException(String.valueOf(missing.getMessage()), missing);
        }
        validate(config);
        kind.check(config);
        Eal.start(new Eal.Options(
                config.hugepages(),
                config.memoryMegabytes(),
                kind.storeBytes(config) + (64L << 20),
                config.kind().equals("pci") ? List.of(config.name()) : List.of(),
                config.ealArguments()));
        kind.requireDriver();
        DpdkException first = null;
        for (int attempt = 1; ; attempt++) {
            try {
                return openOnce(kind, config);
            } catch (DpdkException e) {
                // A refused AF_XDP socket keeps some buffers, so that later attempts may end for want of memory: the
                // first
                // one knows the reason.
                first = first == null ? e : first;
                if (attempt >= kind.attempts()) {
                    throw first;
                }
                pause(RETRY_MILLIS);
            }
        }
    }

    private static DpdkDevice openOnce(PortKind kind, DeviceConfig config) {
        PortKind.Attachment attachment = kind.attach(config);
        DpdkMbufStore store = null;
        try {
            store = kind.createStore(config);
            return start(kind, config, attachment, store);
        } catch (RuntimeException e) {
            attachment.port().close();
            attachment.closed().run();
            if (store != null) {
                store.close();
            }
            throw e;
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceException("interrupted while opening a device", e);
        }
    }

    private static DpdkDevice start(
            PortKind kind, DeviceConfig config, PortKind.Attachment attachment, DpdkMbufStore store) {
        EthernetPort port = attachment.port();
        Set<Offload> wanted = EnumSet.of(Offload.RX_RSS_HASH);
        wanted.addAll(attachment.offloads());
        if (config.checksumOffload()) {
            wanted.addAll(EnumSet.of(
                    Offload.RX_IP_CHECKSUM,
                    Offload.RX_L4_CHECKSUM,
                    Offload.TX_IP_CHECKSUM,
                    Offload.TX_TCP_CHECKSUM,
                    Offload.TX_UDP_CHECKSUM));
        }
        int mtu = Math.min(config.mtuBytes(), attachment.maxMtuBytes());
        Set<Offload> offloads = port.configure(
                config.queues(),
                kind.configuredMtuBytes(mtu),
                wanted,
                config.rxDescriptors(),
                config.txDescriptors(),
                store,
                attachment.descriptors());
        attachment.configured().run();
        port.start(() -> kind.startRemedy(config));
        attachment.started().run();
        return new DpdkDevice(attachment, store, mtu, offloads);
    }

    private static void validate(DeviceConfig config) {
        int largestMtuBytes = DeviceConfig.largestMtuBytes(config.kind());
        int frame = DeviceConfig.leastDataRoomBytes(config.mtuBytes());
        require(
                config.mtuBytes() >= 68 && config.mtuBytes() <= largestMtuBytes,
                "mtuBytes",
                config.mtuBytes(),
                "68.." + largestMtuBytes + " on a device " + config.kind());
        require(
                config.mbufDataRoomBytes() >= frame,
                "mbufDataRoomBytes",
                config.mbufDataRoomBytes(),
                "at least " + frame + " for an MTU of " + config.mtuBytes() + ": one mbuf holds one frame");
        require(config.queues() >= 1 && config.queues() <= 64, "queues", config.queues(), "1..64");
        requireDescriptors("rxDescriptors", config.rxDescriptors());
        requireDescriptors("txDescriptors", config.txDescriptors());
        int least = config.queues() * (config.rxDescriptors() + config.txDescriptors());
        require(
                config.mbufs() > least,
                "mbufs",
                config.mbufs(),
                "more than " + least + ", the descriptors of all queues");
    }

    private static void requireDescriptors(String name, int value) {
        require(
                value >= DESCRIPTORS_MIN && value <= DESCRIPTORS_MAX && Integer.bitCount(value) == 1,
                name,
                value,
                "a power of two, " + DESCRIPTORS_MIN + ".." + DESCRIPTORS_MAX);
    }

    private static void require(boolean holds, String name, int value, String bound) {
        if (!holds) {
            throw new DeviceException(name + " is " + value + "; must be " + bound + " (DeviceConfig." + name + ")");
        }
    }

    /** The port under this device: link, extended statistics, promiscuous mode. */
    public EthernetPort port() {
        return port;
    }

    @Override
    public String name() {
        return port.name();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public long macAddress() {
        return attachment.macAddress();
    }

    @Override
    public int mtuBytes() {
        return mtuBytes;
    }

    @Override
    public int queueCount() {
        return queues.length;
    }

    @Override
    public DeviceQueue queue(int index) {
        return queues[index];
    }

    @Override
    public @Nullable Sleeper openSleeper() {
        return descriptors == null ? null : DescriptorSleeper.open(descriptors);
    }

    @Override
    public DpdkMbufStore mbufStore() {
        return store;
    }

    @Override
    public boolean linkUp() {
        return port.linkUp();
    }

    @Override
    public DeviceStatistics statistics() {
        return port.statistics();
    }

    @Override
    public RssState programRss(byte[] key, int[] reta) {
        if (capabilities.retaEntries() == 0) {
            throw new DeviceException(name() + " has no RSS; remedy: distribute in software");
        }
        if (reta.length != capabilities.retaEntries() || key.length != capabilities.rssKeyBytes()) {
            throw new DeviceException("RSS key of " + key.length + " bytes and table of " + reta.length
                    + " entries; must be " + capabilities.rssKeyBytes() + " and " + capabilities.retaEntries());
        }
        short[] table = new short[reta.length];
        for (int i = 0; i < reta.length; i++) {
            if (reta[i] < 0 || reta[i] >= queues.length) {
                throw new DeviceException(
                        "RSS table entry " + i + " is " + reta[i] + "; must be 0.." + (queues.length - 1));
            }
            table[i] = (short) reta[i];
        }
        port.programRss(key, table);
        byte[] keyInForce = new byte[key.length];
        port.readRss(keyInForce, table);
        int[] retaInForce = new int[table.length];
        for (int i = 0; i < table.length; i++) {
            retaInForce[i] = Short.toUnsignedInt(table[i]);
        }
        return new RssState(keyInForce, retaInForce);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (Queue queue : queues) {
                queue.open = false;
            }
            port.close();
            attachment.closed().run();
            store.close();
        }
    }

    private static final class Queue implements DeviceQueue {
        private final int port;
        private final int queue;
        private final boolean entersKernel;
        private @Nullable Thread owner;
        private boolean open = true;

        Queue(int port, int queue, boolean entersKernel) {
            this.port = port;
            this.queue = queue;
            this.entersKernel = entersKernel;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // a thread is itself only
        public int rxBurst(PacketBurst burst, int maxPackets) {
            assert maxPackets >= 1 && maxPackets <= burst.capacity() && open;
            if (Thread.currentThread() != owner) {
                adopt();
            }
            long descriptors = burst.address(0);
            return entersKernel
                    ? BurstCalls.rxBurstKernel(port, queue, descriptors, maxPackets)
                    : BurstCalls.rxBurst(port, queue, descriptors, maxPackets);
        }

        @Override
        public int txBurst(PacketBurst burst, int first, int count) {
            assert count >= 0 && first + count <= burst.capacity() && open;
            if (count == 0) {
                return 0;
            }
            long descriptors = burst.address(first);
            return entersKernel
                    ? BurstCalls.txBurstKernel(port, queue, descriptors, count)
                    : BurstCalls.txBurst(port, queue, descriptors, count);
        }

        /** A new owner gets a mempool cache of its own, given back when the thread ends. */
        private void adopt() {
            ThreadPinning.registerWithDpdk();
            owner = Thread.currentThread();
        }
    }
}
