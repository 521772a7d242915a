package org.ixnet.stack.dataplane;

import java.util.Arrays;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.jspecify.annotations.Nullable;

/** The device queues that one elastic thread polls; it transmits on the first. Thread rule: the elastic thread. */
final class QueueSet {
    private final Device device;
    private int[] indexes = {};
    private DeviceQueue[] queues = {};
    private int firstInTurn;

    QueueSet(Device device) {
        this.device = device;
    }

    int count() {
        return queues.length;
    }

    /** Begins a cycle: the queues take turns in being the first, since a full one uses up the cycle's bound. */
    void nextTurn() {
        firstInTurn = firstInTurn + 1 < queues.length ? firstInTurn + 1 : 0;
    }

    /** Indexes of the queues; not to be written. */
    int[] indexes() {
        return indexes;
    }

    /** Queue {@code i} of this turn, 0..{@link #count}-1. */
    DeviceQueue inTurn(int i) {
        int at = firstInTurn + i;
        return queues[at < queues.length ? at : at - queues.length];
    }

    /** The queue to transmit on; null: none. */
    @Nullable
    DeviceQueue first() {
        return queues.length == 0 ? null : queues[0];
    }

    boolean contains(int queue) {
        return Arrays.stream(indexes).anyMatch(index -> index == queue);
    }

    void add(int queue) {
        int[] more = Arrays.copyOf(indexes, indexes.length + 1);
        more[indexes.length] = queue;
        set(more);
    }

    void remove(int queue) {
        set(Arrays.stream(indexes).filter(index -> index != queue).toArray());
    }

    private void set(int[] newIndexes) {
        indexes = newIndexes;
        firstInTurn = 0;
        queues = Arrays.stream(newIndexes).mapToObj(device::queue).toArray(DeviceQueue[]::new);
    }
}
