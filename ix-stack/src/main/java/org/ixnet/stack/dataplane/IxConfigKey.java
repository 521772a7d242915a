package org.ixnet.stack.dataplane;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The keys of {@link IxConfig} as system properties and in a properties file, in the order of its components. */
public enum IxConfigKey {
    DEVICE("device", "tap, af_xdp, af_packet, memif, ring or pci", IxConfigBuilder::device),
    IFACE("iface", "interface, socket or PCI address of the device", IxConfigBuilder::interfaceName),
    DEVICE_ARGS("deviceArgs", "driver arguments, name=value, separated by commas", (b, v) -> b.deviceArguments(map(v))),
    ADDRESS(
            "address",
            "own addresses with prefix, separated by commas",
            (b, v) -> b.addresses(parse("address", v, text -> list(text, Cidr::parse)))),
    HOST_ADDRESS(
            "hostAddress",
            "address of the host's side of a TAP; empty for none",
            (b, v) -> b.hostAddress(v.isEmpty() ? null : parse("hostAddress", v, Cidr::parse))),
    GATEWAY(
            "gateway",
            "default gateway; empty for none",
            (b, v) -> b.gateway(v.isEmpty() ? null : parse("gateway", v, Address::parse))),
    ROUTES(
            "routes",
            "further routes, NETWORK/PREFIX@GATEWAY, separated by commas",
            (b, v) -> b.routes(parse("routes", v, text -> list(text, StaticRoute::parse)))),
    MTU("mtu", "largest IP packet in bytes", (b, v) -> b.mtuBytes(integer("mtu", v))),
    MAC("mac", "MAC address, aa:bb:cc:dd:ee:ff; empty for the device's own", (b, v) -> b.macAddress(mac(v))),
    LOOPS("loops", "elastic threads of a group that names no number", (b, v) -> b.loops(integer("loops", v))),
    MAX_THREADS(
            "maxThreads", "elastic threads of all groups together", (b, v) -> b.maxThreads(integer("maxThreads", v))),
    QUEUES("queues", "queue pairs of the device; 0: automatic", (b, v) -> b.queues(integer("queues", v))),
    DISTRIBUTION(
            "distribution",
            "auto, hardware or software",
            (b, v) -> b.distribution(constant("distribution", Distribution.class, v))),
    RX_BATCH("rxBatch", "bound B on packets a cycle", (b, v) -> b.rxBatch(integer("rxBatch", v))),
    RX_DESCRIPTORS(
            "rxDescriptors", "descriptors of a receive queue", (b, v) -> b.rxDescriptors(integer("rxDescriptors", v))),
    TX_DESCRIPTORS(
            "txDescriptors", "descriptors of a transmit queue", (b, v) -> b.txDescriptors(integer("txDescriptors", v))),
    MBUFS("mbufs", "packet buffers", (b, v) -> b.mbufs(integer("mbufs", v))),
    DATA_ROOM(
            "dataRoom",
            "bytes of a packet buffer; 0: what the MTU needs",
            (b, v) -> b.dataRoomBytes(integer("dataRoom", v))),
    HUGEPAGES("hugepages", "auto, require or off", IxConfigBuilder::hugepages),
    MEMORY(
            "memoryMegabytes",
            "memory of the DPDK environment; 0: automatic",
            (b, v) -> b.memoryMegabytes(integer("memoryMegabytes", v))),
    CHECKSUM_OFFLOAD(
            "checksumOffload",
            "use the device's checksum engines: true or false",
            (b, v) -> b.checksumOffload(flag("checksumOffload", v))),
    EAL_ARGS("ealArgs", "further EAL arguments, separated by blanks", (b, v) -> b.ealArguments(words(v))),
    IDLE("idle", "spin, adaptive or park", (b, v) -> b.idleKind(constant("idle", IdlePolicy.Kind.class, v))),
    IDLE_SPIN(
            "idle.spinMicros",
            "idle time before the first sleep",
            (b, v) -> b.idleSpinMicros(integer("idle.spinMicros", v))),
    IDLE_PARK_MIN(
            "idle.parkMinMicros",
            "first sleep beside a device queue that cannot wake its thread",
            (b, v) -> b.idleParkMinMicros(integer("idle.parkMinMicros", v))),
    IDLE_PARK_MAX(
            "idle.parkMaxMicros",
            "longest sleep beside such a queue",
            (b, v) -> b.idleParkMaxMicros(integer("idle.parkMaxMicros", v))),
    TCP_CONGESTION("tcp.congestion", "newreno or cubic", IxConfigBuilder::tcpCongestion),
    TCP_RTO_MIN(
            "tcp.rtoMinMillis",
            "least retransmission timeout",
            (b, v) -> b.tcpRtoMinMillis(integer("tcp.rtoMinMillis", v))),
    TCP_SEND_BUFFER(
            "tcp.sendBuffer",
            "default SO_SNDBUF in bytes",
            (b, v) -> b.tcpSendBufferBytes(integer("tcp.sendBuffer", v))),
    TCP_RECEIVE_BUFFER(
            "tcp.receiveBuffer",
            "default SO_RCVBUF in bytes",
            (b, v) -> b.tcpReceiveBufferBytes(integer("tcp.receiveBuffer", v))),
    TCP_TIME_WAIT(
            "tcp.timeWaitMillis", "time in TIME-WAIT", (b, v) -> b.tcpTimeWaitMillis(integer("tcp.timeWaitMillis", v))),
    TCP_SYN_RETRIES(
            "tcp.synRetries", "retransmissions of a SYN", (b, v) -> b.tcpSynRetries(integer("tcp.synRetries", v))),
    TCP_RETRIES("tcp.retries", "retransmissions of data", (b, v) -> b.tcpRetries(integer("tcp.retries", v))),
    SEED("seed", "seed of all randomness, for tests; 0: random", (b, v) -> b.seed(longInteger("seed", v)));

