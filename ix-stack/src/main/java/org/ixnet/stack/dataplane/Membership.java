package org.ixnet.stack.dataplane;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.ixnet.stack.flow.FlowGroups;
import org.ixnet.stack.flow.FlowKey;
import org.jspecify.annotations.Nullable;

/**
 * Which elastic threads there are, which device queue each polls, which flow groups each owns, and the rings between them.
 *
 * <p>A flow group changes hands so: the giver, on its own thread, tells the taker which of the group's connections stay
 * behind (strays), raises the {@link #epoch}, and then changes the owner. Whoever sees the new owner therefore also sees a
 * raised epoch, and reads its messages before the first packet of the group. Connections never move with a group, because
 * their users live on the thread; new ones arise at the new owner.
 *
 * <p>Thread rule: attach, detach and role changes from any thread, under one lock; look-ups from any thread without.
 */
final class Membership {
    private static final int RING_PACKETS = 1024;
    /** How long a leaving thread waits for the others to finish the cycle that they are in. */
    private static final long QUIESCE_NANOS = 2_000_000_000L;

    private final int maxThreads;
    private final Arena arena;
    private final FlowGroups flowGroups;
    private final QueueTable queues;
    private final AtomicReferenceArray<@Nullable ElasticThread> threads;
    /** Rings by sender * maxThreads + receiver; made once for a pair of slots and used again. */
    private final AtomicReferenceArray<@Nullable PacketRing> rings;
    /** The rings to each receiver; grows only, since a ring outlives its sender's membership. */
    private final AtomicReferenceArray<PacketRing[]> inbound;
    /** Owner that each flow group is to have; its present owner gives it when it reads the message to do so. */
    private final AtomicIntegerArray desiredOwners;

    private volatile long attachedMask;
    private volatile int epoch;

    Membership(Arena arena, int maxThreads, FlowGroups flowGroups, QueueTable queues) {
        this.maxThreads = maxThreads;
        this.arena = arena;
        this.flowGroups = flowGroups;
        this.queues = queues;
        this.threads = new AtomicReferenceArray<>(maxThreads);
        this.rings = new AtomicReferenceArray<>(maxThreads * maxThreads);
        this.inbound = new AtomicReferenceArray<>(maxThreads);
        for (int to = 0; to < maxThreads; to++) {
            inbound.setRelease(to, new PacketRing[0]);
        }
        this.desiredOwners = new AtomicIntegerArray(flowGroups.count());
    }

    FlowGroups flowGroups() {
        return flowGroups;
    }

    int epoch() {
        return epoch;
    }

    boolean isAttached(int index) {
        return (attachedMask & 1L << index) != 0;
    }

    boolean isEmpty() {
        return attachedMask == 0;
    }

    /** Whether no other thread is attached. */
    boolean isAlone(int index) {
        return attachedMask == 1L << index;
    }

    int count() {
        return Long.bitCount(attachedMask);
    }

    @Nullable
    ElasticThread thread(int index) {
        return threads.getAcquire(index);
    }

    /** The attached threads in the order of their index. */
    List<ElasticThread> attached() {
        List<ElasticThread> attached = new ArrayList<>();
        for (int i = 0; i < maxThreads; i++) {
            ElasticThread thread = threads.getAcquire(i);
            if (thread != null && isAttached(i)) {
                attached.add(thread);
            }
        }
        return attached;
    }

    @Nullable
    PacketRing ring(int from, int to) {
        return rings.getAcquire(from * maxThreads + to);
    }

    /** All rings to a thread. */
    PacketRing[] inbound(int to) {
        return inbound.getAcquire(to);
    }

    /** The thread that transmits for {@code index}, which has no device queue; -1: none has one. */
    int transmitter(int index) {
        return queues.transmitter(index);
    }

    /** Device queues of a thread, for operators. */
    List<Integer> queuesOf(int index) {
        List<Integer> its = new ArrayList<>();
        for (int queue = 0; queue < queues.count(); queue++) {
            if (queues.owner(queue) == index) {
                its.add(queue);
            }
        }
        return its;
    }

    /** Flow groups that a thread owns, for operators. */
    int groupsOf(int index) {
        int count = 0;
        for (int group = 0; group < flowGroups.count(); group++) {
            count += flowGroups.owner(group) == index ? 1 : 0;
        }
        return count;
    }

