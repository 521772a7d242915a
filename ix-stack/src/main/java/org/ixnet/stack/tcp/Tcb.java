package org.ixnet.stack.tcp;

import org.ixnet.stack.congestion.CongestionControl;
import org.ixnet.stack.congestion.CongestionWindow;
import org.ixnet.stack.ip.Route;
import org.ixnet.stack.util.Seq;
import org.jspecify.annotations.Nullable;

/**
 * Transmission control block: one connection (RFC 9293, 3.3.1). It is data only; what happens to it stands in the classes
 * that are named after the sections of the RFC. Thread rule: the owning elastic thread.
 *
 * <pre>
 *    send sequence space                          receive sequence space
 *       1       2        3         4                  1          2            3
 *    -------|-------|---------|---------          --------|--------------|--------
 *        sndUna   sndNxt   sndUna+sndWnd               rcvNxt          rcvAdv
 *  1 acked  2 in flight  3 may be sent  4 not yet    1 taken  2 offered window  3 beyond it
 * </pre>
 */
public final class Tcb extends TcpFlow {
    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;

    static final int EVENT_CONNECTED = 1;
    static final int EVENT_READABLE = 1 << 1;
    static final int EVENT_SENT = 1 << 2;
    static final int EVENT_DEAD = 1 << 3;

    /** What the sender does about loss. */
    enum Recovery {
        /** Nothing is known to be lost. */
        OPEN,
        /** Fast recovery (RFC 6582, RFC 6675), until {@link Tcb#recoveryPoint}. */
        FAST,
        /** After a retransmission timeout: all that was in flight is taken as lost. */
        LOSS
    }

    /** For the user to find its own object again, for example the Netty channel. */
    public @Nullable Object userHandle;

    TcpLayer layer;
    TcpState state = TcpState.CLOSED;
    Route route;
    final TcbOptions options;
    /** Target of the upcalls; null while it waits for accept and attach. */
    @Nullable
    ConnectionUser user;
    /** The listener whose accept queue holds this connection. */
    @Nullable
    Listener listener;

    // ---- SND
    /** ISS. */
    int iss;
    /** SND.UNA. */
    int sndUna;
    /** SND.NXT: behind the highest number sent; retransmission does not move it back. */
    int sndNxt;
    /** SND.WND, in bytes. */
    int sndWnd;
    /** SND.WL1. */
    int sndWl1;
    /** SND.WL2. */
    int sndWl2;
    /** MAX.SND.WND: the largest window seen (RFC 9293, 3.8.6.2.1). */
    int maxSndWnd;
    /** Snd.Wind.Shift. */
    int sndWindShift;
    /** The peer's MSS option, or the default. */
    int peerMss = 536;
    /** The path's MTU that the congestion window's segment size comes from. */
    int mtuBytes;
    /** A router said that a segment in flight was too large: it goes out again in smaller ones. */
    boolean tooLarge;
    /** {@link #bytesSent} when the path became narrower: what was sent before may have been too large. */
    long bytesSentAtPathChange;
    /** End of the last segment sent that was not full: Minshall's form of Nagle's algorithm. */
    int sndSml;

    final SendQueue sendQueue = new SendQueue();
    /** The user asked for CLOSE: a FIN follows the data. */
    boolean finQueued;
    /** The last SEND found less space than it wanted. */
    boolean sendBlocked;
    /** The sender wanted to send and the congestion window forbade it (RFC 7661). */
    boolean cwndLimited;

    int maxFlightBytes;
    int maxFlightSeq;
    final CongestionWindow window = new CongestionWindow();
    final CongestionControl congestion;
    final RttEstimator rtt = new RttEstimator();
    /** A segment is being timed: its end, and when it left. */
    boolean timing;

    int timedSeq;
    long timedAtNanos;
    /** When text last left; 0: never (RFC 5681, 4.1). */
    long lastDataSentNanos;
    /** When the oldest data in flight was sent, or SND.UNA last moved; for the user timeout. */
    long unackedSinceNanos;

    // ---- loss recovery
    Recovery recovery = Recovery.OPEN;
    int dupAcks;
    /** RecoveryPoint: SND.NXT when the loss was found. */
    int recoveryPoint;
    /** HighRxt: behind the highest number retransmitted in this recovery. */
    int highRxt;
    /** Everything below, not reported by SACK, is taken as lost. */
    int lostEdge;
    /** PRR (RFC 6937): bytes delivered and sent since recovery began, and FlightSize then. */
    int prrDelivered;

    int prrOut;
    int recoverFlight;
    /** Consecutive retransmission timeouts, or probes without an answer. */
    int retransmits;

    int probes;

    @Nullable
    SackScoreboard scoreboard;

    // ---- RCV
    /** IRS. */
    int irs;
    /** RCV.NXT. */
    int rcvNxt;
    /** RCV.NXT + RCV.WND: the right edge that was offered; it never moves left. */
    int rcvAdv;
    /** Rcv.Wind.Shift. */
    int rcvWindShift;
    /** Last.ACK.sent (RFC 7323, 4.3). */
    int lastAckSent;
    /** Largest segment received: what "full-sized" means for delayed ACKs. */
    int rcvMss = 536;
    /** In-order mbufs that the user did not take. */
    long rcvHead;

