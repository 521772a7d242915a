package org.ixnet.stack.tcp;

import java.net.BindException;
import java.net.NoRouteToHostException;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.tcp.script.TestHost;
import org.ixnet.stack.util.IpAddresses;

/**
 * Requests and answers of one size between connections of one host over its internal loopback: the whole TCP and IP path
 * without any wire. Run {@link #main} for a rate.
 */
final class EchoLoad implements AutoCloseable {
    private static final int MESSAGE_BYTES = 64;
    private static final long START_NANOS = 1_000_000_000L;

    private final VirtualLink link;
    private final TestHost host;
    private final long message;
    private long nowNanos = START_NANOS;
    private long answers;
    private int connected;

    EchoLoad(int connections) throws BindException, NoRouteToHostException {
        link = new VirtualLink(
                VirtualLink.End.of("a", 0x02_00_00_00_00_01L).withMbufs(8192, 2048),
                VirtualLink.End.of("b", 0x02_00_00_00_00_02L),
                () -> nowNanos,
                1);
        host = new TestHost(link.a(), "10.0.0.1", TcpConfig.DEFAULT, 1, nowNanos);
        message = host.arena.allocate(MESSAGE_BYTES).address();
        TcbOptions options = new TcbOptions();
        options.noDelay = true;
        Server server = new Server();
        host.calls().listen(0, 0, 7, connections, options, listener -> {
            Tcb tcb;
            while ((tcb = host.calls().accept(listener)) != null) {
                host.calls().attach(tcb, server);
            }
        });
        Client client = new Client();
        for (int i = 0; i < connections; i++) {
            host.calls().open(0, 0, 0, 0, IpAddresses.parseIpv4("10.0.0.1"), 7, options.copy(), client);
            if (i % 64 == 63) {
                cycles(10);
            }
        }
        while (connected < connections) {
            cycles(1);
        }
    }

    private int drain(Tcb tcb) {
        UserCalls calls = host.calls();
        int bytes = 0;
        long mbuf;
        while ((mbuf = calls.receive(tcb)) != 0) {
            int length = Mbuf.payloadLengthBytes(mbuf);
            bytes += length;
            host.mempool.free(mbuf);
            calls.receiveDone(tcb, length);
        }
        return bytes;
    }

    private final class Server implements ConnectionUser {
        @Override
        public void connected(Tcb tcb) {}

        @Override
        public void readable(Tcb tcb) {
            int bytes = drain(tcb);
            for (int i = 0; i < bytes; i += MESSAGE_BYTES) {
                host.calls().send(tcb, message, MESSAGE_BYTES);
            }
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {}

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            throw new AssertionError(reason);
        }
    }

    private final class Client implements ConnectionUser {
        @Override
        public void connected(Tcb tcb) {
            connected++;
            host.calls().send(tcb, message, MESSAGE_BYTES);
        }

        @Override
        public void readable(Tcb tcb) {
            int bytes = drain(tcb);
            answers += bytes / MESSAGE_BYTES;
            host.calls().send(tcb, message, MESSAGE_BYTES);
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {}

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            throw new AssertionError(reason);
        }
    }

    /** Runs cycles of 20 us of virtual time each. */
    void cycles(int count) {
        for (int i = 0; i < count; i++) {
            nowNanos += 20_000;
            host.poll(nowNanos);
        }
    }

    long answers() {
        return answers;
    }

    TestHost host() {
        return host;
    }

    @Override
    public void close() {
        host.close();
        link.close();
    }

    /** Prints requests per second; both ends of each run on this one thread. */
    public static void main(String[] arguments) throws Exception {
        int connections = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 64;
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        try (EchoLoad load = new EchoLoad(connections)) {
            for (int round = 0; round < 6; round++) {
                long before = load.answers();
                long start = threads.getCurrentThreadCpuTime();
                long nanos;
                do {
                    load.cycles(1000);
                    nanos = threads.getCurrentThreadCpuTime() - start;
                } while (nanos < 2_000_000_000L);
                double seconds = nanos / 1e9;
                System.out.printf(
                        "%d connections: %.0f requests with answers per second of CPU time%n",
                        connections, (load.answers() - before) / seconds);
            }
        }
    }
}
