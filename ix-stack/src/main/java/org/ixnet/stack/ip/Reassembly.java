package org.ixnet.stack.ip;

import org.ixnet.stack.memory.LargeMbufs;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.timer.Timer;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.wire.Ethernet;
import org.ixnet.stack.wire.Ipv4;
import org.jspecify.annotations.Nullable;

/**
 * Puts IPv4 fragments together (RFC 791, 3.2; RFC 1122, 3.3.2), bounded in every way: datagrams, pieces of each, bytes and
 * time. A fragment that overlaps another discards the datagram, as RFC 5722 has it for IPv6; an exact copy is dropped. When
 * all places are taken, the oldest datagram makes room, so that fragments that never complete can not lock others out.
 * Thread rule: the elastic thread.
 */
final class Reassembly {
    static final int MAX_DATAGRAMS = 16;
    /** Pieces that a datagram may have: 64 KB in fragments for an MTU of 576 are 119. */
    static final int MAX_PIECES = 128;
    /** Linux's ipfrag_time; RFC 1122 asks for 60 to 120 s, which only serves attackers today. */
    static final long LIFETIME_NANOS = 30_000_000_000L;

    private static final int MAX_DATA_BYTES = 65535 - Ipv4.HEADER_BYTES;
    private static final int DATA_OFFSET = Mbuf.HEADROOM_BYTES;

    private final Link link;
    private final LargeMbufs largeMbufs;
    private final TimingWheel timers;
    private final Datagram[] datagrams = new Datagram[MAX_DATAGRAMS];
    private final Completed completed;
    private final Expired expired;

    /** Takes over a complete datagram: a frame with one IP header and all the data. */
    interface Completed {
        void completed(long mbuf, long frameAddress, int frameLengthBytes);
    }

    /** Is told of a datagram that did not become complete in time, if its first fragment came. */
    interface Expired {
        void expired(long headerAddress, int lengthBytes, long nowNanos);
    }

    /** A datagram in parts; its place is free when {@code mbuf} is 0. */
    private final class Datagram extends Timer {
        long mbuf;
        int source;
        int destination;
        int identification;
        int protocol;
        /** Length of all data; -1 until the last fragment has come. */
        int lengthBytes;

        int receivedBytes;
        int pieces;
        final int[] starts = new int[MAX_PIECES];
        final int[] ends = new int[MAX_PIECES];

        @Override
        protected void expire(long nowNanos) {
            for (int i = 0; i < pieces; i++) {
                if (starts[i] == 0) {
                    long header = Mbuf.bufferAddress(mbuf) + DATA_OFFSET - Ipv4.HEADER_BYTES;
                    expired.expired(header, Ipv4.HEADER_BYTES + ends[i], nowNanos);
                }
            }
            discard(this, IpCounter.REASSEMBLY_TIMEOUT);
        }

        boolean matches(long header) {
            return mbuf != 0
                    && identification == Ipv4.identification(header)
                    && source == Ipv4.source(header)
                    && destination == Ipv4.destination(header)
                    && protocol == Ipv4.protocol(header);
        }
    }

    Reassembly(Link link, LargeMbufs largeMbufs, TimingWheel timers, Completed completed, Expired expired) {
        this.link = link;
        this.largeMbufs = largeMbufs;
        this.timers = timers;
        this.completed = completed;
        this.expired = expired;
        for (int i = 0; i < MAX_DATAGRAMS; i++) {
            datagrams[i] = new Datagram();
        }
    }

    /** Takes in a fragment, whose header has been checked, and takes over its mbuf. */
    void input(long mbuf, long header, long nowNanos) {
        link.counters.increment(IpCounter.FRAGMENTS_RECEIVED);
        int start = (Ipv4.flagsAndOffset(header) & Ipv4.OFFSET_MASK) << 3;
        int bytes = Ipv4.totalLengthBytes(header) - Ipv4.headerLengthBytes(header);
        boolean last = (Ipv4.flagsAndOffset(header) & Ipv4.MORE_FRAGMENTS) == 0;
        if (bytes == 0 || start + bytes > MAX_DATA_BYTES || (!last && (bytes & 7) != 0)) {
            link.drop(mbuf, IpCounter.DROPPED_FRAGMENT_INVALID);
            return;
        }
        Datagram datagram = find(header, nowNanos);
        if (datagram == null) {
            link.drop(mbuf, IpCounter.DROPPED_FRAGMENT_NO_ROOM);
            return;
        }
        IpCounter problem = add(datagram, start, start + bytes, last);
        if (problem != null) {
            if (problem != IpCounter.DROPPED_FRAGMENT_DUPLICATE) {
                discard(datagram, problem);
                link.mempool.free(mbuf);
            } else {
                link.drop(mbuf, problem);
            }
            return;
        }
        long data = Mbuf.bufferAddress(datagram.mbuf) + DATA_OFFSET;
        Memory.copy(header + Ipv4.headerLengthBytes(header), data + start, bytes);
        if (start == 0) {
            keepHeader(data, header);
        }
        link.mempool.free(mbuf);
        if (datagram.receivedBytes == datagram.lengthBytes) {
            complete(datagram);
        }
    }

