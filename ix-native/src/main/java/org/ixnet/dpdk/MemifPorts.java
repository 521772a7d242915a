package org.ixnet.dpdk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ixnet.dpdk.ffi.Libc;
import org.ixnet.dpdk.ffi.PortCalls;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;

/**
 * {@code memif}: a shared-memory wire between two processes. The name is a socket file, or {@code @name} for an abstract
 * socket; {@code role=server} (which listens; the default is client) and {@code id} (default 0) tell the ends and the wires of a socket
 * apart. A socket file that a killed server left behind is removed.
 */
final class MemifPorts extends PortKind {
    private static final int SOCKET_PATH_MAX_BYTES = 107;
    private static final int BUFFER_BYTES = 2048;
    private static final int ETHERNET_BYTES = 18;
    /** The driver announces no more; what it carries is bounded by {@code bsize} alone. */
    private static final int ANNOUNCED_MTU_BYTES = 1500;

    private static final int ZERO_COPY_VERSION = 2411;

    private static final String START_THE_SERVER =
            "start the end with ix.deviceArgs=role=server first, and give both the same absolute path as ix.iface";

    /** Sockets that servers of this process listen on; further ids may join them. */
    private static final Map<String, Integer> SERVED = new HashMap<>();

    MemifPorts() {
        super("memif", "net_memif");
    }

