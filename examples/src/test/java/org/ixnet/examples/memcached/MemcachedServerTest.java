package org.ixnet.examples.memcached;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.ixnet.examples.Server;
import org.ixnet.examples.Service;
import org.ixnet.examples.Transport;
import org.ixnet.examples.Transports;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.StoreConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The memcached server over real sockets, on every transport of the kernel. */
@Timeout(120)
class MemcachedServerTest {
    private static final int LARGE_BYTES = 900_000;

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void holdsTheScripts(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            for (String name : new String[] {"text.script", "meta.script"}) {
                Script.Part part = Script.load(name).parts().getFirst();
                byte[] answer = converse(server.address(), part.request());
                assertThat(part.matches(answer))
                        .as("%s answered%n%s", name, new String(answer, StandardCharsets.ISO_8859_1))
                        .isTrue();
            }
        }
    }

    /** Proves the scripts: the memcached of the distribution must give the same answers. */
    @Test
    void memcachedItselfHoldsTheScripts() throws Exception {
        Path program = Path.of("/usr/bin/memcached");
        assumeTrue(Files.isExecutable(program), "memcached is not installed");
        int port = freePort();
        Process process = new ProcessBuilder(
                        program.toString(), "-u", "root", "-l", "127.0.0.1", "-p", Integer.toString(port), "-U", "0")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            awaitListening(address);
            for (String name : new String[] {"text.script", "meta.script"}) {
                Script.Part part = Script.load(name).parts().getFirst();
                byte[] request = Arrays.copyOf(part.request(), part.request().length + 6);
                // memcached drops its answers when the client has shut down; so it is told to quit instead.
                System.arraycopy("quit\r\n".getBytes(StandardCharsets.US_ASCII), 0, request, part.request().length, 6);
                byte[] answer = converse(address, request);
                assertThat(part.matches(answer))
                        .as("%s answered%n%s", name, new String(answer, StandardCharsets.ISO_8859_1))
                        .isTrue();
            }
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void passesMemccapable(Transport transport) throws Exception {
        Path program = Path.of("/usr/bin/memccapable");
        assumeTrue(Files.isExecutable(program), "libmemcached-tools is not installed");
        try (Server server = start(transport)) {
            String port = Integer.toString(server.address().getPort());
            Process process = new ProcessBuilder(program.toString(), "-h", "127.0.0.1", "-p", port)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(output).contains("All tests passed").doesNotContain("[FAIL]");
            assertThat(output.lines().filter(line -> line.contains("[pass]"))).hasSize(54);
        }
    }

    /** A client that asks for much and reads nothing must not make the server keep all answers in memory. */
    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void waitsForAClientThatDoesNotRead(Transport transport) throws Exception {
        int requests = 200;
        try (Server server = start(transport);
                Socket slow = connect(server.address());
                Socket other = connect(server.address())) {
            byte[] value = new byte[LARGE_BYTES];
            Arrays.fill(value, (byte) 'v');
            OutputStream out = slow.getOutputStream();
            out.write(("set large 0 0 " + LARGE_BYTES + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(value);
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(slow.getInputStream().readNBytes(8)).asString().isEqualTo("STORED\r\n");
            // Both forms: many lines, and many keys in one line.
            out.write("get large\r\n".repeat(requests).getBytes(StandardCharsets.US_ASCII));
            out.write(("get" + " large".repeat(requests) + "\r\nversion\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
            long written = settled(other);
            // What the kernel's buffers and the write buffer hold, but not 2 x 200 x 900 kB.
            assertThat(written).isLessThan(64L << 20);
            String item =
                    "VALUE large 0 " + LARGE_BYTES + "\r\n" + new String(value, StandardCharsets.US_ASCII) + "\r\n";
            for (int i = 0; i < requests; i++) {
                expect(slow.getInputStream(), item + "END\r\n");
            }
            for (int i = 0; i < requests; i++) {
                expect(slow.getInputStream(), item);
            }
            expect(slow.getInputStream(), "END\r\nVERSION 1.6.18-ix\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void freesTheValueOfAClientThatVanishes(Transport transport) throws Exception {
        try (Server server = start(transport);
                Socket other = connect(server.address())) {
            for (int i = 0; i < 10; i++) {
                try (Socket vanishing = connect(server.address())) {
                    vanishing.setSoLinger(true, 0);
                    String begun = "set k" + i + " 0 0 " + LARGE_BYTES + "\r\nbegin";
                    vanishing.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
                    // Reset only then: io_uring of Netty 4.2.17 overlooks a reset that comes before the first read.
                    await(() -> statistic(other, "bytes") > 0);
                }
                await(() -> statistic(other, "bytes") == 0);
            }
            await(() -> statistic(other, "curr_connections") == 1);
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < 400; i++) {
            if (condition.call()) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(25);
        }
        throw new AssertionError("did not come true within 10 s");
    }

    /** Returns what the server has written when that no longer grows. */
    private static long settled(Socket other) throws Exception {
        long before = -1;
        long now = statistic(other, "bytes_written");
        while (now - before > 10_000) {
            TimeUnit.MILLISECONDS.sleep(200);
            before = now;
            now = statistic(other, "bytes_written");
        }
        return now;
    }

    private static long statistic(Socket socket, String name) throws IOException {
        socket.getOutputStream().write("stats\r\n".getBytes(StandardCharsets.US_ASCII));
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().endsWith("END\r\n")) {
            answer.append((char) socket.getInputStream().read());
        }
        String line = answer.toString()
                .lines()
                .filter(each -> each.startsWith("STAT " + name + " "))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    private static void expect(InputStream in, String text) throws IOException {
        byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
        byte[] actual = in.readNBytes(expected.length);
        assertThat(Arrays.equals(actual, expected)).isTrue();
    }

    /** Sends all, ends its side, and returns what comes until the server ends its own. */
    private static byte[] converse(InetSocketAddress address, byte[] request) throws IOException {
        try (Socket socket = connect(address)) {
            socket.getOutputStream().write(request);
            if (!new String(request, StandardCharsets.ISO_8859_1).endsWith("quit\r\n")) {
                socket.shutdownOutput();
            }
            return socket.getInputStream().readAllBytes();
        }
    }

    private static Server start(Transport transport) throws Exception {
        StoreConfig config = new StoreConfig(8 << 20, 1 << 20, 42);
        Service service = MemcachedCommand.service(config, CacheClock.system(), 2);
        return Transports.start(transport, service);
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void awaitListening(InetSocketAddress address) throws Exception {
        for (int i = 0; i < 100; i++) {
            try {
                connect(address).close();
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new IOException("nothing listens on " + address);
    }
}