    long rcvTail;
    /** Mbufs in that queue. */
    int rcvMbufs;
    /** {@link ReceiveSide#collapse} is worth doing again from this many on. */
    int rcvCollapseAtMbufs;
    /** Bytes in that queue, and bytes taken that {@code receiveDone} did not give back. */
    int rcvHeldBytes;

    int rcvQueuedBytes;

    @Nullable
    ReassemblyQueue reassembly;
    /** The peer's FIN was seen, at this number; it may be ahead of RCV.NXT. */
    boolean finSeen;

    int finSeq;
    /** The user called close: no upcalls but sent and dead. */
    boolean closedByUser;
    /** An ACK is owed: with the next segment, or when the delay ends. */
    boolean ackOwed;
    /** An ACK is owed at once. */
    boolean ackNow;
    /** Request and response alternate, so that ACKs ride on data (Linux: pingpong). */
    boolean interactive;
    /** The last text came so long after the one before, or was the first, that an ACK would not have been delayed until it. */
    boolean sparse;
    /** ACKs that are still sent at once, for the peer's slow start. */
    int quickAcks;
    /** A duplicate to report (RFC 2883). */
    boolean dsack;

    int dsackStart;
    int dsackEnd;

    // ---- options in force
    /** Both sides sent the window scale option. */
    boolean scalingOk;
    /** The handshake needed a retransmission. */
    boolean synLost;

    boolean timestampsOk;
    boolean sackOk;
    /** TS.Recent. */
    int tsRecent;

    int tsOffset;
    /** When TS.Recent was set; after 24 days it says nothing (RFC 7323, 5.5). */
    long tsRecentAtNanos;

    // ---- time
    long lastReceivedNanos;
    /** When text last came in order; 0: never. */
    long lastDataReceivedNanos;
    /** When the last ACK for an unacceptable segment left (RFC 5961, 10). */
    long lastChallengeNanos;

    long retransmitDeadline = NEVER;
    /** The retransmission deadline is that of a window probe. */
    boolean persisting;

    long delayedAckDeadline = NEVER;
    long keepAliveDeadline = NEVER;
    /** FIN-WAIT-2 after close. */
    long closeDeadline = NEVER;

    long corkDeadline = NEVER;
    int keepAliveProbes;

    // ---- intrusive lists and events
    @Nullable
    Tcb pendingNext;

    boolean pending;

    @Nullable
    Tcb readyNext;

    boolean ready;

    @Nullable
    Tcb acceptNext;

    int events;
    int ackedUnreported;
    boolean onWire;
    /** Place in the layer's list of connections that are over but for their user; -1: not there. */
    int finishedIndex = -1;

    boolean dead;
    boolean orphan;

    @Nullable
    DeathReason deathReason;

    // ---- statistics
    long bytesSent;
    long bytesAcked;
    long bytesReceived;
    long segmentsOut;
    long segmentsIn;
    long retransmittedSegments;

    Tcb(TcpLayer layer, Route route, TcbOptions options) {
        this.layer = layer;
        this.route = route;
        this.options = options;
        this.congestion = options.congestionControl.create();
    }

    /** The one timer of a connection; see {@link Timeouts}. */
    @Override
    protected void expire(long nowNanos) {
        layer.timeouts.expire(this, nowNanos);
    }

    /** Reads a field of each line and object that a segment's arrival will meet, those of the user included. */
    long readAhead() {
        long read = state.ordinal() + rcvNxt + sndUna + delayedAckDeadline + lastDataSentNanos;
        read += sendQueue.lengthBytes() + window.cwndBytes;
        return user == null ? read : read + user.readAhead();
    }

    public TcpState state() {
        return state;
    }

    public TcbOptions options() {
        return options;
    }

    /** True once {@link ConnectionUser#dead} was or would be called. */
    public boolean isDead() {
        return dead;
    }

    /** FlightSize: bytes sent and not acknowledged, a FIN included. */
    int flightBytes() {
        return sndNxt - sndUna;
    }

    /** Sequence number of our FIN. */
    int ownFinSeq() {
        return sendQueue.endSeq();
    }

    boolean finSent() {
        return finQueued && Seq.gt(sndNxt, sendQueue.endSeq());
    }

    /** Bytes queued and never sent. */
    int unsentBytes() {
        return Math.max(sendQueue.endSeq() - sndNxt, 0);
    }

    /** RCV.WND as the peer may use it. */
    int rcvWnd() {
        return Math.max(rcvAdv - rcvNxt, 0);
    }

    boolean checkInvariants() {
        assert Seq.le(sndUna, sndNxt) : this + " una " + sndUna + " nxt " + sndNxt;
        assert sndNxt - sendQueue.endSeq() <= (finQueued ? 1 : 0) || state == TcpState.CLOSED : this;
        assert Seq.le(rcvNxt, rcvAdv + 1) : this + " nxt " + rcvNxt + " adv " + rcvAdv; // a FIN may lie behind the edge
        assert rcvQueuedBytes >= 0 && rcvHeldBytes >= rcvQueuedBytes : rcvHeldBytes + " " + rcvQueuedBytes;
        assert (rcvHead == 0) == (rcvQueuedBytes == 0);
        assert (rcvHead == 0) == (rcvMbufs == 0) : rcvMbufs;
        assert sndWnd >= 0 && window.cwndBytes >= 0;
        return true;
    }

    @Override
    public String toString() {
        return super.toString() + " " + state;
    }
}
