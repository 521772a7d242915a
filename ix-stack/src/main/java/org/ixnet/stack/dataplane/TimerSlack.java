package org.ixnet.stack.dataplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How late Linux may end the sleeps of the calling thread: 50 us by default, which is more than the shortest sleep of the
 * {@link IdlePolicy} is long. Where it cannot be set (another system, no {@code /proc}) sleeps last longer, nothing else.
 * Source: prctl(2), PR_SET_TIMERSLACK; proc_pid_timerslack_ns(5). Thread rule: the thread that it is about.
 */
final class TimerSlack {
    /** Least slack there is. */
    private static final String LEAST_NANOS = "1";
    /** Makes the kernel take the thread's default again. */
    private static final String DEFAULT = "0";

    private TimerSlack() {}

    /** Sleeps of this thread end when they are due. */
    static boolean least() {
        return set(LEAST_NANOS);
    }

    /** Sleeps of this thread end as late as they would have without {@link #least}. */
    static boolean usual() {
        return set(DEFAULT);
    }

    private static boolean set(String nanos) {
        try {
            Files.writeString(file(), nanos);
            return true;
        } catch (IOException | SecurityException e) {
            return false;
        }
    }

    /** The file stands under the thread's own number, not in its process's list of threads. */
    static Path file() throws IOException {
        Path thread = Path.of("/proc/thread-self").toRealPath();
        return Path.of("/proc", thread.getFileName().toString(), "timerslack_ns");
    }
}
