package org.ixnet.stack.device;

import org.ixnet.stack.memory.HeapMbufStore;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.util.RandomSource;

/**
 * One direction of a {@link VirtualLink}: frames in flight, ordered by the time of their arrival. Frames are copied into the
 * receiver's mbufs when they are sent. Thread rule: under the link's lock.
 */
final class VirtualWire {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final HeapMbufStore receiverStore;
    private final RandomSource random;
    private final int maxFrameBytes;
    private Impairments impairments = Impairments.NONE;

    /** A binary heap by arrival time, then by order of sending. */
    private final long[] arrivalNanos;

    private final long[] order;
    private final long[] mbufs;
    private int inFlight;
    private long sent;
    /** When the sender's last frame has left the interface, at the rate of the wire. */
    private long busyUntilNanos = Long.MIN_VALUE;

    long lost;
    long duplicated;
    long reordered;
    long corrupted;
    long tooLong;
    long noMbuf;
    long full;

    VirtualWire(HeapMbufStore receiverStore, int capacityFrames, int maxFrameBytes, RandomSource random) {
        this.receiverStore = receiverStore;
        this.random = random;
        this.maxFrameBytes = maxFrameBytes;
        this.arrivalNanos = new long[capacityFrames];
        this.order = new long[capacityFrames];
        this.mbufs = new long[capacityFrames];
    }

    void impairments(Impairments to) {
        impairments = to;
    }

    void send(long frameAddress, int lengthBytes, long nowNanos) {
        Impairments now = impairments;
        int longest = now.maxFrameBytes() == 0 ? maxFrameBytes : Math.min(maxFrameBytes, now.maxFrameBytes());
        if (lengthBytes > longest) {
            tooLong++;
            return;
        }
        long leavesNanos = leave(lengthBytes, nowNanos);
        if (random.chance(now.loss())) {
            lost++;
            return;
        }
        fly(frameAddress, lengthBytes, leavesNanos);
        if (random.chance(now.duplicate())) {
            duplicated++;
            fly(frameAddress, lengthBytes, leavesNanos);
        }
    }

    /** When the last bit of the frame is on the wire. */
    private long leave(int lengthBytes, long nowNanos) {
        long rate = impairments.bitsPerSecond();
        if (rate == 0) {
            return nowNanos;
        }
        long startNanos = Math.max(nowNanos, busyUntilNanos);
        busyUntilNanos = startNanos + lengthBytes * 8L * NANOS_PER_SECOND / rate;
        return busyUntilNanos;
    }

    private void fly(long frameAddress, int lengthBytes, long leavesNanos) {
        if (inFlight == mbufs.length) {
            full++;
            return;
        }
        long mbuf = receiverStore.takeOne();
        if (mbuf == 0) {
            noMbuf++;
            return;
        }
        Impairments now = impairments;
        long copy = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
        Memory.copy(frameAddress, copy, lengthBytes);
        Mbuf.frame(mbuf, copy, lengthBytes, 0, 0);
        if (random.chance(now.corrupt())) {
            corrupted++;
            int bit = random.nextInt(lengthBytes * 8);
            long at = copy + (bit >> 3);
            Memory.putByte(at, Memory.getUnsignedByte(at) ^ 1 << (bit & 7));
        }
        long arrives = leavesNanos + now.delayNanos();
        if (now.jitterNanos() > 0) {
            arrives += random.nextLong(now.jitterNanos());
        }
        if (random.chance(now.reorder())) {
            reordered++;
            arrives += now.reorderNanos();
        }
        push(mbuf, arrives);
    }

    /** The next frame that has arrived by {@code nowNanos}, or 0. */
    long receive(long nowNanos) {
        if (inFlight == 0 || arrivalNanos[0] > nowNanos) {
            return 0;
        }
        return pop();
    }

    /** When the next frame arrives; Long.MAX_VALUE when none is in flight. */
    long nextArrivalNanos() {
        return inFlight == 0 ? Long.MAX_VALUE : arrivalNanos[0];
    }

    int inFlight() {
        return inFlight;
    }

    /** Loses what is in flight. */
    void clear() {
        while (inFlight > 0) {
            receiverStore.giveOne(pop());
        }
    }

    private void push(long mbuf, long arrives) {
        int child = inFlight++;
        long number = sent++;
        while (child > 0) {
            int parent = (child - 1) >> 1;
            if (!before(arrives, number, parent)) {
                break;
            }
            move(parent, child);
            child = parent;
        }
        set(child, arrives, number, mbuf);
    }

    private long pop() {
        long first = mbufs[0];
        int last = --inFlight;
        long arrives = arrivalNanos[last];
        long number = order[last];
        int parent = 0;
        while (true) {
            int child = 2 * parent + 1;
            if (child >= last) {
                break;
            }
            if (child + 1 < last && before(arrivalNanos[child + 1], order[child + 1], child)) {
                child++;
            }
            if (before(arrives, number, child)) {
                break;
            }
            move(child, parent);
            parent = child;
        }
        set(parent, arrives, number, mbufs[last]);
        return first;
    }

    private boolean before(long arrives, long number, int index) {
        return arrives < arrivalNanos[index] || (arrives == arrivalNanos[index] && number < order[index]);
    }

    private void move(int from, int to) {
        set(to, arrivalNanos[from], order[from], mbufs[from]);
    }

    private void set(int index, long arrives, long number, long mbuf) {
        arrivalNanos[index] = arrives;
        order[index] = number;
        mbufs[index] = mbuf;
    }
}
