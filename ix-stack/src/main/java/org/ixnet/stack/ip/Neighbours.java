package org.ixnet.stack.ip;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.timer.Timer;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.wire.Arp;
import org.ixnet.stack.wire.Ethernet;

/**
 * Address resolution of one thread: ARP (RFC 826; RFC 1122, 2.3.2) for its next hops, over the shared
 * {@link NeighbourTable}. Thread rule: the elastic thread.
 *
 * <pre>
 *  NONE --packet--> INCOMPLETE --answer--> REACHABLE --30 s--> PROBE --answer--> REACHABLE
 *                        | 3 s                                   | 3 s
 *                        +----------------> FAILED &lt;-------------+     FAILED --1 s, packet--> INCOMPLETE
 * </pre>
 */
final class Neighbours {
    static final int MAX_NEIGHBOURS = 1024;
    /** Packets that wait for all neighbours together: what a scan of the link may take from the pool. */
    static final int MAX_WAITING_PACKETS = 256;

    static final int MAX_ATTEMPTS = 3;
    static final long RETRY_NANOS = 1_000_000_000L;
    static final long REACHABLE_NANOS = 30_000_000_000L;
    static final long FAILED_NANOS = 1_000_000_000L;
    /** How often a thread that waits looks for an answer that another thread received. */
    static final long LOOK_NANOS = 2_000_000L;

    private final IpHost host;
    private final NeighbourTable table;
    private final Link link;
    private final TimingWheel timers;
    private final Timer look;
    private int seenVersion;
    private int unresolved;
    /** Neighbours with packets that wait, and the number of these; it includes neighbours that only routes know. */
    private final List<Neighbour> holders = new ArrayList<>();

    private int waitingPackets;
    private UnreachableListener unreachable = (mbuf, nowNanos) -> {};

