package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What memory this machine has left, and how a DPDK program that is not ours gets its own. Thread rule: any thread. */
public final class MachineMemory {
    private static final int DPDK_MEBIBYTES = 192;

    private static final String WITH = "--in-memory -m " + DPDK_MEBIBYTES;
    /** DPDK 22.11 refuses --in-memory without hugepages; --no-shconf leaves no files behind either. */
    private static final String WITHOUT = "--no-huge --no-shconf -m " + DPDK_MEBIBYTES;

    private MachineMemory() {}

    /** What new processes can have without swapping; 0 when the system does not tell. */
    public static long availableMebibytes() {
        return number("MemAvailable:") >> 10;
    }

    /** From hugepages when there are enough. */
    static String ealArguments() {
        // Pages of 2 MB; twice as many as needed, because the other process of the pair wants some too.
        return number("HugePages_Free:") > DPDK_MEBIBYTES ? WITH : WITHOUT;
    }

    private static long number(String key) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith(key)) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            // Not readable: do without.
        }
        return 0;
    }
}
