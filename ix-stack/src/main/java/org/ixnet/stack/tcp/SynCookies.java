package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.Route;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.wire.TcpOptions;

/**
 * SYN cookies (RFC 4987, 3.6): when the SYN queue is full, the SYN,ACK's sequence number is all that is kept of a half-open
 * connection. The peer's ACK brings it back.
 *
 * <pre>
 *  ISS:    24 bits hash(4-tuple, IRS, minute) + | 5 bits minute | 3 bits MSS class
 *  TSval:  clock, its low 6 bits: 4 bits Snd.Wind.Shift (15: none) | 1 bit SACK permitted | 1 bit spare
 * </pre>
 *
 * <p>Without timestamps the connection has neither scaling nor SACK, as in Linux. Thread rule: the elastic thread.
 */
final class SynCookies {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    /** An ACK may bring a cookie of this or the last minute. */
    private static final int MAX_AGE_MINUTES = 1;

    private static final int[] MSS_CLASSES = {88, 536, 1024, 1220, 1300, 1440, 1460, 8960};
    private static final int OPTION_BITS = 6;
    private static final int NO_SCALING = 15;

    private final TcpLayer layer;
    private final KeyedHash hash;
    private long lastSentNanos;
    private boolean sent;

    SynCookies(TcpLayer layer, KeyedHash hash) {
        this.layer = layer;
        this.hash = hash;
    }

    /** Answers the SYN of {@code request}, which will not be kept. */
    void answer(SynRequest request, long nowNanos) {
        sent = true;
        lastSentNanos = nowNanos;
        int minute = (int) (nowNanos / MINUTE_NANOS) & 31;
        int mssClass = MSS_CLASSES.length - 1;
        while (mssClass > 0 && MSS_CLASSES[mssClass] > request.peerMss) {
            mssClass--;
        }
        if (request.timestampsOk) {
            int shift = request.sndWindShift < 0 ? NO_SCALING : request.sndWindShift;
            int options = (shift << 2) | (request.sackOk ? 2 : 0);
            // The value may lie up to 63 ms back: it must not exceed the clock, or PAWS at the peer would refuse what
            // follows.
            int value = layer.timestamp(request.tsOffset);
            int marked = (value & -(1 << OPTION_BITS)) | options;
            request.tsOffset += (marked - value > 0 ? marked - (1 << OPTION_BITS) : marked) - value;
        } else {
            request.sndWindShift = -1;
            request.rcvWindShift = 0;
            request.sackOk = false;
        }
        request.iss = cookie(
                request.localHi,
                request.localLo,
                request.localPort,
                request.remoteHi,
                request.remoteLo,
                request.remotePort,
                request.irs,
                minute,
                mssClass);
        layer.counters.increment(TcpCounter.SYN_COOKIES_SENT);
        layer.output.sendSynAck(request, nowNanos);
    }

    /** Whether {@code segment} acknowledges a cookie; then its connection is made and has processed it. */
    boolean acceptAck(Listener listener, Segment segment, long nowNanos) {
        if (!sent || nowNanos - lastSentNanos > (MAX_AGE_MINUTES + 1) * MINUTE_NANOS) {
            return false;
        }
        int iss = segment.acknowledgment - 1;
        int irs = segment.sequence - 1;
        int minute = iss >>> 3 & 31;
        int mssClass = iss & 7;
        int age = ((int) (nowNanos / MINUTE_NANOS) - minute) & 31;
        if (age > MAX_AGE_MINUTES
                || iss
                        != cookie(
                                segment.localHi,
                                segment.localLo,
                                segment.localPort,
                                segment.remoteHi,
                                segment.remoteLo,
                                segment.remotePort,
                                irs,
                                minute,
                                mssClass)) {
            return false;
        }
        Route route = layer.ip.route(segment.localHi, segment.localLo, segment.remoteHi, segment.remoteLo);
        if (route == null || listener.acceptQueueFull()) {
            layer.counters.increment(TcpCounter.DROPPED_ACCEPT_QUEUE_FULL);
            return true; // dropped, and no RST: the peer sends again
        }
        layer.counters.increment(TcpCounter.SYN_COOKIES_ACCEPTED);
        Tcb tcb =
                layer.handshake.accepted(restored(listener, segment, route, iss, irs, MSS_CLASSES[mssClass], nowNanos));
        tcb.timing = false;
        layer.putOnWire(tcb);
        layer.arrives.arrives(tcb, segment, nowNanos);
        return true;
    }

    private SynRequest restored(
            Listener listener, Segment segment, Route route, int iss, int irs, int mss, long nowNanos) {
        TcpOptions options = segment.options;
        SynRequest request = new SynRequest(layer);
        request.name(
                segment.localHi,
                segment.localLo,
                segment.localPort,
                segment.remoteHi,
                segment.remoteLo,
                segment.remotePort);
        request.listener = listener;
        request.route = route;
        request.iss = iss;
        request.irs = irs;
        request.peerMss = mss;
        request.sndWindShift = -1;
        request.tsOffset = layer.initialSequenceNumbers.timestampOffset(
                segment.localHi, segment.localLo, segment.remoteHi, segment.remoteLo);
        if (options.hasTimestamps()) {
            int marks = options.timestampEcho() & (1 << OPTION_BITS) - 1;
            request.timestampsOk = true;
            request.tsRecent = options.timestampValue();
            request.sackOk = (marks & 2) != 0;
            int shift = marks >>> 2;
            request.sndWindShift = shift == NO_SCALING ? -1 : Math.min(shift, 14);
        }
        int buffer = listener.childOptions.receiveBufferBytes;
        request.rcvWindShift = request.sndWindShift < 0 ? 0 : ReceiveSide.windowShift(buffer);
        request.windowField = Math.min(ReceiveSide.SYN_WINDOW_MAX, buffer);
        request.sentNanos = nowNanos;
        return request;
    }

    private int cookie(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            int irs,
            int minute,
            int mssClass) {
        long ports = ((long) localPort << 48) | ((long) remotePort << 32) | (irs & 0xffffffffL);
        long h = hash.hash(localHi ^ Long.rotateLeft(remoteHi, 32), localLo, remoteLo, ports, (minute << 3) | mssClass);
        return ((int) h << 8) | (minute << 3) | mssClass;
    }
}