    private @Nullable Datagram find(long header, long nowNanos) {
        Datagram free = null;
        Datagram oldest = null;
        for (Datagram datagram : datagrams) {
            if (datagram.matches(header)) {
                return datagram;
            }
            if (datagram.mbuf == 0) {
                free = datagram;
            } else if (oldest == null || datagram.deadlineNanos() - oldest.deadlineNanos() < 0) {
                oldest = datagram;
            }
        }
        if (free == null && oldest != null) {
            discard(oldest, IpCounter.REASSEMBLY_EVICTED);
            free = oldest;
        }
        return free != null && open(free, header, nowNanos) ? free : null;
    }

    private boolean open(Datagram datagram, long header, long nowNanos) {
        long mbuf = largeMbufs.allocate();
        if (mbuf == 0) {
            return false;
        }
        datagram.mbuf = mbuf;
        datagram.source = Ipv4.source(header);
        datagram.destination = Ipv4.destination(header);
        datagram.identification = Ipv4.identification(header);
        datagram.protocol = Ipv4.protocol(header);
        datagram.lengthBytes = -1;
        datagram.receivedBytes = 0;
        datagram.pieces = 0;
        timers.arm(datagram, nowNanos + LIFETIME_NANOS);
        return true;
    }

    /** Notes a piece; null, or why it can not be. */
    private static @Nullable IpCounter add(Datagram datagram, int start, int end, boolean last) {
        for (int i = 0; i < datagram.pieces; i++) {
            if (datagram.starts[i] == start && datagram.ends[i] == end) {
                return IpCounter.DROPPED_FRAGMENT_DUPLICATE;
            }
            if (start < datagram.ends[i] && datagram.starts[i] < end) {
                return IpCounter.REASSEMBLY_OVERLAP;
            }
            if (last && datagram.ends[i] > end) {
                return IpCounter.REASSEMBLY_OVERLAP;
            }
        }
        boolean beyondEnd = datagram.lengthBytes >= 0 && (last || end > datagram.lengthBytes);
        if (beyondEnd || datagram.pieces == MAX_PIECES) {
            return IpCounter.REASSEMBLY_OVERLAP;
        }
        datagram.starts[datagram.pieces] = start;
        datagram.ends[datagram.pieces++] = end;
        datagram.receivedBytes += end - start;
        if (last) {
            datagram.lengthBytes = end;
        }
        return null;
    }

    /** The datagram's header is that of its first fragment; options are left behind, they have been looked at. */
    private static void keepHeader(long data, long header) {
        long kept = data - Ipv4.HEADER_BYTES;
        Memory.copy(header, kept, Ipv4.HEADER_BYTES);
        Memory.putByte(kept, 0x45); // without the options
        Memory.copy(header - Ethernet.HEADER_BYTES, kept - Ethernet.HEADER_BYTES, Ethernet.HEADER_BYTES);
    }

    private void complete(Datagram datagram) {
        long mbuf = datagram.mbuf;
        int total = datagram.lengthBytes + Ipv4.HEADER_BYTES;
        long header = Mbuf.bufferAddress(mbuf) + DATA_OFFSET - Ipv4.HEADER_BYTES;
        Ipv4.write(
                header,
                Ipv4.trafficClass(header),
                total,
                datagram.identification,
                0,
                Ipv4.timeToLive(header),
                datagram.protocol,
                datagram.source,
                datagram.destination);
        Ipv4.fillChecksum(header);
        datagram.mbuf = 0;
        timers.cancel(datagram);
        link.counters.increment(IpCounter.REASSEMBLED);
        long frame = header - Ethernet.HEADER_BYTES;
        Ethernet.write(frame, link.macAddress, Ethernet.source(frame), Ethernet.TYPE_IPV4);
        deliver(mbuf, frame, total + Ethernet.HEADER_BYTES);
    }

    /** What fits an ordinary mbuf moves to one: it may be sent on, and the large ones are few. */
    private void deliver(long mbuf, long frame, int lengthBytes) {
        int frameOffset = DATA_OFFSET - Ipv4.HEADER_BYTES - Ethernet.HEADER_BYTES;
        if (frameOffset + lengthBytes <= link.mempool.store().bufferBytes()) {
            long small = link.allocate();
            if (small != 0) {
                long to = Mbuf.bufferAddress(small) + frameOffset;
                Memory.copy(frame, to, lengthBytes);
                completed.completed(small, to, lengthBytes);
            }
            largeMbufs.free(mbuf);
        } else {
            completed.completed(mbuf, frame, lengthBytes);
        }
    }

    private void discard(Datagram datagram, IpCounter reason) {
        link.counters.increment(reason);
        timers.cancel(datagram);
        largeMbufs.free(datagram.mbuf);
        datagram.mbuf = 0;
    }

    /** Datagrams in parts. */
    int pending() {
        int pending = 0;
        for (Datagram datagram : datagrams) {
            pending += datagram.mbuf != 0 ? 1 : 0;
        }
        return pending;
    }

    /** Frees everything, before the thread leaves. */
    void drain() {
        for (Datagram datagram : datagrams) {
            if (datagram.mbuf != 0) {
                timers.cancel(datagram);
                largeMbufs.free(datagram.mbuf);
                datagram.mbuf = 0;
            }
        }
    }
}