    /** What stands before each key. */
    public static final String PREFIX = "ix.";

    /** Name of a properties file that is read before the system properties. */
    public static final String FILE_KEY = "ix.config";

    /** A key with more than one wrong letter in so many is another word, not a slip. */
    private static final int LETTERS_A_MISTAKE = 3;

    /** First words of keys that other parts of the project read. */
    private static final List<String> FOREIGN =
            List.of("memory.", "native.", "netty.", "example.", "examples.", "bench.", "test.", "launcher.");

    private final String key;
    private final String description;
    private final BiConsumer<IxConfigBuilder, String> setter;

    IxConfigKey(String key, String description, BiConsumer<IxConfigBuilder, String> setter) {
        this.key = key;
        this.description = description;
        this.setter = setter;
    }

    /** The key with its prefix, for example {@code ix.rxBatch}. */
    public String key() {
        return PREFIX + key;
    }

    /** One line for help texts. */
    public String description() {
        return description;
    }

    /**
     * Sets what {@code fullKey} names; keys of other parts ({@code ix.native.*} and so on) do nothing.
     *
     * @throws IllegalArgumentException when there is no such key, naming the one that was probably meant, or the value does not parse
     */
    static void apply(IxConfigBuilder builder, String fullKey, String value) {
        String name = fullKey.substring(PREFIX.length());
        if (fullKey.equals(FILE_KEY) || FOREIGN.stream().anyMatch(name::startsWith)) {
            return;
        }
        for (IxConfigKey candidate : values()) {
            if (candidate.key.equals(name)) {
                candidate.setter.accept(builder, value.strip());
                return;
            }
        }
        throw new IllegalArgumentException("unknown key " + fullKey + "; " + suggestion(name));
    }

    /** The key that was probably meant; where none is near, all there are. */
    private static String suggestion(String unknown) {
        // Where the prefix is not asked for, as with --ix, it is easily written all the same.
        String name = unknown.startsWith(PREFIX) ? unknown.substring(PREFIX.length()) : unknown;
        String nearest = Arrays.stream(values())
                .map(candidate -> candidate.key)
                .min(Comparator.comparingInt(key -> distance(name, key)))
                .orElseThrow();
        if (distance(name, nearest) <= Math.max(1, name.length() / LETTERS_A_MISTAKE)) {
            return "did you mean " + PREFIX + nearest + "?";
        }
        return "must be one of "
                + String.join(
                        ", ", Arrays.stream(values()).map(IxConfigKey::key).toList());
    }

    /** Levenshtein's distance, without regard to case; 0 for a key that {@code a} begins or ends, if that says something. */
    private static int distance(String a, String b) {
        String from = a.toLowerCase(Locale.ROOT);
        String to = b.toLowerCase(Locale.ROOT);
        if (from.length() >= LETTERS_A_MISTAKE && (to.startsWith(from) || to.endsWith("." + from))) {
            return 0;
        }
        int[] previous = new int[to.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= from.length(); i++) {
            int[] current = new int[to.length() + 1];
            current[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[to.length()];
    }

    /** {@code what is value; must be bound (IxConfig.what / -Dix.what)}. */
    static String complaint(String what, Object value, String bound) {
        return what + " is " + value + "; must be " + bound + " (IxConfig." + what + " / -D" + PREFIX + what + ")";
    }

    private static <T extends @Nullable Object> T parse(String what, String value, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage() + " (-D" + PREFIX + what + ")", e);
        }
    }

    private static <T> List<T> list(String value, Function<String, T> parser) {
        List<T> parsed = new ArrayList<>();
        for (String part : value.split(",")) {
            if (!part.isBlank()) {
                parsed.add(parser.apply(part.strip()));
            }
        }
        return parsed;
    }

    private static List<String> words(String value) {
        return value.isBlank() ? List.of() : List.of(value.strip().split("\\s+"));
    }

    private static Map<String, String> map(String value) {
        Map<String, String> map = new TreeMap<>();
        for (String part : list(value, text -> text)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(complaint("deviceArgs", value, "name=value, separated by commas"));
            }
            map.put(part.substring(0, equals), part.substring(equals + 1));
        }
        return map;
    }

    private static int integer(String what, String value) {
        long parsed = longInteger(what, value);
        if (parsed != (int) parsed) {
            throw new IllegalArgumentException(complaint(what, value, "a whole number below 2^31"));
        }
        return (int) parsed;
    }

    private static long longInteger(String what, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(complaint(what, "\"" + value + "\"", "a whole number"), e);
        }
    }

    private static boolean flag(String what, String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(complaint(what, "\"" + value + "\"", "true or false"));
        };
    }

    private static <E extends Enum<E>> E constant(String what, Class<E> type, String value) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
                return constant;
            }
        }
        String names = String.join(
                ", ",
                Arrays.stream(type.getEnumConstants())
                        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                        .toList());
        throw new IllegalArgumentException(complaint(what, "\"" + value + "\"", "one of " + names));
    }

    private static long mac(String value) {
        if (value.isEmpty()) {
            return -1;
        }
        if (!value.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
            throw new IllegalArgumentException(complaint("mac", "\"" + value + "\"", "written aa:bb:cc:dd:ee:ff"));
        }
        return Long.parseLong(value.replace(":", ""), 16);
    }
}