    String distribution() {
        return queues.distribution();
    }

    void wake(int index) {
        ElasticThread thread = threads.getAcquire(index);
        if (thread != null) {
            thread.wakeIfSleeping();
        }
    }

    /** A free slot, or -1. */
    synchronized int freeSlot() {
        for (int slot = 0; slot < maxThreads; slot++) {
            if (threads.getAcquire(slot) == null) {
                return slot;
            }
        }
        return -1;
    }

    /** Makes {@code thread} a member: rings, a device queue if there is one, flow groups. */
    synchronized void join(ElasticThread thread) {
        int index = thread.index();
        for (ElasticThread other : attached()) {
            makeRing(index, other.index());
            makeRing(other.index(), index);
        }
        threads.setRelease(index, thread);
        attachedMask |= 1L << index;
        queues.join(thread, attached(), this);
        rebalance();
    }

    private void makeRing(int from, int to) {
        int at = from * maxThreads + to;
        if (rings.getPlain(at) == null) {
            PacketRing ring = new PacketRing(arena, RING_PACKETS);
            PacketRing[] before = inbound.getPlain(to);
            PacketRing[] grown = Arrays.copyOf(before, before.length + 1);
            grown[before.length] = ring;
            // The receiver first: it must look into the ring before a sender can use it.
            inbound.setRelease(to, grown);
            rings.setRelease(at, ring);
        }
    }

    /** Deals the flow groups out again after threads came, went or changed their role. */
    synchronized void rebalance() {
        List<ElasticThread> attached = attached();
        if (attached.isEmpty()) {
            return;
        }
        chooseOwners(ownersAmong(attached));
        for (int group = 0; group < flowGroups.count(); group++) {
            if (!isAttached(flowGroups.owner(group))) {
                // Its owner left as the last thread and took its connections with it.
                flowGroups.owner(group, desiredOwners.get(group));
            }
        }
        askGivers(attached);
        queues.programRss(desiredOwners);
    }

    /** The threads that say they own flows; all when none does. */
    private static List<ElasticThread> ownersAmong(List<ElasticThread> threads) {
        List<ElasticThread> owners =
                threads.stream().filter(ElasticThread::ownsFlows).toList();
        return owners.isEmpty() ? threads : owners;
    }

    private void askGivers(List<ElasticThread> threads) {
        long givers = 0;
        for (int group = 0; group < flowGroups.count(); group++) {
            int owner = flowGroups.owner(group);
            givers |= owner != desiredOwners.get(group) ? 1L << owner : 0;
        }
        for (ElasticThread giver : threads) {
            if ((givers & 1L << giver.index()) != 0) {
                giver.message(() -> giveGroups(giver));
            }
        }
    }

    /** Equal shares for {@code owners}, with as few moves as that takes. */
    private void chooseOwners(List<ElasticThread> owners) {
        int[] shares = new int[maxThreads];
        Arrays.fill(shares, -1);
        int count = flowGroups.count();
        for (int i = 0; i < owners.size(); i++) {
            shares[owners.get(i).index()] = count / owners.size() + (i < count % owners.size() ? 1 : 0);
        }
        boolean[] settled = new boolean[count];
        for (int group = 0; group < count; group++) {
            int owner = desiredOwners.get(group);
            if (shares[owner] > 0) {
                shares[owner]--;
                settled[group] = true;
            }
        }
        int next = 0;
        for (int group = 0; group < count; group++) {
            if (settled[group]) {
                continue;
            }
            while (shares[owners.get(next % owners.size()).index()] <= 0) {
                next++;
            }
            int owner = owners.get(next++ % owners.size()).index();
            shares[owner]--;
            desiredOwners.set(group, owner);
        }
    }

