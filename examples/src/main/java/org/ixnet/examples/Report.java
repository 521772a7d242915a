package org.ixnet.examples;

import java.util.concurrent.TimeUnit;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.DataplaneSnapshot;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceStatistics;

/** Prints what the dataplane of a running server counts, at an interval, until the server ends. Thread rule: any thread. */
final class Report {
    private Report() {}

    /** @param seconds between two lines, at least 1 */
    static void start(int seconds) {
        // The same configuration as the server's, so this is the server's dataplane; it closes with the server all the
        // same.
        Dataplane dataplane = Dataplane.acquire(IxConfig.fromSystemProperties());
        dataplane.release();
        Thread.ofPlatform().daemon().name("report").start(() -> {
            try {
                while (true) {
                    TimeUnit.SECONDS.sleep(seconds);
                    System.out.println(line(dataplane.snapshot()));
                    System.out.flush();
                }
            } catch (InterruptedException | DeviceException e) {
                // The device has closed with the server.
                Thread.currentThread().interrupt();
            }
        });
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
}
