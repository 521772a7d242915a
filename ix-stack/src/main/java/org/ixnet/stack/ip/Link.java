package org.ixnet.stack.ip;

import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.wire.Ethernet;

/** The way to the device: mbufs, Ethernet headers, the transmit queue. Thread rule: the elastic thread. */
final class Link {
    final long macAddress;
    final int mtuBytes;
    final Mempool mempool;
    final Counters<IpCounter> counters;
    private final TransmitQueue transmitQueue;

    Link(IpHost host, Mempool mempool, TransmitQueue transmitQueue, Counters<IpCounter> counters) {
        this.macAddress = host.macAddress();
        this.mtuBytes = host.mtuBytes();
        this.mempool = mempool;
        this.transmitQueue = transmitQueue;
        this.counters = counters;
    }

    /** An mbuf, or 0 and a count. */
    long allocate() {
        long mbuf = mempool.allocate();
        if (mbuf == 0) {
            counters.increment(IpCounter.DROPPED_NO_MBUF);
        }
        return mbuf;
    }

    void drop(long mbuf, IpCounter reason) {
        counters.increment(reason);
        mempool.free(mbuf);
    }

    /**
     * Sends a packet with room for an Ethernet header before it, and takes over the mbuf.
     *
     * @param packetAddress of the IP header or ARP packet
     * @param l3l4HeaderBytes {@code l3 | l4 << 8}, for the device
     */
    void send(
            long destinationMac,
            int type,
            long mbuf,
            long packetAddress,
            int packetLengthBytes,
            int l3l4HeaderBytes,
            int flags) {
        long frame = packetAddress - Ethernet.HEADER_BYTES;
        assert frame >= Mbuf.bufferAddress(mbuf) : "no room for the Ethernet header";
        Ethernet.write(frame, destinationMac, macAddress, type);
        boolean sent = transmitQueue.add(
                mbuf,
                frame,
                packetLengthBytes + Ethernet.HEADER_BYTES,
                Ethernet.HEADER_BYTES | l3l4HeaderBytes << 8,
                flags,
                0);
        counters.increment(sent ? IpCounter.SENT : IpCounter.DROPPED_TRANSMIT_QUEUE);
    }
}
