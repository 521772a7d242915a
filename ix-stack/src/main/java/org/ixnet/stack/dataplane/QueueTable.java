package org.ixnet.stack.dataplane;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceException;

/**
 * Which elastic thread polls which device queue, and the device's RSS that follows from it. Every queue is polled as long as
 * a thread is attached. Thread rule: changes under the lock of {@link Membership}; {@link #transmitter} from any thread.
 */
final class QueueTable {
    private static final int NOBODY = -1;

    private final Device device;
    private final byte[] rssKey;
    private final boolean hardware;
    /** Thread of each queue. */
    private final AtomicIntegerArray owners;

    private volatile String distribution;

    /**
     * @param rssKey 40 bytes
     * @param hardware whether the device's RSS is to be used
     * @param softwareReason why not; for operators
     */
    QueueTable(Device device, byte[] rssKey, boolean hardware, String softwareReason) {
        this.device = device;
        this.rssKey = Arrays.copyOf(
                rssKey, Math.max(rssKey.length, device.capabilities().rssKeyBytes()));
        this.hardware = hardware;
        this.distribution = hardware ? "hardware" : "software (emulated): " + softwareReason;
        this.owners = new AtomicIntegerArray(device.queueCount());
        for (int queue = 0; queue < owners.length(); queue++) {
            owners.set(queue, NOBODY);
        }
    }

    int count() {
        return owners.length();
    }

    /** Who distributes packets, for operators. */
    String distribution() {
        return distribution;
    }

    /** The thread with a device queue that transmits for {@code thread}; -1: there is none. */
    int transmitter(int thread) {
        int first = thread % owners.length();
        for (int i = 0; i < owners.length(); i++) {
            int owner = owners.getAcquire((first + i) % owners.length());
            if (owner != NOBODY) {
                return owner;
            }
        }
        return NOBODY;
    }

    /** Gives {@code thread}, which does not run yet, a queue: one that nobody polls, or one of a thread with several. */
    void join(ElasticThread thread, List<ElasticThread> attached, Membership membership) {
        for (int queue = 0; queue < owners.length(); queue++) {
            if (owners.get(queue) == NOBODY) {
                owners.setRelease(queue, thread.index());
                thread.addQueue(queue);
            }
        }
        if (queuesOf(thread) > 0) {
            return;
        }
        ElasticThread richest =
                attached.stream().max(Comparator.comparingInt(this::queuesOf)).orElse(thread);
        if (queuesOf(richest) > 1) {
            int queue = lastQueueOf(richest);
            // It is the new thread's from now on; it polls it once the old one has let go.
            owners.setRelease(queue, thread.index());
            richest.message(() -> membership.letGo(richest, queue));
        }
    }

    /** Thread that is to poll {@code queue}; -1: nobody. */
    int owner(int queue) {
        return owners.getAcquire(queue);
    }

    private int queuesOf(ElasticThread thread) {
        int count = 0;
        for (int queue = 0; queue < owners.length(); queue++) {
            count += owners.get(queue) == thread.index() ? 1 : 0;
        }
        return count;
    }

    private int lastQueueOf(ElasticThread thread) {
        int last = NOBODY;
        for (int queue = 0; queue < owners.length(); queue++) {
            last = owners.get(queue) == thread.index() ? queue : last;
        }
        return last;
    }

    /** Device queues of a thread that leaves, with the threads that poll them next. */
    record Handover(List<Integer> queues, List<ElasticThread> takers) {
        /** The leaver has finished with the queues. */
        void deliver() {
            for (int i = 0; i < queues.size(); i++) {
                ElasticThread taker = takers.get(i);
                int queue = queues.get(i);
                taker.message(() -> taker.addQueue(queue));
            }
        }
    }

    /** Finds new owners for the queues of {@code leaver} among {@code rest}. */
    Handover leave(ElasticThread leaver, List<ElasticThread> rest) {
        Handover handover = new Handover(new ArrayList<>(), new ArrayList<>());
        for (int queue = 0; queue < owners.length(); queue++) {
            if (owners.get(queue) != leaver.index()) {
                continue;
            }
            if (rest.isEmpty()) {
                owners.setRelease(queue, NOBODY);
                continue;
            }
            ElasticThread taker =
                    rest.stream().min(Comparator.comparingInt(this::queuesOf)).orElseThrow();
            owners.setRelease(queue, taker.index());
            // One that it was to get, but did not yet, its present holder hands to the new owner; see Membership.letGo.
            if (leaver.polls(queue)) {
                handover.queues.add(queue);
                handover.takers.add(taker);
            }
        }
        return handover;
    }

    /** Programs the device so that each flow group arrives at the queue of its owner, where the device can. */
    void programRss(AtomicIntegerArray groupOwners) {
        if (!hardware || owners.length() == 1) {
            return;
        }
        int[] reta = new int[groupOwners.length()];
        for (int group = 0; group < reta.length; group++) {
            reta[group] = queueFor(groupOwners.get(group));
        }
        try {
            Device.RssState state = device.programRss(rssKey, reta);
            boolean asTold = Arrays.equals(state.key(), rssKey) && Arrays.equals(state.reta(), reta);
            distribution =
                    asTold ? "hardware" : "hardware, corrected in software: the device uses another key or table";
        } catch (DeviceException e) {
            // Packets still arrive, on queues of the device's choice, and are steered in software.
            distribution = "software (emulated): " + e.getMessage();
        }
    }

    private int queueFor(int thread) {
        for (int queue = 0; queue < owners.length(); queue++) {
            if (owners.get(queue) == thread) {
                return queue;
            }
        }
        return thread % owners.length();
    }
}
