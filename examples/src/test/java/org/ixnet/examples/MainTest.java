package org.ixnet.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The command line: each mistake is one line with its remedy and exit code 1, and a signal ends a server soon. */
@Timeout(60)
class MainTest {
    private static final long SHUTDOWN_MILLIS = 2000;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "memcached --transport nope | 'nope' is none of ix, epoll, io_uring, nio",
                "memcached --transport nio --port 99999 | must be 0 (any free one) to 65535",
                "memcached --transport nio --port x | Invalid value for option '--port'",
                "memcached --transport nio --loops -1 | --loops is -1",
                "memcached --transport nio --port 0 --memory 0 | --memory",
                "memcached --transport nio --port 0 --memory 1 | raise --memory or lower --max-item-size",
                "memcached --transport nio --port 0 --memory 900000 | does not fit",
                "memcached --transport nio --port 0 --memory 10000000 | must be 1 MiB to 1 TiB",
                "memcached --transport nio --port 0 -I 3x | must be a number",
                "echo --transport nio --port 0 --report 1 | --report is 1; must be 0 or, with --transport ix",
                "memcached --nonsense | Unknown option",
                "echo --transport nio --address no.such.name.invalid | no address or known name",
                "echo --transport nio --port 0 --address 198.51.100.7 | no such address",
                "echo --transport epoll --port 0 --address 198.51.100.7 | no such address",
                "http --transport nio --port 0 --max-content -1 | --max-content",
                "http --transport nio --port 0 --tls jdk | --tls, --certificate and --key go together",
                "http --transport nio --port 0 --tls nope | expected one of [JDK, OPENSSL]",
                "http --transport nio --port 0 --tls openssl --certificate no --key no | cannot use certificate no",
                "'' | no command given",
                "nonsense | nonsense"
            })
    void refusesWithOneLine(String arguments, String message) {
        assertThat(failure(arguments.isBlank() ? new String[0] : arguments.split(" ")))
                .contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nosuch | 1 | unknown key ix.nosuch; must be one of ix.device",
                "mtu | 9001 | mtu is 9001; must be 68..1504 on a device tap",
                "rxBatch | many | rxBatch is \"many\"",
                "config | /nonexistent/file | config is /nonexistent/file"
            })
    void anotherTransportIsNoRemedyForAWrongSetting(String key, String value, String message) {
        try {
            assertThat(failure("echo", "--port", "0", "--ix", key + "=" + value))
                    .contains("transport ix does not start: " + message)
                    .doesNotContain("--transport");
        } finally {
            System.clearProperty("ix." + key);
        }
    }

    @Test
    void anotherTransportIsARemedyForWhatTheMachineLacks() {
        for (Throwable lack : List.of(
                new UnsatisfiedLinkError("no DPDK"),
                new IllegalStateException("wrapped", new DeviceUnavailableException("no right")))) {
            assertThat(StartException.unavailable(Transport.IX, lack))
                    .hasMessageContaining("transport ix cannot be used here: ")
                    .hasMessageEndingWith("; choose another with --transport");
        }
        assertThat(StartException.unavailable(Transport.IX, new DeviceException("iface is taken; remedy: another")))
                .hasMessage("transport ix does not start: iface is taken; remedy: another");
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void saysWhenThePortIsTaken(Transport transport) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            String failure =
                    failure("echo", "--transport", transport.toString(), "--address", "127.0.0.1", "--port", port);
            assertThat(failure).contains("port " + port + " on 127.0.0.1 is taken", "--port");
        }
    }

    @Test
    void helpSucceeds() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThat(Main.run("memcached", "--help")).isZero();
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("--transport", "--memory", "io_uring");
    }

    @ParameterizedTest
    @CsvSource({"nio, memcached", "epoll, memcached", "epoll, echo", "nio, http"})
    void endsSoonOnASignalWithConnectionsOpen(String transport, String command) throws Exception {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                command,
                "--transport",
                transport,
                "--address",
                "127.0.0.1",
                "--port",
                "0",
                "--loops",
                "2"));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            String ready = output.readLine();
            assertThat(ready).matches("listening on 127\\.0\\.0\\.1:\\d+ \\(" + transport + ", 2 loops\\)");
            int port = Integer.parseInt(ready.replaceAll(".*:(\\d+) .*", "$1"));
            try (Socket idle = new Socket("127.0.0.1", port)) {
                long start = System.nanoTime();
                process.toHandle().destroy();
                assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
                long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                assertThat(tookMillis).isLessThan(SHUTDOWN_MILLIS);
                assertThat(output.lines()).as("nothing to complain about").isEmpty();
                assertThat(idle.getInputStream().read())
                        .as("the connection was closed")
                        .isEqualTo(-1);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static String failure(String... arguments) {
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThat(Main.run(arguments)).isEqualTo(1);
        } finally {
            System.setErr(err);
        }
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(text.lines()).as(text).hasSize(1);
        return text;
    }
}
