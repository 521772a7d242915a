package org.ixnet.stack.dataplane;

import java.lang.invoke.VarHandle;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.flow.FlowGroups;
import org.ixnet.stack.flow.FlowKey;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.flow.Toeplitz;
import org.ixnet.stack.ip.Loopback;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.tcp.ReadAhead;
import org.ixnet.stack.udp.UdpForward;

/**
 * Brings each packet to the thread that owns its flow: flow-consistent hashing (IX paper, 4.4).
 *
 * <pre>
 *  own device queue --+                          +-> input (mine)
 *  rings of others ---+-> flow group -> owner? --+-> ring of the owner (RECEIVED)
 *  loopback ----------+                          +-> ring of the thread it lives on (STRAY)
 * </pre>
 *
 * <p>Thread rule: the elastic thread.
 */
final class Steering implements Loopback, UdpForward {
    /** Packets to own addresses that may wait for the next cycle; the rest is dropped, as a full NIC queue would. */
    private static final int LOOP_CAPACITY_PACKETS = 4096;

    private final ElasticThread thread;
    private final int index;
    private final Membership membership;
    private final FlowGroups flowGroups;
    private final FlowParser flow;
    private final HashCalibration calibration = new HashCalibration();
    private final Strays strays;
    private final Outbox outbox;
    private final Counters<ThreadCounter> counters;
    /** Nobody else is attached: every frame is this thread's. */
    private boolean alone;

    private long loopHead;
    private long loopTail;
    private int loopedPackets;

    Steering(
            ElasticThread thread,
            Membership membership,
            Toeplitz toeplitz,
            PortTable ports,
            Strays strays,
            Outbox outbox) {
        this.thread = thread;
        this.index = thread.index();
        this.membership = membership;
        this.flowGroups = membership.flowGroups();
        this.flow = new FlowParser(toeplitz, ports);
        this.strays = strays;
        this.outbox = outbox;
        this.counters = thread.counters();
    }

    HashCalibration calibration() {
        return calibration;
    }

    /** Before the frames of a cycle, after its messages: flow groups change hands by messages alone. */
    void beginFrames() {
        alone = membership.isAlone(index) && !strays.forwardsAny();
    }

    /** Reads the connections of {@code count} frames ahead that will be {@link #received}. */
    void readAhead(PacketBurst burst, int count, ReadAhead readAhead) {
        for (int i = 0; i < count; i++) {
            if (flow.parse(burst.frameAddress(i), burst.frameLengthBytes(i)) == FlowParser.Kind.CONNECTION) {
                readAhead.add(
                        flow.localHi, flow.localLo, flow.localPort, flow.remoteHi, flow.remoteLo, flow.remotePort);
            }
        }
        readAhead.read();
    }

    /** A frame from a device queue of this thread. */
    void received(long mbuf, long frameAddress, int lengthBytes, int deviceHash, int rxFlags) {
        if (alone) {
            thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
            return;
        }
        FlowParser.Kind kind = flow.parse(frameAddress, lengthBytes);
        switch (kind) {
            case LOCAL -> thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
            case THREAD -> give(flow.thread, PacketRing.RECEIVED, mbuf, frameAddress, lengthBytes, 0, rxFlags);
            case HASHED -> {
                int hash = flow.softwareHash(kind);
                give(flowGroups.ownerOf(hash), PacketRing.RECEIVED, mbuf, frameAddress, lengthBytes, hash, rxFlags);
            }
            case CONNECTION -> connection(mbuf, frameAddress, lengthBytes, hash(deviceHash, rxFlags), rxFlags);
        }
    }

    /** A frame from the ring of another thread. */
    void handedOver(int kind, long mbuf, long frameAddress, int lengthBytes, int hash, int rxFlags) {
        FlowParser.Kind flowKind = flow.parse(frameAddress, lengthBytes);
        if (flowKind != FlowParser.Kind.CONNECTION) {
            // The sender looked these up, and where an owner changed since, the layers sort it out.
            thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
        } else if (kind == PacketRing.STRAY) {
            stray(mbuf, frameAddress, lengthBytes, hash, rxFlags);
        } else {
            if (kind == PacketRing.RETURNED) {
                // The word that the stray is gone was sent before the packet.
                thread.inbox().runMessages();
            }
            connection(mbuf, frameAddress, lengthBytes, hash, rxFlags);
        }
    }

    private int hash(int deviceHash, int rxFlags) {
        if ((rxFlags & PacketBurst.RX_HASH_VALID) == 0 || !flow.deviceHashCounts()) {
            return flow.softwareHash(FlowParser.Kind.CONNECTION);
        }
        if (calibration.isTrusted()) {
            counters.increment(ThreadCounter.RX_HARDWARE_HASH);
            return deviceHash;
        }
        int hash = flow.softwareHash(FlowParser.Kind.CONNECTION);
        calibration.compare(deviceHash, hash);
        return hash;
    }

