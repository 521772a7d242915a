package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs short commands of the system ({@code ip}, {@code sysctl}, {@code git}). Thread rule: any thread. */
public final class Shell {
    private static final long TIMEOUT_SECONDS = 30;

    private Shell() {}

    /**
     * Runs {@code command} and returns what it printed.
     *
     * @throws IOException with the command and its output when it fails
     */
    public static String run(String... command) throws IOException {
        return run(Arrays.asList(command));
    }

    /** As {@link #run(String...)}. */
    public static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " took more than " + TIMEOUT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(command + " was interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", command) + " failed with " + process.exitValue() + ": " + output.strip());
        }
        return output;
    }

    /** Runs {@code command} and lets it fail, for taking away what may be gone already. */
    static void attempt(String... command) {
        try {
            run(command);
        } catch (IOException e) {
            // Gone already.
        }
    }
}
