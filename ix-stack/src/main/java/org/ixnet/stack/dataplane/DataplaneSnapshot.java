package org.ixnet.stack.dataplane;

import java.util.List;
import java.util.Map;
import org.ixnet.stack.device.DeviceStatistics;
import org.ixnet.stack.tcp.TcpInfo;

/**
 * What an operator sees of a dataplane. Thread rule: immutable.
 *
 * @param device name of the device
 * @param driver name of its driver
 * @param distribution who distributes packets: {@code hardware}, or {@code software (emulated)}, with the reason
 * @param deviceStatistics the device's own counters
 * @param threads the attached elastic threads
 * @param connections all TCP connections
 */
public record DataplaneSnapshot(
        String device,
        String driver,
        String distribution,
        DeviceStatistics deviceStatistics,
        List<ThreadSnapshot> threads,
        List<ConnectionSnapshot> connections) {

    /**
     * One elastic thread.
     *
     * @param index its slot
     * @param queues the device queues that it polls
     * @param flowGroups flow groups that it owns
     * @param busyShare share of its time in cycles that did work, 0..1
     * @param heldMbufs received mbufs that users hold
     * @param counters all counters by name
     * @param batchSizes cycles that received 0, 1, 2 ... {@code rxBatch} packets
     */
    public record ThreadSnapshot(
            int index,
            List<Integer> queues,
            int flowGroups,
            double busyShare,
            long heldMbufs,
            Map<String, Long> counters,
            List<Long> batchSizes) {}

    /**
     * One connection.
     *
     * @param thread index of its elastic thread
     * @param local address and port
     * @param remote address and port
     * @param info state, windows, round-trip time, queues
     */
    public record ConnectionSnapshot(int thread, String local, String remote, TcpInfo info) {}
}
