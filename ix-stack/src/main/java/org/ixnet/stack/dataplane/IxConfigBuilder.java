package org.ixnet.stack.dataplane;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.ixnet.stack.device.DeviceConfig;
import org.jspecify.annotations.Nullable;

/**
 * Builds an {@link IxConfig}; {@link #build} validates everything at once. Every complaint names value, bound and key.
 * Thread rule: one owner.
 */
public final class IxConfigBuilder {
    /** Elastic threads that one dataplane can have: a bit each in a long. */
    static final int MAX_THREADS = 64;

    private static final Set<String> KINDS =
            new TreeSet<>(Set.of("tap", "af_xdp", "af_packet", "memif", "ring", "pci", "virtual"));
    private static final Set<String> HUGEPAGES = new TreeSet<>(Set.of("auto", "require", "off"));
    private static final Set<String> CONGESTION = new TreeSet<>(Set.of("newreno", "cubic"));

    private String device = "tap";
    private String interfaceName = "ix0";
    private Map<String, String> deviceArguments = Map.of();
    private List<Cidr> addresses = List.of(Cidr.parse("10.18.0.2/24"));
    private @Nullable Cidr hostAddress = Cidr.parse("10.18.0.1/24");
    private @Nullable Address gateway = null;
    private List<StaticRoute> routes = List.of();
    private int mtuBytes = 1500;
    private long macAddress = -1;
    private int loops = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_THREADS);
    private int maxThreads = 32;
    private int queues = 0;
    private Distribution distribution = Distribution.AUTO;
    private int rxBatch = 16;
    private int rxDescriptors = 1024;
    private int txDescriptors = 1024;
    private int mbufs = 16384;
    private int dataRoomBytes = 0;
    private String hugepages = "auto";
    private int memoryMegabytes = 0;
    private boolean checksumOffload = true;
    private List<String> ealArguments = List.of();
    private IdlePolicy.Kind idleKind = IdlePolicy.Kind.ADAPTIVE;
    private int idleSpinMicros = 200;
    private int idleParkMinMicros = 20;
    private int idleParkMaxMicros = 500;
    private String tcpCongestion = "cubic";
    private int tcpRtoMinMillis = 200;
    private int tcpSendBufferBytes = 1 << 20;
    private int tcpReceiveBufferBytes = 1 << 20;
    private int tcpTimeWaitMillis = 60_000;
    private int tcpSynRetries = 6;
    private int tcpRetries = 15;
    private long seed = 0;

    IxConfigBuilder() {}

    IxConfigBuilder(IxConfig from) {
        device = from.device();
        interfaceName = from.interfaceName();
        deviceArguments = from.deviceArguments();
        addresses = from.addresses();
        hostAddress = from.hostAddress();
        gateway = from.gateway();
        routes = from.routes();
        mtuBytes = from.mtuBytes();
        macAddress = from.macAddress();
        loops = from.loops();
        maxThreads = from.maxThreads();
        queues = from.queues();
        distribution = from.distribution();
        rxBatch = from.rxBatch();
        rxDescriptors = from.rxDescriptors();
        txDescriptors = from.txDescriptors();
        mbufs = from.mbufs();
        dataRoomBytes = from.dataRoomBytes() == DeviceConfig.usualDataRoomBytes(mtuBytes) ? 0 : from.dataRoomBytes();
        hugepages = from.hugepages();
        memoryMegabytes = from.memoryMegabytes();
        checksumOffload = from.checksumOffload();
        ealArguments = from.ealArguments();
        idleKind = from.idle().kind();
        idleSpinMicros = micros(from.idle().spinNanos());
        idleParkMinMicros = micros(from.idle().parkMinNanos());
        idleParkMaxMicros = micros(from.idle().parkMaxNanos());
        tcpCongestion = from.tcp().congestion();
        tcpRtoMinMillis = millis(from.tcp().rtoMinNanos());
        tcpSendBufferBytes = from.tcp().sendBufferBytes();
        tcpReceiveBufferBytes = from.tcp().receiveBufferBytes();
        tcpTimeWaitMillis = millis(from.tcp().timeWaitNanos());
        tcpSynRetries = from.tcp().synRetries();
        tcpRetries = from.tcp().retries();
        seed = from.seed();
    }

    /** Kind of the device. */
    public IxConfigBuilder device(String value) {
        this.device = value;
        return this;
    }

    /** Interface, socket or PCI address of the device. */
    public IxConfigBuilder interfaceName(String value) {
        this.interfaceName = value;
        return this;
    }

    /** Further driver arguments. */
    public IxConfigBuilder deviceArguments(Map<String, String> value) {
        this.deviceArguments = value;
        return this;
    }

    /** Own addresses. */
    public IxConfigBuilder addresses(List<Cidr> value) {
        this.addresses = value;
        return this;
    }

    /** Address of the host's side of a TAP. */
    public IxConfigBuilder hostAddress(@Nullable Cidr value) {
        this.hostAddress = value;
        return this;
    }

    /** Default gateway. */
    public IxConfigBuilder gateway(@Nullable Address value) {
        this.gateway = value;
        return this;
    }

    /** Further routes. */
    public IxConfigBuilder routes(List<StaticRoute> value) {
        this.routes = value;
        return this;
    }

    /** Largest IP packet. */
    public IxConfigBuilder mtuBytes(int value) {
        this.mtuBytes = value;
        return this;
    }

    /** MAC address; -1: the device's own. */
    public IxConfigBuilder macAddress(long value) {
        this.macAddress = value;
        return this;
    }

    /** Elastic threads of a group that names no number. */
    public IxConfigBuilder loops(int value) {
        this.loops = value;
        return this;
    }

    /** Elastic threads of all groups together. */
    public IxConfigBuilder maxThreads(int value) {
        this.maxThreads = value;
        return this;
    }

    /** Queue pairs; 0: automatic. */
    public IxConfigBuilder queues(int value) {
        this.queues = value;
        return this;
    }

    /** Who brings a packet to its thread. */
    public IxConfigBuilder distribution(Distribution value) {
        this.distribution = value;
        return this;
    }

    /**
     * The bound B on packets a cycle. Two hosts with few connections take turns when it is as large as what is under way between
     * them: each waits while the other works off the whole batch. From 16 on the rate gains nothing (IX paper, 6).
     */
    public IxConfigBuilder rxBatch(int value) {
        this.rxBatch = value;
        return this;
    }

    /** Descriptors of each receive queue. */
    public IxConfigBuilder rxDescriptors(int value) {
        this.rxDescriptors = value;
        return this;
    }

    /** Descriptors of each transmit queue. */
    public IxConfigBuilder txDescriptors(int value) {
        this.txDescriptors = value;
        return this;
    }

    /** Packet buffers. */
    public IxConfigBuilder mbufs(int value) {
        this.mbufs = value;
        return this;
    }

    /** Bytes of a packet buffer; 0: what a frame of the MTU needs, 2176 at least. */
    public IxConfigBuilder dataRoomBytes(int value) {
        this.dataRoomBytes = value;
        return this;
    }

    /** auto, require or off. */
    public IxConfigBuilder hugepages(String value) {
        this.hugepages = value;
        return this;
    }

    /** Memory of the DPDK environment; 0: automatic. */
    public IxConfigBuilder memoryMegabytes(int value) {
        this.memoryMegabytes = value;
        return this;
    }

    /** Use the device's checksum engines. */
    public IxConfigBuilder checksumOffload(boolean value) {
        this.checksumOffload = value;
        return this;
    }

    /** Further EAL arguments. */
    public IxConfigBuilder ealArguments(List<String> value) {
        this.ealArguments = value;
        return this;
    }

    /** What a thread without work does. */
    public IxConfigBuilder idleKind(IdlePolicy.Kind value) {
        this.idleKind = value;
        return this;
    }

    /**
     * Idle time before the first sleep, microseconds. Longer than a cycle of a peer that serves a full batch with slow handlers, TLS
     * for example: else the two take turns to work, and each sleeps meanwhile.
     */
    public IxConfigBuilder idleSpinMicros(int value) {
        this.idleSpinMicros = value;
        return this;
    }

    /** First sleep beside a device queue that cannot wake its thread, microseconds. */
    public IxConfigBuilder idleParkMinMicros(int value) {
        this.idleParkMinMicros = value;
        return this;
    }

    /** Longest sleep beside such a queue, microseconds. */
    public IxConfigBuilder idleParkMaxMicros(int value) {
        this.idleParkMaxMicros = value;
        return this;
    }

    /** Congestion control of new connections. */
    public IxConfigBuilder tcpCongestion(String value) {
        this.tcpCongestion = value;
        return this;
    }

    /** Least retransmission timeout. */
    public IxConfigBuilder tcpRtoMinMillis(int value) {
        this.tcpRtoMinMillis = value;
        return this;
    }

    /** Default of SO_SNDBUF. */
    public IxConfigBuilder tcpSendBufferBytes(int value) {
        this.tcpSendBufferBytes = value;
        return this;
    }

    /** Default of SO_RCVBUF. */
    public IxConfigBuilder tcpReceiveBufferBytes(int value) {
        this.tcpReceiveBufferBytes = value;
        return this;
    }

    /** Time in TIME-WAIT. */
    public IxConfigBuilder tcpTimeWaitMillis(int value) {
        this.tcpTimeWaitMillis = value;
        return this;
    }

    /** Retransmissions of a SYN. */
    public IxConfigBuilder tcpSynRetries(int value) {
        this.tcpSynRetries = value;
        return this;
    }

    /** Retransmissions of data. */
    public IxConfigBuilder tcpRetries(int value) {
        this.tcpRetries = value;
        return this;
    }

    /** Seed of all randomness; 0: from the operating system. */
    public IxConfigBuilder seed(long value) {
        this.seed = value;
        return this;
    }

    /** Own addresses as text, {@code a.b.c.d/n} separated by commas. */
    public IxConfigBuilder address(String cidrs) {
        return set("ix.address", cidrs);
    }

    /** Sets the value of a key of {@link IxConfigKey}. */
    public IxConfigBuilder set(String key, String value) {
        IxConfigKey.apply(this, key, value);
        return this;
    }

    /** Every {@code ix.*} key of a properties file. */
    public IxConfigBuilder file(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "config is " + file + "; must be a readable properties file (-D" + IxConfigKey.FILE_KEY + "): " + e,
                    e);
        }
        properties.stringPropertyNames().stream().sorted().forEach(key -> {
            if (!key.startsWith(IxConfigKey.PREFIX)) {
                throw new IllegalArgumentException(
                        "unknown key " + key + " in " + file + "; keys begin with " + IxConfigKey.PREFIX);
            }
            set(key, properties.getProperty(key));
        });
        return this;
    }

    /** The file that {@code ix.config} names, then every other {@code ix.*} key of {@code properties}. */
    public IxConfigBuilder systemProperties(Properties properties) {
        String file = properties.getProperty(IxConfigKey.FILE_KEY);
        if (file != null) {
            file(Path.of(file));
        }
        properties.stringPropertyNames().stream()
                .filter(key -> key.startsWith(IxConfigKey.PREFIX))
                .sorted()
                .forEach(key -> set(key, properties.getProperty(key)));
        return this;
    }

    /** @throws IllegalArgumentException naming the first value out of its bound */
    public IxConfig build() {
        checkDevice();
        checkThreads();
        checkMemory();
        checkTcp();
        return new IxConfig(
                device,
                interfaceName,
                deviceArguments,
                addresses,
                hostAddress,
                gateway,
                routes,
                mtuBytes,
                macAddress,
                loops,
                maxThreads,
                queues,
                distribution,
                rxBatch,
                rxDescriptors,
                txDescriptors,
                mbufs,
                dataRoomBytes == 0 ? DeviceConfig.usualDataRoomBytes(mtuBytes) : dataRoomBytes,
                hugepages,
                memoryMegabytes,
                checksumOffload,
                ealArguments,
                new IdlePolicy(
                        idleKind,
                        TimeUnit.MICROSECONDS.toNanos(idleSpinMicros),
                        TimeUnit.MICROSECONDS.toNanos(idleParkMinMicros),
                        TimeUnit.MICROSECONDS.toNanos(idleParkMaxMicros)),
                new TcpSettings(
                        tcpCongestion,
                        TimeUnit.MILLISECONDS.toNanos(tcpRtoMinMillis),
                        tcpSendBufferBytes,
                        tcpReceiveBufferBytes,
                        TimeUnit.MILLISECONDS.toNanos(tcpTimeWaitMillis),
                        tcpSynRetries,
                        tcpRetries),
                seed);
    }

    private void checkDevice() {
        oneOf("device", device, KINDS);
        check(!interfaceName.isBlank(), "iface", "empty", "the name of the device's interface");
        check(
                !addresses.isEmpty(),
                "address",
                "empty",
                "at least one address with its prefix, for example 10.18.0.2/24");
        for (Cidr cidr : addresses) {
            if (cidr.equals(hostAddress) && device.equals("tap")) {
                throw new IllegalArgumentException(IxConfigKey.complaint(
                        "address", cidr, "another one than hostAddress, which the host's side of the TAP gets"));
            }
        }
        int largestMtuBytes = DeviceConfig.largestMtuBytes(device);
        check(
                mtuBytes >= 68 && mtuBytes <= largestMtuBytes,
                "mtu",
                mtuBytes,
                "68.." + largestMtuBytes + " on a device " + device);
        check(macAddress >= -1 && macAddress < 1L << 48, "mac", macAddress, "48 bits, or -1 for the device's own");
        check(
                macAddress == -1 || (macAddress >>> 40 & 1) == 0,
                "mac",
                Long.toHexString(macAddress),
                "a unicast address: the lowest bit of the first byte 0");
    }

    private void checkThreads() {
        range("loops", loops, 1, MAX_THREADS);
        range("maxThreads", maxThreads, 1, MAX_THREADS);
        check(loops <= maxThreads, "loops", loops, "1.." + maxThreads + ", or raise maxThreads (-Dix.maxThreads)");
        range("queues", queues, 0, MAX_THREADS);
        range("rxBatch", rxBatch, 1, 256);
        range("idle.spinMicros", idleSpinMicros, 0, 1_000_000);
        range("idle.parkMinMicros", idleParkMinMicros, 1, 1_000_000);
        range("idle.parkMaxMicros", idleParkMaxMicros, idleParkMinMicros, 1_000_000);
    }

    private void checkMemory() {
        powerOfTwo("rxDescriptors", rxDescriptors);
        powerOfTwo("txDescriptors", txDescriptors);
        int leastMbufs = Math.max(1, queues) * (rxDescriptors + txDescriptors) + 512;
        check(
                mbufs >= leastMbufs && mbufs <= 1 << 24,
                "mbufs",
                mbufs,
                leastMbufs + ".." + (1 << 24) + " (descriptors of all queues and 512 more)");
        int leastRoom = DeviceConfig.leastDataRoomBytes(mtuBytes);
        check(
                dataRoomBytes == 0 || (dataRoomBytes >= leastRoom && dataRoomBytes <= 65_535),
                "dataRoom",
                dataRoomBytes,
                leastRoom + "..65535 (the MTU, Ethernet and 128 bytes of headroom), or 0 for automatic");
        oneOf("hugepages", hugepages, HUGEPAGES);
        range("memoryMegabytes", memoryMegabytes, 0, 1 << 20);
    }

    private void checkTcp() {
        oneOf("tcp.congestion", tcpCongestion, CONGESTION);
        range("tcp.rtoMinMillis", tcpRtoMinMillis, 1, 10_000);
        range("tcp.sendBuffer", tcpSendBufferBytes, 4_096, 1 << 30);
        range("tcp.receiveBuffer", tcpReceiveBufferBytes, 4_096, 1 << 30);
        range("tcp.timeWaitMillis", tcpTimeWaitMillis, 0, 240_000);
        range("tcp.synRetries", tcpSynRetries, 0, 127);
        range("tcp.retries", tcpRetries, 1, 255);
    }

    private static int micros(long nanos) {
        return (int) TimeUnit.NANOSECONDS.toMicros(nanos);
    }

    private static int millis(long nanos) {
        return (int) TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static void check(boolean valid, String what, Object value, String bound) {
        if (!valid) {
            throw new IllegalArgumentException(IxConfigKey.complaint(what, value, bound));
        }
    }

    private static void range(String what, int value, int least, int most) {
        check(value >= least && value <= most, what, value, least + ".." + most);
    }

    private static void powerOfTwo(String what, int value) {
        check(value >= 64 && value <= 4096 && Integer.bitCount(value) == 1, what, value, "a power of two, 64..4096");
    }

    private static void oneOf(String what, String value, Set<String> values) {
        check(values.contains(value), what, "\"" + value + "\"", "one of " + String.join(", ", values));
    }
}
