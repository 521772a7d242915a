package org.ixnet.stack.ip;

import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Mempool;

/** The loopback of a single thread: packets wait for the next cycle. Thread rule: one owner. */
public final class LoopbackQueue implements Loopback {
    private final Mempool mempool;
    private final int capacityPackets;
    private long head;
    private long tail;
    private int size;
    private long dropped;

    /** @param capacityPackets what comes beyond is dropped and counted */
    public LoopbackQueue(Mempool mempool, int capacityPackets) {
        this.mempool = mempool;
        this.capacityPackets = capacityPackets;
    }

    @Override
    public void loop(long mbuf, long frameAddress, int frameLengthBytes, int rxFlags) {
        if (size == capacityPackets) {
            dropped++;
            mempool.free(mbuf);
            return;
        }
        Mbuf.frame(mbuf, frameAddress, frameLengthBytes, 0, rxFlags);
        Mbuf.next(mbuf, 0);
        if (tail == 0) {
            head = mbuf;
        } else {
            Mbuf.next(tail, mbuf);
        }
        tail = mbuf;
        size++;
    }

    /**
     * Gives the packets that wait now to {@code ip}; those that it sends meanwhile wait for the next call.
     *
     * @return packets given
     */
    public int drain(IpLayer ip, long nowNanos) {
        int count = size;
        for (int i = 0; i < count; i++) {
            long mbuf = head;
            head = Mbuf.next(mbuf);
            if (head == 0) {
                tail = 0;
            }
            size--;
            ip.input(mbuf, Mbuf.frameAddress(mbuf), Mbuf.frameLengthBytes(mbuf), Mbuf.flags(mbuf), nowNanos);
        }
        return count;
    }

    /** Frees what waits, before the thread leaves. */
    public void clear() {
        while (head != 0) {
            long mbuf = head;
            head = Mbuf.next(mbuf);
            mempool.free(mbuf);
        }
        tail = 0;
        size = 0;
    }

    public int size() {
        return size;
    }

    /** Packets dropped because the queue was full. */
    public long dropped() {
        return dropped;
    }
}
