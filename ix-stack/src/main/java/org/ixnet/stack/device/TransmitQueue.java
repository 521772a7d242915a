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

    private final DeviceQueue deviceQueue;
    private final Mempool mempool;
    private final PacketBurst burst;
    private final Counters<TransmitCounter> counters = new Counters<>(TransmitCounter.class);
    /** First descriptor that the device has not taken. */
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
        this.burst = new PacketBurst(arena, capacityPackets);
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
        if (tail == burst.capacity()) {
            flush();
            if (tail == burst.capacity()) {
                counters.increment(TransmitCounter.DROPPED_QUEUE_FULL);
                mempool.free(mbuf);
                return false;
            }
        }
        burst.transmit(tail++, mbuf, frameAddress, frameLengthBytes, headerLengths, flags, mss);
        gatheredBytes += frameLengthBytes;
        if (++gatheredPackets == BURST_PACKETS || gatheredBytes >= BURST_BYTES) {
            flush();
        }
        return true;
    }

    /**
     * Hands what waits to the device.
     *
     * @return frames that the device took
     */
    public int flush() {
        gatheredPackets = 0;
        gatheredBytes = 0;
        int waiting = tail - head;
        if (waiting == 0) {
            return 0;
        }
        int taken = deviceQueue.txBurst(burst, head, waiting);
        assert taken >= 0 && taken <= waiting : taken;
        counters.increment(TransmitCounter.BURSTS);
        counters.add(TransmitCounter.PACKETS, taken);
        counters.add(TransmitCounter.BYTES, bytes(head, taken));
        if (taken == waiting) {
            head = 0;
            tail = 0;
        } else {
            counters.increment(TransmitCounter.DEVICE_FULL);
            head += taken;
            compact();
        }
        return taken;
    }

    /** Frames that wait for the device. */
    public int waitingPackets() {
        return tail - head;
    }

    /** Frees every frame that waits, before the thread leaves. */
    public void drain() {
        for (int i = head; i < tail; i++) {
            mempool.free(burst.mbuf(i));
        }
        head = 0;
        tail = 0;
    }

    public Counters<TransmitCounter> counters() {
        return counters;
    }

    private long bytes(int first, int count) {
        long bytes = 0;
        for (int i = first; i < first + count; i++) {
            bytes += burst.frameLengthBytes(i);
        }
        return bytes;
    }

    /** Moves the rest to the front when the tail has come to the end, so that the device sees one run of descriptors. */
    private void compact() {
        if (tail < burst.capacity() || head == 0) {
            return;
        }
        int waiting = tail - head;
        for (int i = 0; i < waiting; i++) {
            int from = head + i;
            burst.transmit(
                    i,
                    burst.mbuf(from),
                    burst.frameAddress(from),
                    burst.frameLengthBytes(from),
                    burst.headerLengths(from),
                    burst.flags(from),
                    burst.mss(from));
        }
        head = 0;
        tail = waiting;
    }
}
