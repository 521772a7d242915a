package org.ixnet.examples;

import java.io.File;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ixnet.stack.dataplane.Cidr;
import org.ixnet.stack.dataplane.IxConfig;
import org.jspecify.annotations.Nullable;

/**
 * From where a client of the kernel reaches a server that {@code ./ix run} has put into a network namespace. Where none does,
 * over shared memory for example, there is nothing to say. Thread rule: stateless.
 */
final class Reach {
    /** The namespace of the kernel's end of the wire, as the launcher says; without it there is none. */
    static final String NAMESPACE_KEY = "ix.launcher.clientNetns";

    private Reach() {}

    /**
     * A line for the user of a server that listens at {@code bound}; null when no kernel client reaches it.
     *
     * @param client the command that speaks with it, with {@code HOST} and {@code PORT}
     */
    static @Nullable String hint(Transport transport, InetSocketAddress bound, String client) {
        String namespace = System.getProperty(NAMESPACE_KEY);
        String host = namespace == null
                ? null
                : transport == Transport.IX ? hostOnTap(IxConfig.fromSystemProperties(), bound) : hostOfKernel(bound);
        if (host == null) {
            return null;
        }
        String command = client.replace("HOST", host).replace("PORT", Integer.toString(bound.getPort()));
        return "ix: from another terminal:  ip netns exec " + namespace + " " + command + whereToGet(command);
    }

    /** The own address that the host's side of the TAP has in its network, when the server listens on it. */
    static @Nullable String hostOnTap(IxConfig config, InetSocketAddress bound) {
        Cidr host = config.hostAddress();
        if (!config.device().equals("tap") || host == null) {
            return null;
        }
        for (Cidr own : config.addresses()) {
            String address = own.address().toString();
            boolean inNetwork = (own.lo() ^ host.lo()) >>> (Integer.SIZE - host.prefixBits()) == 0;
            if (inNetwork
                    && (isAny(bound) || bound.getAddress().getHostAddress().equals(address))) {
                return address;
            }
        }
        return null;
    }

    private static @Nullable String hostOfKernel(InetSocketAddress bound) {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                    .filter(address -> isAny(bound) || address.equals(bound.getAddress()))
                    .map(InetAddress::getHostAddress)
                    .findFirst()
                    .orElse(null);
        } catch (SocketException e) {
            return null;
        }
    }

    private static boolean isAny(InetSocketAddress bound) {
        return bound.getAddress().isAnyLocalAddress();
    }

    private static String whereToGet(String command) {
        String program = command.substring(0, command.indexOf(' '));
        String path = System.getenv().getOrDefault("PATH", "");
        for (String directory : path.split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return "";
            }
        }
        return "   (apt-get install " + (program.equals("nc") ? "netcat-openbsd" : program) + ")";
    }
}
