package org.ixnet.stack.tcp;

import org.ixnet.stack.congestion.CongestionWindow;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.tcp.Tcb.Recovery;
import org.ixnet.stack.util.Seq;
import org.jspecify.annotations.Nullable;

/**
 * What is lost, what is still in the network, and what the loss does to the window: fast retransmit, limited transmit (RFC
 * 3042), NewReno (RFC 6582), SACK-based recovery (RFC 6675), proportional rate reduction (RFC 6937), and the retransmission
 * timeout (RFC 5681, 3.1). Both kinds of recovery share one model:
 *
 * <pre>
 *   sndUna        highRxt          lostEdge                 sndNxt
 *     |--sent again--|---lost, to do---|----in the network----|
 *          (less what SACK, or for NewReno each duplicate ACK, reports)
 * </pre>
 *
 * <p>RACK-TLP (RFC 8985) has its place here: it would set {@code lostEdge} by time; a retransmission that is lost again,
 * and a lost tail, wait for the timeout until then. Thread rule: the connection's elastic thread.
 */
final class LossRecovery {
    private static final int DUP_THRESH = SackScoreboard.DUP_THRESH;

    private static final int SPARE_SCOREBOARDS = 256;

    private final Counters<TcpCounter> counters;
    private final @Nullable SackScoreboard[] spares = new @Nullable SackScoreboard[SPARE_SCOREBOARDS];
    private int spareCount;

    LossRecovery(Counters<TcpCounter> counters) {
        this.counters = counters;
    }

    /** pipe: bytes that are believed to be in the network. */
    static int pipeBytes(Tcb tcb) {
        int flight = tcb.sndNxt - tcb.sndUna;
        if (tcb.recovery == Recovery.OPEN && tcb.dupAcks == 0) {
            return flight;
        }
        int delivered = tcb.sackOk
                ? tcb.scoreboard == null ? 0 : tcb.scoreboard.sackedBytes()
                : (int) Math.min(flight, (long) tcb.dupAcks * tcb.window.mssBytes);
        int lost = tcb.recovery == Recovery.OPEN ? 0 : holes(tcb, Seq.max(tcb.highRxt, tcb.sndUna), tcb.lostEdge);
        return Math.max(flight - delivered - lost, 0);
    }

    private static int holes(Tcb tcb, int from, int to) {
        return tcb.scoreboard == null ? Math.max(to - from, 0) : tcb.scoreboard.holesBytes(from, to);
    }

    /** Bytes in flight that are taken as lost, whether they were sent again or not. */
    static int lostBytes(Tcb tcb) {
        return tcb.recovery == Recovery.OPEN ? 0 : holes(tcb, tcb.sndUna, Seq.min(tcb.lostEdge, tcb.sndNxt));
    }

    /** Bytes in flight that were sent again and not acknowledged since. */
    static int retransmittedBytes(Tcb tcb) {
        return tcb.recovery == Recovery.OPEN ? 0 : holes(tcb, tcb.sndUna, Seq.min(tcb.highRxt, tcb.sndNxt));
    }

    /** Where the next retransmission starts; SND.NXT when nothing that is lost waits. */
    static int nextLost(Tcb tcb) {
        int sequence = Seq.max(tcb.highRxt, tcb.sndUna);
        if (tcb.scoreboard != null) {
            sequence = tcb.scoreboard.nextHole(sequence);
        }
        return Seq.lt(sequence, Seq.min(tcb.lostEdge, tcb.sndNxt)) ? sequence : tcb.sndNxt;
    }

    /** Where the lost run that starts at {@code sequence} ends. */
    static int lostEnd(Tcb tcb, int sequence) {
        int limit = Seq.min(tcb.lostEdge, tcb.sndNxt);
        return tcb.scoreboard == null ? limit : tcb.scoreboard.holeEnd(sequence, limit);
    }