    /** By address, the least recently used first; routes keep what falls out. */
    private final Map<Key, Neighbour> neighbours = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Neighbour> eldest) {
            if (size() <= MAX_NEIGHBOURS) {
                return false;
            }
            release(eldest.getValue(), IpCounter.DROPPED_NEIGHBOUR_QUEUE);
            return true;
        }
    };

    private record Key(long hi, long lo) {}

    /** Is told of each packet that waited in vain, before it is freed. */
    interface UnreachableListener {
        void unreachable(long mbuf, long nowNanos);
    }

    Neighbours(IpHost host, Link link, TimingWheel timers) {
        this.host = host;
        this.table = host.neighbours();
        this.link = link;
        this.timers = timers;
        this.seenVersion = table.version();
        this.look = new Timer() {
            @Override
            protected void expire(long nowNanos) {
                poll(nowNanos);
                if (unresolved > 0) {
                    timers.arm(this, nowNanos + LOOK_NANOS);
                }
            }
        };
    }

    void onUnreachable(UnreachableListener listener) {
        unreachable = listener;
    }

    /** The neighbour of this address; allocates for one that is new. */
    Neighbour get(long hi, long lo) {
        Key key = new Key(hi, lo);
        Neighbour neighbour = neighbours.get(key);
        if (neighbour == null) {
            neighbour = new Neighbour(hi, lo, this);
            neighbours.put(key, neighbour);
        }
        return neighbour;
    }

    /** Sends an IPv4 packet to a neighbour, now or when it has answered, and takes over the mbuf. */
    void output(
            Neighbour to,
            long mbuf,
            long packetAddress,
            int packetLengthBytes,
            int l3l4HeaderBytes,
            int flags,
            long nowNanos) {
        switch (to.state) {
            case REACHABLE -> {
                if (nowNanos - to.confirmedNanos > REACHABLE_NANOS) {
                    probe(to, nowNanos);
                }
                link.send(to.mac, Ethernet.TYPE_IPV4, mbuf, packetAddress, packetLengthBytes, l3l4HeaderBytes, flags);
            }
            case PROBE ->
                link.send(to.mac, Ethernet.TYPE_IPV4, mbuf, packetAddress, packetLengthBytes, l3l4HeaderBytes, flags);
            case NONE, INCOMPLETE -> {
                hold(to, mbuf, packetAddress, packetLengthBytes, l3l4HeaderBytes, flags);
                if (to.state == Neighbour.State.NONE) {
                    resolve(to, nowNanos);
                }
            }
            case FAILED -> link.drop(mbuf, IpCounter.DROPPED_NEIGHBOUR_FAILED);
        }
    }

    private void hold(
            Neighbour to, long mbuf, long packetAddress, int packetLengthBytes, int l3l4HeaderBytes, int flags) {
        if (to.waiting() == Neighbour.MAX_WAITING || waitingPackets == MAX_WAITING_PACKETS) {
            long oldest = dequeue(to);
            link.drop(oldest == 0 ? mbuf : oldest, IpCounter.DROPPED_NEIGHBOUR_QUEUE);
            if (oldest == 0) {
                return; // the others came first
            }
        }
        Mbuf.frame(mbuf, packetAddress, packetLengthBytes, l3l4HeaderBytes, flags);
        if (to.waiting() == 0) {
            holders.add(to);
        }
        to.enqueue(mbuf);
        waitingPackets++;
    }

    private long dequeue(Neighbour from) {
        long mbuf = from.dequeue();
        if (mbuf != 0) {
            waitingPackets--;
            if (from.waiting() == 0) {
                holders.remove(from);
            }
        }
        return mbuf;
    }

    private void release(Neighbour neighbour, IpCounter reason) {
        long mbuf;
        while ((mbuf = dequeue(neighbour)) != 0) {
            link.drop(mbuf, reason);
        }
    }

    private void resolve(Neighbour to, long nowNanos) {
        to.state = Neighbour.State.INCOMPLETE;
        to.attempts = 0;
        unresolved++;
        if (adopt(to, nowNanos)) {
            return;
        }
        ask(to, Ethernet.BROADCAST, nowNanos);
        if (!look.isArmed()) {
            timers.arm(look, nowNanos + LOOK_NANOS);
        }
    }

    private void probe(Neighbour to, long nowNanos) {
        NeighbourTable.Binding known = table.find(to.hi, to.lo);
        if (known != null && usable(known, nowNanos)) {
            to.mac = known.mac();
            to.confirmedNanos = known.fixed() ? nowNanos : known.confirmedNanos();
            return;
        }
        to.state = Neighbour.State.PROBE;
        to.attempts = 0;
        ask(to, to.mac, nowNanos);
    }

    private void ask(Neighbour to, long destinationMac, long nowNanos) {
        to.attempts++;
        table.asked(to.hi, to.lo, nowNanos);
        timers.arm(to.timer, nowNanos + RETRY_NANOS);
        IpHost.OwnAddress own = host.sourceFor(to.hi, to.lo);
        if (own != null) {
            request(destinationMac, IpAddresses.toIpv4(own.lo()), IpAddresses.toIpv4(to.lo));
        }
    }

    /** The timer of a neighbour: an answer is late, or the pause after a failure is over. */
    void expired(Neighbour to, long nowNanos) {
        switch (to.state) {
            case INCOMPLETE -> {
                if (adopt(to, nowNanos)) {
                    return;
                }
                if (to.attempts < MAX_ATTEMPTS) {
                    ask(to, Ethernet.BROADCAST, nowNanos);
                } else {
                    unresolved--;
                    fail(to, nowNanos);
                }
            }
            case PROBE -> {
                if (adopt(to, nowNanos)) {
                    return;
                }
                if (to.attempts < MAX_ATTEMPTS) {
                    ask(to, to.mac, nowNanos);
                } else {
                    // It may have a new link address: the next packet asks everyone.
                    to.state = Neighbour.State.NONE;
                }
            }
            case FAILED -> to.state = Neighbour.State.NONE;
            case NONE, REACHABLE -> {
                // Answered in the meantime.
            }
        }
    }

    private void fail(Neighbour to, long nowNanos) {
        to.state = Neighbour.State.FAILED;
        table.gaveUp(to.hi, to.lo);
        timers.arm(to.timer, nowNanos + FAILED_NANOS);
        long mbuf;
        while ((mbuf = dequeue(to)) != 0) {
            unreachable.unreachable(mbuf, nowNanos);
            link.drop(mbuf, IpCounter.DROPPED_NEIGHBOUR_FAILED);
        }
    }

    /** Takes over what the shared table knows, if it is fresh, and sends what waits. */
    private boolean adopt(Neighbour to, long nowNanos) {
        NeighbourTable.Binding known = table.find(to.hi, to.lo);
        if (known == null || !usable(known, nowNanos)) {
            return false;
        }
        if (to.state == Neighbour.State.INCOMPLETE) {
            unresolved--;
        }
        to.state = Neighbour.State.REACHABLE;
        to.mac = known.mac();
        to.confirmedNanos = known.fixed() ? nowNanos : known.confirmedNanos();
        timers.cancel(to.timer);
        long mbuf;
        while ((mbuf = dequeue(to)) != 0) {
            link.send(
                    to.mac,
                    Ethernet.TYPE_IPV4,
                    mbuf,
                    Mbuf.frameAddress(mbuf),
                    Mbuf.frameLengthBytes(mbuf),
                    Mbuf.hash(mbuf),
                    Mbuf.flags(mbuf));
        }
        return true;
    }

    private static boolean usable(NeighbourTable.Binding known, long nowNanos) {
        return known.fixed()
                || (known.mac() != NeighbourTable.PENDING && nowNanos - known.confirmedNanos() <= REACHABLE_NANOS);
    }

    /** Looks whether any thread learned something that this one waits for or uses; cheap when nothing changed. */
    int poll(long nowNanos) {
        int version = table.version();
        if (version == seenVersion) {
            return 0;
        }
        seenVersion = version;
        int adopted = 0;
        for (Neighbour neighbour : neighbours.values()) {
            adopted += refresh(neighbour, nowNanos) ? 1 : 0;
        }
        return adopted;
    }

    private boolean refresh(Neighbour neighbour, long nowNanos) {
        return switch (neighbour.state) {
            case INCOMPLETE, PROBE, FAILED -> adopt(neighbour, nowNanos);
            case REACHABLE -> {
                // A changed link address takes effect at once.
                NeighbourTable.Binding known = table.find(neighbour.hi, neighbour.lo);
                if (known != null && usable(known, nowNanos)) {
                    neighbour.mac = known.mac();
                }
                yield false;
            }
            case NONE -> false;
        };
    }

    /** A transport heard from beyond this neighbour: it is alive. */
    void confirm(Neighbour neighbour, long nowNanos) {
        if (neighbour.state == Neighbour.State.REACHABLE) {
            neighbour.confirmedNanos = nowNanos;
        } else if (neighbour.state == Neighbour.State.PROBE) {
            neighbour.state = Neighbour.State.REACHABLE;
            neighbour.confirmedNanos = nowNanos;
            timers.cancel(neighbour.timer);
        }
    }

    /** Processes an ARP packet; the mbuf stays with the caller. */
    void input(long frame, long arp, int lengthBytes, long nowNanos) {
        if (lengthBytes < Arp.PACKET_BYTES || !Arp.isIpv4OverEthernet(arp)) {
            link.counters.increment(IpCounter.DROPPED_ARP_INVALID);
            return;
        }
        int operation = Arp.operation(arp);
        long senderMac = Arp.senderMac(arp);
        long sender = IpAddresses.ipv4(Arp.senderIpv4(arp));
        long target = IpAddresses.ipv4(Arp.targetIpv4(arp));
        boolean toUs = host.isConfigured(0, target);
        if (senderMac == 0 || Ethernet.isGroup(senderMac) || (operation != Arp.REQUEST && operation != Arp.REPLY)) {
            link.counters.increment(IpCounter.DROPPED_ARP_INVALID);
            return;
        }
        link.counters.increment(
                operation == Arp.REQUEST ? IpCounter.ARP_REQUESTS_RECEIVED : IpCounter.ARP_REPLIES_RECEIVED);
        if (host.isConfigured(0, sender)) {
            conflict(senderMac, sender);
            return;
        }
        // A probe (RFC 5227) has sender 0.0.0.0: it is answered, but there is nothing to learn.
        if (!IpAddresses.isUnspecified(0, sender)) {
            learn(frame, operation, senderMac, sender, target, toUs, nowNanos);
        }
        if (operation == Arp.REQUEST && toUs) {
            reply(senderMac, Arp.senderIpv4(arp), Arp.targetIpv4(arp));
        }
        poll(nowNanos);
    }

    private void learn(
            long frame, int operation, long senderMac, long sender, long target, boolean toUs, long nowNanos) {
        boolean plausible = host.isOnLink(0, sender) && !host.isBroadcast(0, sender);
        boolean unicast = !Ethernet.isGroup(Ethernet.destination(frame));
        boolean gratuitous = sender == target || !toUs || (operation == Arp.REPLY && !unicast);
        boolean create = operation == Arp.REQUEST && toUs;
        if (!plausible || !table.learn(0, sender, senderMac, create, gratuitous, nowNanos)) {
            link.counters.increment(IpCounter.ARP_IGNORED);
        }
    }

    /** Somebody else claims our address: defend it once for each claim (RFC 5227, 2.4 (b)), unless it is our own echo. */
    private void conflict(long senderMac, long address) {
        if (senderMac != link.macAddress) {
            link.counters.increment(IpCounter.ARP_CONFLICTS);
            if (link.counters.get(IpCounter.ARP_CONFLICTS) % DEFEND_EVERY == 1) {
                request(Ethernet.BROADCAST, IpAddresses.toIpv4(address), IpAddresses.toIpv4(address));
            }
        }
    }

    /** A flood of claims is answered only now and then. */
    private static final int DEFEND_EVERY = 16;

    /** Tells the link of all own addresses, when the interface comes up. */
    void announce() {
        for (IpHost.OwnAddress own : host.addresses()) {
            if (IpAddresses.isIpv4(own.hi(), own.lo())) {
                request(Ethernet.BROADCAST, IpAddresses.toIpv4(own.lo()), IpAddresses.toIpv4(own.lo()));
            }
        }
    }

    private void request(long destinationMac, int sender, int target) {
        if (send(destinationMac, Arp.REQUEST, sender, 0, target)) {
            link.counters.increment(IpCounter.ARP_REQUESTS_SENT);
        }
    }

    private void reply(long mac, int ipv4, int own) {
        if (send(mac, Arp.REPLY, own, mac, ipv4)) {
            link.counters.increment(IpCounter.ARP_REPLIES_SENT);
        }
    }

    private boolean send(long destinationMac, int operation, int sender, long targetMac, int target) {
        long mbuf = link.allocate();
        if (mbuf == 0) {
            return false;
        }
        long arp = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
        Arp.write(arp, operation, link.macAddress, sender, targetMac, target);
        // Padded to the shortest frame, so that no old bytes of the mbuf leave the host.
        int padding = Ethernet.MIN_FRAME_BYTES - Ethernet.HEADER_BYTES - Arp.PACKET_BYTES;
        Memory.fill(arp + Arp.PACKET_BYTES, padding, (byte) 0);
        link.send(destinationMac, Ethernet.TYPE_ARP, mbuf, arp, Arp.PACKET_BYTES + padding, 0, 0);
        return true;
    }

    /** Frees every packet that waits, before the thread leaves. */
    void drain() {
        timers.cancel(look);
        for (Neighbour neighbour : neighbours.values()) {
            stop(neighbour);
        }
        while (!holders.isEmpty()) {
            stop(holders.getLast());
        }
        unresolved = 0;
    }

    private void stop(Neighbour neighbour) {
        timers.cancel(neighbour.timer);
        release(neighbour, IpCounter.DROPPED_NEIGHBOUR_FAILED);
        neighbour.state = Neighbour.State.NONE;
    }
}
