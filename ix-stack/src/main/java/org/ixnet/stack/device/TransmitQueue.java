package org.ixnet.stack.device;

import java.lang.foreign.Arena;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.stats.Counters;

/**
 * Frames that one thread transmits, gathered over a cycle and handed to the device in one burst; in several when there are many,
 * so that the device works on the first ones meanwhile and finds the last ones in the cache. What the device does not
 * take stays for the next flush; when the queue is full the newest frame is dropped and counted, as a NIC's queue would.
 * Thread rule: one owner.
 */
public final class TransmitQueue {
    /** A burst that does not wait for the end of the cycle: as many frames as DPDK's drivers take at once, or a good part of an L2 cache. */
    private static final int BURST_PACKETS = 32;

    private static final int BURST_BYTES = 64 << 10;

    /** Most frames that the device is offered at once. */
    private static final int OFFER_PACKETS = 64;

    /** Longs a frame in {@link #frames}: mbuf, frame, length and header lengths, flags and MSS. */
    private static final int WORDS = 4;

    private final DeviceQueue deviceQueue;
    private final Mempool mempool;
    private final int capacityPackets;
    /** What waits, on the heap: a frame is added where C2 has little room left (see Memory), and leaves in a small loop. */
    private final long[] frames;

    private final PacketBurst burst;
    private final Counters<TransmitCounter> counters = new Counters<>(TransmitCounter.class);
    /** First frame that the device has not taken. */
    private int head;

    private int tail;
    /** Since the device was last asked. */
    private int gatheredPackets;

    private int gatheredBytes;

    /**
     * @param arena owns the descriptors
     * @param mempool takes back the mbufs of dropped frames
     * @param capacityPackets frames that may wait, at least 1
     */
    public TransmitQueue(Arena arena, DeviceQueue deviceQueue, Mempool mempool, int capacityPackets) {
        this.deviceQueue = deviceQueue;
        this.mempool = mempool;
        this.capacityPackets = capacityPackets;
        this.frames = new long[capacityPackets * WORDS];
        this.burst = new PacketBurst(arena, Math.min(capacityPackets, OFFER_PACKETS));
    }

    /**
     * Adds a frame and takes over its mbuf.
     *
     * @param headerLengths {@code l2 | l3 << 8 | l4 << 16}, bytes
     * @param flags {@code PacketBurst.TX_*}
     * @param mss segment size for {@link PacketBurst#TX_SEGMENTATION}, else 0
     * @return false when the queue was full and the frame was dropped
     */
    public boolean add(long mbuf, long frameAddress, int frameLengthBytes, int headerLengths, int flags, int mss) {
        if (tail == capacityPackets) {
            flush();
            if (tail == capacityPackets) {
                counters.increment(TransmitCounter.DROPPED_QUEUE_FULL);
                mempool.free(mbuf);
                return false;
            }
        }
        int at = tail++ * WORDS;
        frames[at] = mbuf;
        frames[at + 1] = frameAddress;
        frames[at + 2] = pack(frameLengthBytes, headerLengths);
        frames[at + 3] = pack(flags, mss);
        gatheredBytes += frameLengthBytes;
        if (++gatheredPackets == BURST_PACKETS || gatheredBytes >= BURST_BYTES) {
            flush();
        }
        return true;
    }

    private static long pack(int low, int high) {
        return (long) high << 32 | (low & 0xffffffffL);
    }

    /**
     * Hands what waits to the device.
     *
     * @return frames that the device took
     */
    public int flush() {
        gatheredPackets = 0;
        gatheredBytes = 0;
        int first = head;
        while (head != tail) {
            int offered = Math.min(tail - head, burst.capacity());
            int taken = offer(offered);
            head += taken;
            if (taken < offered) {
                counters.increment(TransmitCounter.DEVICE_FULL);
                break;
            }
        }
        int taken = head - first;
        compact();
        return taken;
    }

    /** Offers the device the first {@code count} frames; returns how many it took. */
    private int offer(int count) {
        for (int i = 0; i < count; i++) {
            int at = (head + i) * WORDS;
            int lengthBytes = (int) frames[at + 2];
            int headerLengths = (int) (frames[at + 2] >>> 32);
            int flags = (int) frames[at + 3];
            int mss = (int) (frames[at + 3] >>> 32);
            burst.transmit(i, frames[at], frames[at + 1], lengthBytes, headerLengths, flags, mss);
        }
        int taken = deviceQueue.txBurst(burst, 0, count);
        assert taken >= 0 && taken <= count : taken;
        long bytes = 0;
        for (int i = 0; i < taken; i++) {
            bytes += (int) frames[(head + i) * WORDS + 2];
        }
        counters.increment(TransmitCounter.BURSTS);
        counters.add(TransmitCounter.PACKETS, taken);
        counters.add(TransmitCounter.BYTES, bytes);
        return taken;
    }

    /** Makes room at the end, when there is none. */
    private void compact() {
        if (head == tail) {
            head = 0;
            tail = 0;
        } else if (tail == capacityPackets && head > 0) {
            System.arraycopy(frames, head * WORDS, frames, 0, (tail - head) * WORDS);
            tail -= head;
            head = 0;
        }
    }

    /** Frames that wait for the device. */
    public int waitingPackets() {
        return tail - head;
    }

    /** Frees every frame that waits, before the thread leaves. */
    public void drain() {
        for (int i = head; i < tail; i++) {
            mempool.free(frames[i * WORDS]);
        }
        head = 0;
        tail = 0;
    }

    public Counters<TransmitCounter> counters() {
        return counters;
    }
}
