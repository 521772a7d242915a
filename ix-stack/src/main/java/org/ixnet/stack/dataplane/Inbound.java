package org.ixnet.stack.dataplane;

import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.stats.Counters;

/** The rings from the other threads to one. Thread rule: the elastic thread. */
final class Inbound {
    private final Membership membership;
    private final int index;
    private final Steering steering;
    private final TransmitQueue transmit;
    private final int transmitPackets;
    private final Counters<ThreadCounter> counters;
    /** Where the next round begins, so that no sender comes last for ever. */
    private int firstSender;

    /** @param transmitPackets capacity of {@code transmit} */
    Inbound(
            Membership membership,
            int index,
            Steering steering,
            TransmitQueue transmit,
            int transmitPackets,
            Counters<ThreadCounter> counters) {
        this.membership = membership;
        this.index = index;
        this.steering = steering;
        this.transmit = transmit;
        this.transmitPackets = transmitPackets;
        this.counters = counters;
    }

    /**
     * Takes packets over, each time beginning with another sender.
     *
     * @return packets taken, 0..{@code maxPackets}
     */
    int receive(int maxPackets) {
        PacketRing[] rings = membership.inbound(index);
        int taken = 0;
        firstSender = firstSender + 1 < rings.length ? firstSender + 1 : 0;
        for (int i = 0; i < rings.length && taken < maxPackets; i++) {
            int at = firstSender + i < rings.length ? firstSender + i : firstSender + i - rings.length;
            taken += drain(rings[at], maxPackets - taken);
        }
        return taken;
    }

    private int drain(PacketRing ring, int maxPackets) {
        int taken = 0;
        while (taken < maxPackets && ring.hasNext()) {
            int kind = ring.kind();
            if (kind == PacketRing.TRANSMIT && transmit.waitingPackets() == transmitPackets) {
                // The device is busy: the frames wait in the ring, and their sender behind it.
                break;
            }
            long mbuf = ring.mbuf();
            long frameAddress = ring.frameAddress();
            int lengthBytes = ring.lengthBytes();
            int word20 = ring.word20();
            int flags = ring.flags();
            int word28 = ring.word28();
            ring.remove();
            taken++;
            if (kind == PacketRing.TRANSMIT) {
                counters.increment(ThreadCounter.TX_FOR_OTHERS);
                transmit.add(mbuf, frameAddress, lengthBytes, word20, flags, word28);
            } else {
                counters.increment(ThreadCounter.STEERED_IN);
                steering.handedOver(kind, mbuf, frameAddress, lengthBytes, word20, flags);
            }
        }
        return taken;
    }

    /** Whether a packet waits in some ring. */
    boolean hasWaiting() {
        for (PacketRing ring : membership.inbound(index)) {
            if (ring.hasNext()) {
                return true;
            }
        }
        return false;
    }
}