    @Override
    void check(DeviceConfig config) {
        trustsChecksums(config);
        String socket = socket(config);
        int bytes = socket.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > SOCKET_PATH_MAX_BYTES || socket.contains(",")) {
            throw new DeviceException("memif socket is '" + config.name() + "'; must be a file name or @name of 1.."
                    + SOCKET_PATH_MAX_BYTES + " bytes without a comma; remedy: set ix.iface");
        }
        if (!Set.of("server", "client").contains(role(config))) {
            throw new DeviceException("memif role is '" + role(config) + "'; must be server or client");
        }
        // As the driver reads it.
        if (config.arguments().getOrDefault("zero-copy", "no").contains("yes")) {
            checkZeroCopy(Dpdk.version());
        }
        if (role(config).equals("server")) {
            makeSocketFree(config);
        }
    }

    /**
     * Before DPDK 24.11 the driver fills its table of posted buffers beyond the end (upstream commit b92b18b76858, "net/memif:
     * fix buffer overflow in zero copy Rx"; not in Debian's 22.11.11): frames come twice, memory is overwritten.
     */
    static void checkZeroCopy(String version) {
        Matcher numbers = Pattern.compile("(\\d+)\\.(\\d+)").matcher(version);
        int number = numbers.find() ? Integer.parseInt(numbers.group(1)) * 100 + Integer.parseInt(numbers.group(2)) : 0;
        if (number < ZERO_COPY_VERSION) {
            throw new DeviceException(
                    "memif zero-copy is 'yes'; " + version
                            + " corrupts memory with it (fixed in 24.11); remedy: leave zero-copy out, or install DPDK 24.11 or newer");
        }
    }

    @Override
    Attachment attach(DeviceConfig config) {
        String role = role(config);
        String socket = socket(config);
        boolean isAbstract = isAbstract(config);
        Map<String, String> own = new HashMap<>();
        own.put("role", role);
        own.put("socket", socket);
        own.put("socket-abstract", isAbstract ? "yes" : "no");
        own.put("id", config.arguments().getOrDefault("id", "0"));
        own.put(
                "rsize",
                config.arguments()
                        .getOrDefault(
                                "rsize", Integer.toString(Integer.numberOfTrailingZeros(config.rxDescriptors()))));
        own.put("bsize", config.arguments().getOrDefault("bsize", Integer.toString(bufferBytes(config))));
        long mac = macOrDerived(config, "memif " + config.name() + " " + own.get("id") + " " + role);
        own.put("mac", MacAddress.toString(mac));
        boolean server = role.equals("server");
        EthernetPort port = EthernetPort.attach(
                "vdev",
                nextInstance(),
                driverArguments(own, config.arguments()),
                "cannot open memif '" + config.name() + "' as " + role,
                server
                        ? "use a socket that no other process listens on, in a directory that this process may write"
                        : START_THE_SERVER);
        if (server) {
            SERVED.merge(config.name(), 1, Integer::sum);
        }
        return new Attachment(
                port,
                mac,
                Integer.MAX_VALUE,
                Set.of(),
                trustsChecksums(config),
                false,
                () -> {
                    PortCalls.trustChecksums(port.number(), trustsChecksums(config));
                    guard(port);
                },
                () -> {},
                () -> {
                    PortCalls.unguardMemif(port.number());
                    if (server) {
                        SERVED.computeIfPresent(config.name(), (key, count) -> count == 1 ? null : count - 1);
                    }
                },
                ReceiveDescriptors.NONE);
    }

    @Override
    String startRemedy(DeviceConfig config) {
        if (role(config).equals("server")) {
            return "give the socket a name that this process may make, in a directory that exists (ix.iface)";
        }
        int rc = probe(socket(config), isAbstract(config));
        if (rc == -Libc.ECONNREFUSED || rc == -Libc.ENOENT) {
            return "no process listens on the socket, and this end is role=client: " + START_THE_SERVER;
        }
        // EPROTOTYPE: somebody listens with memif's socket type.
        return rc >= 0
                ? "what listens on the socket is no memif server: give ix.iface another name, at both ends"
                : rc == -Libc.EPROTOTYPE
                        ? "the server on this socket does not take this client: see whether another client has it, and"
                                + " whether both ends have the same id (ix.deviceArgs)"
                        : "the socket cannot be reached (" + Libc.errorText(-rc)
                                + "): see who may read and write the file and its directory, or use another (ix.iface)";
    }

    @Override
    int configuredMtuBytes(int mtuBytes) {
        return Math.min(mtuBytes, ANNOUNCED_MTU_BYTES);
    }

    private static void guard(EthernetPort port) {
        int rc = PortCalls.guardMemif(port.number());
        if (rc < 0) {
            System.getLogger(MemifPorts.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "{0}: DPDK''s memif driver cannot be guarded ({1}); the process may crash when its peer leaves",
                            port.name(),
                            Libc.errorText(-rc));
        }
    }

    private static int bufferBytes(DeviceConfig config) {
        int frame = config.mtuBytes() + ETHERNET_BYTES;
        return Math.max(BUFFER_BYTES, (frame + 63) & ~63); // whole cache lines
    }

    private static String role(DeviceConfig config) {
        return config.arguments().getOrDefault("role", "client");
    }

    private static boolean isAbstract(DeviceConfig config) {
        return config.name().startsWith("@");
    }

    private static String socket(DeviceConfig config) {
        return isAbstract(config) ? config.name().substring(1) : config.name();
    }

    /** Removes a dead socket file; refuses a live socket of another process. */
    private static void makeSocketFree(DeviceConfig config) {
        if (SERVED.containsKey(config.name())) {
            return;
        }
        Path file = Path.of(socket(config));
        boolean isFile = !isAbstract(config);
        if (isFile && !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int rc = probe(socket(config), !isFile);
        // ECONNREFUSED: nobody listens. EPROTOTYPE: somebody does, with memif's socket type.
        if (rc != -Libc.ECONNREFUSED && rc != -Libc.ENOENT) {
            boolean listening = rc >= 0 || rc == -Libc.EPROTOTYPE;
            throw new DeviceException("memif socket '" + config.name() + "' "
                    + (listening ? "is in use: another process listens on it" : "is not usable: " + Libc.errorText(-rc))
                    + "; remedy: use another socket name, role=client, or stop that process");
        }
        if (isFile) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new DeviceException(
                        "cannot remove the stale memif socket '" + file + "': " + e + "; remedy: rm " + file, e);
            }
        }
    }

    private static int probe(String socket, boolean isAbstract) {
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        int descriptor = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM);
        if (descriptor < 0) {
            return descriptor;
        }
        try (Arena arena = Arena.ofConfined()) {
            // The driver passes an abstract name with the whole sun_path, zeros at its end included.
            MemorySegment address = arena.allocate(110, 2);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Libc.AF_UNIX);
            MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, isAbstract ? 3 : 2, path.length);
            return Libc.connect(descriptor, address);
        } finally {
            Libc.close(descriptor);
        }
    }
}
