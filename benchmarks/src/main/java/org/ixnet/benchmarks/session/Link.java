package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Wire} that is set up: namespaces, interfaces and addresses, and what IX must be told to use them. Thread rule: the
 * orchestrator's main thread; {@link #close} also from the shutdown hook.
 */
final class Link implements AutoCloseable {
    /** All namespaces begin so; what is left of a killed run is found by it. */
    static final String NAMESPACE_PREFIX = "ix-bench-";

    private static final String SERVER_INTERFACE = "ixb-s";
    private static final String CLIENT_INTERFACE = "ixb-c";
    private static final String TAP_INTERFACE = "ixb-tap";

    private final Wire wire;
    private final String serverNamespace;
    private final String clientNamespace;
    private final @Nullable Path directory;
    private final List<String> namespaces = new ArrayList<>();

    private Link(Wire wire, String name, @Nullable Path directory) {
        this.wire = wire;
        boolean twoNamespaces = wire == Wire.VETH || wire == Wire.AF_XDP;
        this.serverNamespace = NAMESPACE_PREFIX + name + "-s";
        this.clientNamespace = twoNamespaces ? NAMESPACE_PREFIX + name + "-c" : serverNamespace;
        this.directory = directory;
    }

    /** One that is not set up, to ask what IX would be told. */
    static Link planned(Wire wire) {
        return new Link(wire, "planned", null);
    }

    /**
     * @param name makes the namespaces' names unique
     * @param addresses server addresses wanted, 1..100, one a server process
     */
    static Link open(Contender contender, String name, int addresses) throws IOException {
        Wire wire = contender.wire();
        Path directory = wire == Wire.MEMIF ? Scratch.directory("memif") : null;
        Link link = new Link(wire, name, directory);
        try {
            link.addNamespace(link.serverNamespace);
            if (!link.clientNamespace.equals(link.serverNamespace)) {
                link.addNamespace(link.clientNamespace);
                link.addVeth(contender, addresses);
            }
        } catch (IOException | RuntimeException e) {
            link.close();
            throw e;
        }
        return link;
    }

    private void addNamespace(String namespace) throws IOException {
        Shell.run("ip", "netns", "add", namespace);
        namespaces.add(namespace);
        Shell.run("ip", "-n", namespace, "link", "set", "lo", "up");
        // Short connections: let the kernel use all ports, and use them again as early as it may.
        Map<String, String> sysctls = Map.of(
                "net.ipv4.ip_local_port_range", "1024 65535",
                "net.ipv4.ip_local_reserved_ports", "7000-7200,11211",
                "net.ipv4.tcp_tw_reuse", "1",
                "net.ipv4.tcp_max_syn_backlog", "8192",
                "net.core.somaxconn", "8192");
        for (Map.Entry<String, String> sysctl : sysctls.entrySet()) {
            Shell.run("ip", "netns", "exec", namespace, "sysctl", "-qw", sysctl.getKey() + "=" + sysctl.getValue());
        }
    }

    private void addVeth(Contender contender, int addresses) throws IOException {
        Shell.run(
                "ip",
                "-n",
                serverNamespace,
                "link",
                "add",
                SERVER_INTERFACE,
                "type",
                "veth",
                "peer",
                "name",
                CLIENT_INTERFACE,
                "netns",
                clientNamespace);
        for (Side side : Side.values()) {
            String namespace = namespace(side);
            String name = interfaceName(side);
            if (contender.kernel(side)) {
                int count = side == Side.SERVER ? addresses : 1;
                for (int i = 0; i < count; i++) {
                    String address = (side == Side.SERVER ? serverAddress(i) : "10.77.0.1") + "/24";
                    Shell.run("ip", "-n", namespace, "address", "add", address, "dev", name);
                }
                if (wire == Wire.AF_XDP) {
                    // A frame that leaves by veth carries no checksum yet; AF_XDP would see it so.
                    Shell.run("ip", "netns", "exec", namespace, "ethtool", "-K", name, "tx", "off");
                }
            }
            Shell.run("ip", "-n", namespace, "link", "set", name, "up");
            // RPS makes the kernel slower on few cores; a namespace may inherit a default that turns it on.
            Shell.run(
                    "ip",
                    "netns",
                    "exec",
                    namespace,
                    "sh",
                    "-c",
                    "for f in /sys/class/net/*/queues/rx-*/rps_cpus; do echo 0 > $f; done");
        }
    }

    String namespace(Side side) {
        return side == Side.SERVER ? serverNamespace : clientNamespace;
    }

    /** The memif socket; null on other wires. */
    @Nullable
    String socket() {
        return directory == null ? null : directory + "/memif.sock";
    }

    /** The kernel's name for the end at {@code side} of a veth pair. */
    String interfaceName(Side side) {
        return side == Side.SERVER ? SERVER_INTERFACE : CLIENT_INTERFACE;
    }

    /** Where server process {@code index} listens. */
    String serverAddress(int index) {
        return switch (wire) {
            case LOOPBACK -> "127.0.0." + (1 + index);
            case TAP -> "10.18.0.2";
            case VETH, AF_XDP, MEMIF -> "10.77.0." + (2 + index);
        };
    }

    /** The {@code ix.*} system properties of the IX end at {@code side}. */
    Map<String, String> ixProperties(Side side) {
        boolean server = side == Side.SERVER;
        Map<String, String> properties = new TreeMap<>();
        properties.put("ix.address", (server ? serverAddress(0) : "10.77.0.1") + "/24");
        switch (wire) {
            case MEMIF -> {
                properties.put("ix.device", "memif");
                properties.put("ix.iface", String.valueOf(socket()));
                properties.put("ix.deviceArgs", server ? "role=server,checksum=trust" : "role=client,checksum=trust");
            }
            case AF_XDP -> {
                properties.put("ix.device", "af_xdp");
                properties.put("ix.iface", interfaceName(side));
            }
            case TAP -> {
                properties.put("ix.device", "tap");
                properties.put("ix.iface", TAP_INTERFACE);
                properties.put("ix.hostAddress", "10.18.0.1/24");
            }
            case LOOPBACK, VETH -> throw new IllegalStateException(wire.label() + " has no IX end");
        }
        return properties;
    }

    /** Deletes namespaces that a killed run of this program left; those of running ones stay. */
    static void removeStale() throws IOException {
        for (String line : Shell.run("ip", "netns", "list").lines().toList()) {
            String namespace = line.split(" ")[0];
            if (namespace.startsWith(NAMESPACE_PREFIX)) {
                String pid = namespace.substring(NAMESPACE_PREFIX.length()).split("-")[0];
                if (pid.matches("\\d+") && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    Shell.attempt("ip", "netns", "delete", namespace);
                }
            }
        }
    }

    @Override
    public void close() {
        for (String namespace : namespaces) {
            Shell.attempt("ip", "netns", "delete", namespace);
        }
        if (directory != null) {
            Scratch.remove(directory);
        }
    }
}
