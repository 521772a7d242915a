package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Temporary directories named after this process, so that those of a killed run can be told from those of a running one.
 * Thread rule: any thread.
 */
final class Scratch {
    private static final String PREFIX = "ix-bench-";

    private Scratch() {}

    /** A new, empty directory. */
    static Path directory(String purpose) throws IOException {
        return Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-" + purpose);
    }

    /** Removes {@code directory} and the files in it, as far as they are still there. */
    static void remove(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException | UncheckedIOException e) {
            // Gone already.
        }
    }

    /** Removes what killed runs left. */
    static void removeStale() throws IOException {
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        List<Path> candidates;
        try (Stream<Path> files = Files.list(parent)) {
            candidates = files.filter(Files::isDirectory).toList();
        }
        for (Path candidate : candidates) {
            String name = candidate.getFileName().toString();
            if (name.matches(PREFIX + "\\d+-.*")) {
                long pid = Long.parseLong(name.substring(PREFIX.length()).split("-")[0]);
                if (ProcessHandle.of(pid).isEmpty()) {
                    remove(candidate);
                }
            }
        }
    }
}
