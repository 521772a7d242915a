package org.ixnet.examples;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.stream.Stream;

/** The kernel's transports that this machine has; each test of a server runs on all of them. */
public final class Transports {
    private Transports() {}

    /** Returns those that are available; epoll and nio must be. */
    public static Stream<Transport> kernel() {
        return Stream.of(Transport.NIO, Transport.EPOLL, Transport.IO_URING)
                .filter(transport -> transport != Transport.IO_URING || transport.unavailabilityCause() == null);
    }

    /** Starts a server on the kernel's loopback, at any free port, with two event loops. */
    public static Server start(Transport transport, Service service) throws StartException {
        return Server.start(transport, 2, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), true, service);
    }
}
