package org.ixnet.dpdk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.ixnet.dpdk.ffi.Libc;
import org.ixnet.stack.device.DeviceException;

/**
 * The AF_XDP sockets of this process. DPDK's driver (22.11) forgets to close the socket that holds the buffers when its
 * port is closed; the queue then stays busy until the process ends. Thread rule: used while devices are opened and closed.
 */
final class XdpSockets {
    private static final int AF_XDP = 44;

    /** Descriptors, and what /proc says that they are: the number alone may be reused. */
    private final Map<Integer, String> sockets;

    private XdpSockets(Map<Integer, String> sockets) {
        this.sockets = sockets;
    }

    /** The sockets open now. */
    static XdpSockets open() {
        Map<Integer, String> sockets = new HashMap<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path path : descriptors) {
                int descriptor = Integer.parseInt(path.getFileName().toString());
                if (Libc.socketFamily(descriptor) == AF_XDP) {
                    sockets.put(descriptor, Files.readSymbolicLink(path).toString());
                }
            }
        } catch (IOException e) {
            throw new DeviceException("cannot read /proc/self/fd: " + e + "; remedy: mount /proc", e);
        }
        return new XdpSockets(sockets);
    }

    /** Those of this set that are not in {@code others}. */
    XdpSockets without(XdpSockets others) {
        Map<Integer, String> rest = new HashMap<>(sockets);
        rest.entrySet().removeAll(others.sockets.entrySet());
        return new XdpSockets(rest);
    }

    /** The descriptor of the only one in this set, or -1 when there are more or none. */
    int single() {
        return sockets.size() == 1 ? sockets.keySet().iterator().next() : -1;
    }

    /** Closes those of this set that are still open. */
    void close() {
        open().sockets.forEach((descriptor, link) -> {
            if (link.equals(sockets.get(descriptor))) {
                Libc.close(descriptor);
            }
        });
    }
}