    private void connection(long mbuf, long frameAddress, int lengthBytes, int hash, int rxFlags) {
        int owner = flowGroups.ownerOf(hash);
        if (owner != index) {
            if (strays.hostsAny() && livesHere()) {
                thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
            } else {
                give(owner, PacketRing.RECEIVED, mbuf, frameAddress, lengthBytes, hash, rxFlags);
            }
            return;
        }
        // Who gives a group first sends its strays, then raises the epoch, then changes the owner; read the other way
        // round.
        VarHandle.acquireFence();
        if (thread.inbox().isBehind()) {
            thread.inbox().runMessages();
            if (flowGroups.ownerOf(hash) != index) {
                // A message said to give this very group: whoever has it now is to see the packet.
                connection(mbuf, frameAddress, lengthBytes, hash, rxFlags);
                return;
            }
        }
        Strays.Entry elsewhere = strays.forwardsAny() ? strays.find(flow) : null;
        if (elsewhere == null) {
            thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
        } else {
            counters.increment(ThreadCounter.STRAYS_FORWARDED);
            give(elsewhere.thread(), PacketRing.STRAY, mbuf, frameAddress, lengthBytes, hash, rxFlags);
        }
    }

    /** A packet of a connection that is said to live here. */
    private void stray(long mbuf, long frameAddress, int lengthBytes, int hash, int rxFlags) {
        if (!livesHere()) {
            // It may be on its way: the connection was sent before its packets.
            thread.inbox().runMessages();
        }
        if (livesHere()) {
            thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
            return;
        }
        Strays.Entry movedOn = strays.forwardsAny() ? strays.find(flow) : null;
        if (movedOn != null) {
            give(movedOn.thread(), PacketRing.STRAY, mbuf, frameAddress, lengthBytes, hash, rxFlags);
            return;
        }
        FlowKey.Tuple key = flow.tuple();
        strays.unhost(key);
        membership.forgetStray(key);
        int owner = flowGroups.ownerOf(hash);
        if (owner == index) {
            thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
        } else {
            give(owner, PacketRing.RETURNED, mbuf, frameAddress, lengthBytes, hash, rxFlags);
        }
    }

    private boolean livesHere() {
        return thread.tcpLayer()
                .contains(flow.localHi, flow.localLo, flow.localPort, flow.remoteHi, flow.remoteLo, flow.remotePort);
    }

    private void give(int target, int kind, long mbuf, long frameAddress, int lengthBytes, int hash, int rxFlags) {
        if (target == index) {
            thread.input(mbuf, frameAddress, lengthBytes, rxFlags);
        } else if (outbox.offer(target, kind, mbuf, frameAddress, lengthBytes, hash, rxFlags, 0)) {
            counters.increment(ThreadCounter.STEERED_OUT);
        } else {
            counters.increment(ThreadCounter.STEERING_DROPPED);
            thread.mempool().free(mbuf);
        }
    }

    /** A packet of this thread to an own address: it waits for the next cycle, which steers it like a received one. */
    @Override
    public void loop(long mbuf, long frameAddress, int lengthBytes, int rxFlags) {
        if (loopedPackets == LOOP_CAPACITY_PACKETS) {
            counters.increment(ThreadCounter.STEERING_DROPPED);
            thread.mempool().free(mbuf);
            return;
        }
        Mbuf.frame(mbuf, frameAddress, lengthBytes, 0, rxFlags);
        Mbuf.next(mbuf, 0);
        if (loopTail == 0) {
            loopHead = mbuf;
        } else {
            Mbuf.next(loopTail, mbuf);
        }
        loopTail = mbuf;
        loopedPackets++;
    }

    /**
     * Steers the looped packets that wait now, at most {@code maxPackets}.
     *
     * @return packets steered
     */
    int drainLoop(int maxPackets) {
        int count = Math.min(loopedPackets, maxPackets);
        for (int i = 0; i < count; i++) {
            long mbuf = takeLooped();
            received(mbuf, Mbuf.frameAddress(mbuf), Mbuf.frameLengthBytes(mbuf), 0, Mbuf.flags(mbuf));
        }
        return count;
    }

    boolean hasLooped() {
        return loopedPackets != 0;
    }

    /** Frees what waits, before the thread leaves. */
    void clearLoop() {
        while (loopedPackets != 0) {
            thread.mempool().free(takeLooped());
        }
    }

    private long takeLooped() {
        long mbuf = loopHead;
        loopHead = Mbuf.next(mbuf);
        if (loopHead == 0) {
            loopTail = 0;
        }
        loopedPackets--;
        return mbuf;
    }

    /** A datagram for a socket of another thread. */
    @Override
    public boolean forward(int target, long mbuf, long frameAddress, int lengthBytes, int rxFlags) {
        boolean taken = outbox.offer(target, PacketRing.RECEIVED, mbuf, frameAddress, lengthBytes, 0, rxFlags, 0);
        counters.increment(taken ? ThreadCounter.STEERED_OUT : ThreadCounter.STEERING_DROPPED);
        return taken;
    }
}