    /**
     * An ACK was processed; SND.UNA and the scoreboard are up to date.
     *
     * @param acked numbers newly acknowledged; 0: none
     * @param delivered bytes that this ACK shows to have arrived, by either way
     * @param duplicate it is a duplicate ACK (RFC 5681, 2), or with SACK, one that reports something new
     */
    void onAck(Tcb tcb, int acked, int delivered, boolean duplicate, long nowNanos) {
        switch (tcb.recovery) {
            case OPEN -> {
                if (acked > 0) {
                    tcb.dupAcks = 0;
                    if (Seq.gt(tcb.sndUna, tcb.recoveryPoint)) {
                        tcb.recoveryPoint = tcb.sndUna - 1; // else it seems to lie ahead after 2 GiB
                    }
                    grow(tcb, acked, nowNanos);
                } else if (duplicate) {
                    tcb.dupAcks++;
                }
                if (lossFound(tcb)) {
                    enterFast(tcb, delivered, nowNanos);
                }
            }
            case FAST -> {
                if (Seq.ge(tcb.sndUna, tcb.recoveryPoint)) {
                    exitFast(tcb);
                } else {
                    goOnFast(tcb, acked, duplicate);
                    reduce(tcb, acked > 0 || duplicate ? delivered : 0, 0);
                }
            }
            case LOSS -> {
                if (acked > 0) {
                    // An ACK may cover much that SACK had reported: a segment for each, or they leave in one burst.
                    // RFC 3465, 2.3: after a timeout L is 1.
                    boolean slowStart = tcb.window.inSlowStart();
                    grow(tcb, slowStart ? Math.min(acked, tcb.window.mssBytes) : acked, nowNanos);
                    if (Seq.ge(tcb.sndUna, tcb.recoveryPoint)) {
                        tcb.recovery = Recovery.OPEN;
                        tcb.dupAcks = 0;
                    }
                }
            }
        }
    }

    private static void grow(Tcb tcb, int acked, long nowNanos) {
        CongestionWindow window = tcb.window;
        // RFC 7661, RFC 9438 5.8: a window that the sender does not fill must not grow. In slow start, as Linux does,
        // it may
        // reach twice what was in flight.
        boolean limited = window.inSlowStart() ? window.cwndBytes < 2L * tcb.maxFlightBytes : tcb.cwndLimited;
        if (limited) {
            tcb.congestion.onAck(window, acked, tcb.rtt.srttNanos, nowNanos);
        }
    }

    private static boolean lossFound(Tcb tcb) {
        if (tcb.sackOk) {
            SackScoreboard scoreboard = tcb.scoreboard;
            // RFC 6675, 5: DupThresh duplicates, or IsLost(HighACK + 1).
            return scoreboard != null
                    && !scoreboard.isEmpty()
                    && (tcb.dupAcks >= DUP_THRESH
                            || Seq.gt(scoreboard.lostEdge(tcb.sndUna, tcb.window.mssBytes), tcb.sndUna));
        }
        // RFC 6582, 3.2, step 1: duplicates of what an earlier recovery sent again do not count.
        return tcb.dupAcks >= DUP_THRESH && Seq.gt(tcb.sndUna, tcb.recoveryPoint);
    }

    private void enterFast(Tcb tcb, int delivered, long nowNanos) {
        counters.increment(TcpCounter.FAST_RECOVERIES);
        int flight = tcb.sndNxt - tcb.sndUna;
        tcb.congestion.onLoss(tcb.window, flight, nowNanos);
        tcb.recovery = Recovery.FAST;
        tcb.recoveryPoint = tcb.sndNxt;
        tcb.highRxt = tcb.sndUna;
        int first = Seq.min(tcb.sndUna + tcb.window.mssBytes, tcb.sndNxt);
        tcb.lostEdge = tcb.sackOk && tcb.scoreboard != null
                ? Seq.max(first, tcb.scoreboard.lostEdge(tcb.sndUna, tcb.window.mssBytes))
                : first;
        tcb.prrDelivered = 0;
        tcb.prrOut = 0;
        tcb.recoverFlight = flight;
        // RFC 6675, 5, (4.3): the first retransmission goes out whatever pipe says.
        reduce(tcb, delivered, tcb.window.mssBytes);
    }

