package org.ixnet.dpdk;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ixnet.dpdk.samples.Reflector;

/** The reflector sample in a process of its own. */
final class ReflectorProcess implements AutoCloseable {
    private final Process process;
    private final StringBuffer output = new StringBuffer();

    private ReflectorProcess(Process process) {
        this.process = process;
    }

    /** Starts one and waits until it reflects, or has failed. */
    static ReflectorProcess start(List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        // It ends with the tests, however they end.
        command.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Reflector.class.getName()));
        command.addAll(List.of(arguments));
        ReflectorProcess reflector = new ReflectorProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(reflector.process.getInputStream(), StandardCharsets.UTF_8));
        String line;
        while ((line = lines.readLine()) != null) {
            reflector.output.append(line).append('\n');
            if (line.startsWith("reflecting on")) {
                break;
            }
        }
        Thread.ofPlatform().daemon().start(() -> reflector.drain(lines));
        return reflector;
    }

    private void drain(BufferedReader lines) {
        try {
            String line;
            while ((line = lines.readLine()) != null) {
                output.append(line).append('\n');
            }
        } catch (IOException e) {
            output.append(e);
        }
    }

    String output() {
        return output.toString();
    }

    /** Ends it at once, as kill -9 does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends it in order, as Ctrl-C does, and returns its exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        return process.waitFor(20, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    int exitCode() throws InterruptedException {
        return process.waitFor(20, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
