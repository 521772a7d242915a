package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a DPDK program that is not ours gets its memory: from hugepages when there are enough. Thread rule: any thread. */
final class Hugepages {
    private static final int MEBIBYTES = 128;

    private Hugepages() {}

    static String ealArguments() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith("HugePages_Free:")) {
                    long free = Long.parseLong(line.replaceAll("\\D", ""));
                    return (free * 2 > 2 * MEBIBYTES ? "-m " : "--no-huge -m ") + MEBIBYTES;
                }
            }
        } catch (IOException e) {
            // Not readable: do without.
        }
        return "--no-huge -m " + MEBIBYTES;
    }
}
