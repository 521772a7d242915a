package org.ixnet.examples;

import java.util.concurrent.TimeUnit;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.DataplaneSnapshot;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.DeviceStatistics;

/** Prints what the dataplane of a running server counts, at an interval. Thread rule: {@link #close} from any thread. */
final class Report implements AutoCloseable {
    private final Thread printer;

    /** @param seconds between two lines, at least 1 */
    Report(int seconds) {
        printer = Thread.ofPlatform().daemon().name("report").start(() -> run(seconds));
    }

    private static void run(int seconds) {
        // The same configuration as the server's, so this is the server's dataplane.
        Dataplane dataplane = Dataplane.acquire(IxConfig.fromSystemProperties());
        try {
            while (true) {
                TimeUnit.SECONDS.sleep(seconds);
                System.out.println(line(dataplane.snapshot()));
                System.out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            dataplane.release();
        }
    }

    private static String line(DataplaneSnapshot snapshot) {
        DeviceStatistics device = snapshot.deviceStatistics();
        return "ix: %s received %d packets, sent %d; TCP segments in %d, out %d, retransmitted %d; dropped %d; %d connections"
                .formatted(
                        snapshot.driver(),
                        device.rxPackets(),
                        device.txPackets(),
                        sum(snapshot, "tcp.SEGMENTS_RECEIVED"),
                        sum(snapshot, "tcp.SEGMENTS_SENT"),
                        sum(snapshot, "tcp.RETRANSMITTED_SEGMENTS"),
                        sum(snapshot, "tcp.DROPPED_") + sum(snapshot, "ip.DROPPED_") + device.rxMissed(),
                        snapshot.connections().size());
    }

    /** Sum over the threads of the counters whose names begin with {@code prefix}. */
    private static long sum(DataplaneSnapshot snapshot, String prefix) {
        return snapshot.threads().stream()
                .flatMap(thread -> thread.counters().entrySet().stream())
                .filter(counter -> counter.getKey().startsWith(prefix))
                .mapToLong(counter -> counter.getValue())
                .sum();
    }

    @Override
    public void close() {
        printer.interrupt();
        try {
            printer.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
