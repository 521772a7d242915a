package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a DPDK program that is not ours gets its memory: from hugepages when there are enough. Thread rule: any thread. */
final class Hugepages {
    private static final int MEBIBYTES = 192;

    private static final String WITH = "--in-memory -m " + MEBIBYTES;
    /** DPDK 22.11 refuses --in-memory without hugepages; --no-shconf leaves no files behind either. */
    private static final String WITHOUT = "--no-huge --no-shconf -m " + MEBIBYTES;

    private Hugepages() {}

    static String ealArguments() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith("HugePages_Free:")) {
                    // Pages of 2 MB; twice as many as needed, because the other process of the pair wants some too.
                    long free = Long.parseLong(line.replaceAll("\\D", ""));
                    return free > MEBIBYTES ? WITH : WITHOUT;
                }
            }
        } catch (IOException e) {
            // Not readable: do without.
        }
        return WITHOUT;
    }
}
