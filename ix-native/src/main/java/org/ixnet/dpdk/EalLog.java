package org.ixnet.dpdk;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.ixnet.dpdk.ffi.EalCalls;

/**
 * What DPDK logs. The shim holds the text; each control call of this module moves it here, to the logger
 * {@code org.ixnet.dpdk.eal} at level DEBUG, and keeps the last lines for error messages. Thread rule: any, synchronized.
 */
public final class EalLog {
    private static final System.Logger LOGGER = System.getLogger("org.ixnet.dpdk.eal");
    private static final int LINES_KEPT = 256;
    private static final int LINES_IN_MESSAGE = 6;

    private static final Deque<String> LINES = new ArrayDeque<>();
    /** Lines since {@link #mark}: what an error message quotes. */
    private static final List<String> SINCE_MARK = new ArrayList<>();

    private EalLog() {}

    /** The last lines that DPDK logged, oldest first. */
    public static synchronized List<String> lines() {
        drain();
        return List.copyOf(LINES);
    }

    /** Starts a control call: later {@link #complaints} quotes what is logged from here on. */
    static synchronized void mark() {
        drain();
        SINCE_MARK.clear();
    }

    /** Lines since {@link #mark}, without those that are known to be harmless; the last few. */
    static synchronized List<String> complaints() {
        drain();
        List<String> lines =
                SINCE_MARK.stream().filter(line -> !harmless(line)).distinct().toList();
        return lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGE), lines.size());
    }

    private static boolean harmless(String line) {
        return line.startsWith("EAL: Detected")
                || line.startsWith("EAL: Static memory layout")
                || line.startsWith("EAL: Selected IOVA mode")
                || line.startsWith("EAL: Multi-process socket")
                || line.contains("Failed to register mp action callback")
                || line.startsWith("TELEMETRY:");
    }

    static synchronized void drain() {
        for (String line : EalCalls.drainLog().split("\n")) {
            if (!line.isBlank()) {
                LOGGER.log(System.Logger.Level.DEBUG, line);
                LINES.addLast(line.strip());
                SINCE_MARK.add(line.strip());
                if (LINES.size() > LINES_KEPT) {
                    LINES.removeFirst();
                }
            }
        }
        if (SINCE_MARK.size() > LINES_KEPT) {
            SINCE_MARK.subList(0, SINCE_MARK.size() - LINES_KEPT).clear();
        }
    }
}