    /** Gives away what {@code giver} owns and should not. Runs on the giver's thread. */
    synchronized void giveGroups(ElasticThread giver) {
        // Strays that were announced before the group goes must go with it.
        giver.inbox().runMessages();
        int from = giver.index();
        boolean[] given = new boolean[flowGroups.count()];
        long takers = 0;
        for (int group = 0; group < given.length; group++) {
            int to = desiredOwners.get(group);
            if (flowGroups.owner(group) == from && to != from && isAttached(to)) {
                given[group] = true;
                takers |= 1L << to;
            }
        }
        if (takers == 0) {
            return;
        }
        List<Strays.Entry> staying = giver.migration().giveGroups(given);
        for (ElasticThread taker : attached()) {
            if ((takers & 1L << taker.index()) != 0) {
                List<Strays.Entry> its = staying.stream()
                        .filter(entry -> desiredOwners.get(giver.migration().group(entry)) == taker.index())
                        .toList();
                taker.message(() -> {
                    taker.migration().takeGroups(its);
                    giveGroups(taker);
                });
            }
        }
        epoch = epoch + 1;
        for (int group = 0; group < given.length; group++) {
            if (given[group]) {
                flowGroups.owner(group, desiredOwners.get(group));
            }
        }
    }

    /** {@code holder} stops polling {@code queue} and hands it to its new owner. Runs on the holder's thread. */
    synchronized void letGo(ElasticThread holder, int queue) {
        holder.removeQueue(queue);
        ElasticThread taker = threads.getAcquire(queues.owner(queue));
        if (taker != null) {
            taker.message(() -> taker.addQueue(queue));
        }
    }

    /**
     * Tells the owner of {@code group} that {@code key} lives on {@code host}. It knows before the next packet of the group,
     * as with a group that changes hands.
     */
    synchronized void announceStray(int group, FlowKey.Tuple key, int host) {
        ElasticThread owner = threads.getAcquire(flowGroups.owner(group));
        if (owner != null && owner.message(() -> owner.migration().forward(group, key, host))) {
            epoch = epoch + 1;
        }
    }

    /**
     * Tells every thread that the connection {@code key} has ended. A new one with this key begins at the owner of its flow
     * group, and every thread reads this before it hears of that one, because messages keep their order.
     */
    void forgetStray(FlowKey.Tuple key) {
        for (ElasticThread each : attached()) {
            each.message(() -> each.strays().remove(key));
        }
    }

    /**
     * Ends the membership of {@code leaver}, on its own thread: its flow groups go to others, and nobody puts anything into
     * its rings any more. Its device queues stay usable to it until the caller delivers the handover.
     *
     * @return device queues with their new owners
     */
    QueueTable.Handover leave(ElasticThread leaver) {
        QueueTable.Handover handover;
        synchronized (this) {
            // Strays of groups, and queues, that it was just given must be passed on too.
            leaver.inbox().runMessages();
            List<ElasticThread> rest = new ArrayList<>(attached());
            rest.remove(leaver);
            if (!rest.isEmpty()) {
                chooseOwners(ownersAmong(rest));
                giveGroups(leaver);
                askGivers(rest);
                avoid(leaver, rest);
            }
            attachedMask &= ~(1L << leaver.index());
            handover = queues.leave(leaver, rest);
            if (!rest.isEmpty()) {
                queues.programRss(desiredOwners);
            }
        }
        quiesce();
        return handover;
    }

    /**
     * Everybody who forwards to {@code leaver}, not only the owner of the flow group, must forward past it: who does not own
     * the group now may come to own it, and give on what it knows.
     */
    private static void avoid(ElasticThread leaver, List<ElasticThread> rest) {
        int index = leaver.index();
        List<Strays.Entry> detours = leaver.migration().detours();
        if (!detours.isEmpty()) {
            for (ElasticThread other : rest) {
                other.message(() -> other.migration().avoid(index, detours));
            }
        }
    }

    /** Frees the slot of a thread that has left and whose rings are empty. */
    void free(ElasticThread leaver) {
        threads.compareAndSet(leaver.index(), leaver, null);
    }

    /**
     * Waits until every thread that is inside a cycle has finished it: later cycles see what was written before. A thread
     * that sits in a handler for longer than {@link #QUIESCE_NANOS} is not waited for; what it then still puts into a ring
     * is found by the next thread in the slot.
     */
    private void quiesce() {
        long deadlineNanos = System.nanoTime() + QUIESCE_NANOS;
        for (ElasticThread other : attached()) {
            long cycle = other.cycleStamp();
            if ((cycle & 1) == 0) {
                continue;
            }
            while (other.cycleStamp() == cycle && System.nanoTime() - deadlineNanos < 0) {
                LockSupport.parkNanos(10_000);
            }
        }
    }
}