    private static void goOnFast(Tcb tcb, int acked, boolean duplicate) {
        int mss = tcb.window.mssBytes;
        if (tcb.sackOk) {
            if (tcb.scoreboard != null) {
                tcb.lostEdge = Seq.max(tcb.lostEdge, tcb.scoreboard.lostEdge(tcb.sndUna, mss));
            }
        } else if (acked > 0) {
            // RFC 6582, 3.2, step 3, partial acknowledgment: the segment behind it is lost too. Of the duplicates, one
            // belonged
            // to the retransmission that filled the hole.
            tcb.dupAcks = Math.max(tcb.dupAcks - Math.max(acked / mss - 1, 0), 0);
            tcb.highRxt = tcb.sndUna;
            tcb.lostEdge = Seq.min(tcb.sndUna + mss, tcb.sndNxt);
        } else if (duplicate && (long) tcb.dupAcks * mss < tcb.flightBytes()) {
            tcb.dupAcks++; // as Linux, no more than segments in flight: the rest is forged
        }
    }

    /** RFC 6937, 3: cwnd goes to ssthresh in proportion to what is delivered; at least {@code leastBytes} may leave now. */
    private static void reduce(Tcb tcb, int delivered, int leastBytes) {
        CongestionWindow window = tcb.window;
        tcb.prrDelivered += delivered;
        int pipe = pipeBytes(tcb);
        long allowed;
        if (pipe > window.ssthreshBytes) {
            long share = ((long) tcb.prrDelivered * window.ssthreshBytes + tcb.recoverFlight - 1) / tcb.recoverFlight;
            allowed = share - tcb.prrOut;
        } else {
            long limit = Math.max(tcb.prrDelivered - tcb.prrOut, delivered) + (long) window.mssBytes; // PRR-SSRB
            allowed = Math.min(window.ssthreshBytes - pipe, limit);
        }
        window.cwndBytes = pipe + (int) Math.max(allowed, leastBytes);
    }

    private static void exitFast(Tcb tcb) {
        tcb.recovery = Recovery.OPEN;
        tcb.dupAcks = 0;
        tcb.window.cwndBytes = Math.max(tcb.window.ssthreshBytes, tcb.window.mssBytes);
    }

    /** Everything in flight goes out again, although the network lost it for its size and not for congestion. */
    void resendAll(Tcb tcb) {
        tcb.recovery = Recovery.LOSS;
        tcb.recoveryPoint = tcb.sndNxt;
        tcb.highRxt = tcb.sndUna;
        tcb.lostEdge = tcb.sndNxt;
        tcb.dupAcks = 0;
        tcb.timing = false;
    }

    /** The retransmission timer expired (RFC 5681, 3.1; RFC 6675, 5.1): everything in flight is to be sent again. */
    void onTimeout(Tcb tcb, long nowNanos) {
        if (tcb.recovery != Recovery.LOSS || tcb.retransmits == 1) {
            tcb.congestion.onTimeout(tcb.window, tcb.flightBytes(), nowNanos);
        }
        tcb.window.cwndBytes = tcb.window.mssBytes;
        resendAll(tcb);
        SackScoreboard scoreboard = tcb.scoreboard;
        // RFC 2018, 8: a receiver may discard what it reported. It has when SND.UNA itself is reported; a second
        // timeout in a
        // row makes sure.
        if (scoreboard != null && (tcb.retransmits > 1 || scoreboard.nextHole(tcb.sndUna) != tcb.sndUna)) {
            scoreboard.clear();
        }
    }

    /** A scoreboard for a connection whose peer reports for the first time. */
    SackScoreboard takeScoreboard() {
        SackScoreboard scoreboard = spareCount > 0 ? spares[--spareCount] : null;
        return scoreboard == null ? new SackScoreboard() : scoreboard;
    }

    void giveScoreboard(Tcb tcb) {
        SackScoreboard scoreboard = tcb.scoreboard;
        if (scoreboard != null) {
            tcb.scoreboard = null;
            scoreboard.clear();
            if (spareCount < SPARE_SCOREBOARDS) {
                spares[spareCount++] = scoreboard;
            }
        }
    }
}
