package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.ip.IpProtocol;
import org.ixnet.stack.ip.Route;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.tcp.Tcb.Recovery;
import org.ixnet.stack.util.Seq;
import org.ixnet.stack.wire.Tcp;
import org.ixnet.stack.wire.TcpOptions;

/**
 * Decides what a connection sends (RFC 9293, 3.8.6.2.1: silly-window avoidance; 3.7.4: Nagle; 3.8.6.3: delayed ACKs) and
 * writes the segments. It runs once a cycle for each connection that is marked, so ACKs ride on data whenever the user
 * answered within the cycle. Thread rule: the elastic thread.
 */
final class TcpOutput {
    /** Linux: a partial segment that TCP_CORK holds back leaves after 200 ms. */
    private static final long CORK_NANOS = 200_000_000L;
    /** ECT may be sent only where ECN was negotiated (RFC 3168, 6.1.1), which it never is yet. */
    private static final int ECN = 3;

    private final TcpLayer layer;
    private final IpLayer ip;

    TcpOutput(TcpLayer layer) {
        this.layer = layer;
        this.ip = layer.ip;
    }

    /** Sends what is due: lost data first, then new data, then an ACK if none of these carried it. */
    void flush(Tcb tcb, long nowNanos) {
        assert tcb.checkInvariants();
        if (!tcb.onWire) {
            return;
        }
        if (tcb.state == TcpState.SYN_SENT && tcb.retransmitDeadline == Tcb.NEVER) {
            tcb.sndNxt = tcb.iss + 1;
            tcb.timing = true;
            tcb.timedSeq = tcb.sndNxt;
            tcb.timedAtNanos = nowNanos;
            tcb.unackedSinceNanos = nowNanos;
            sendSyn(tcb, nowNanos);
            layer.timeouts.armRetransmit(tcb, nowNanos);
        }
        sendText(tcb, nowNanos);
        if (tcb.ackOwed || tcb.ackNow) {
            acknowledge(tcb, nowNanos);
        }
        assert tcb.checkInvariants();
    }

    /** Lost data, then new data, as far as the windows allow. */
    void sendText(Tcb tcb, long nowNanos) {
        if (tcb.state.mayTransmit()) {
            if (tcb.route.mtuBytes() != tcb.mtuBytes) {
                SegmentSize.pathChanged(layer, tcb);
            }
            boolean complete = tcb.recovery == Recovery.OPEN || retransmitLost(tcb, nowNanos);
            if (!complete || !sendNew(tcb, nowNanos)) {
                layer.markPending(tcb); // the rest in the next cycle
            }
        }
    }

    // ---------------------------------------------------------------- data

    /** Sends lost data again, as far as pipe allows. False when the quota or the pool ended it. */
    private boolean retransmitLost(Tcb tcb, long nowNanos) {
        int quota = layer.config.segmentsPerFlush();
        int sequence;
        while ((sequence = LossRecovery.nextLost(tcb)) != tcb.sndNxt) {
            int limit = Seq.min(LossRecovery.lostEnd(tcb, sequence), tcb.ownFinSeq());
            int length = Math.clamp(limit - sequence, 0, payloadMax(tcb));
            if (LossRecovery.pipeBytes(tcb) + length > tcb.window.cwndBytes && tcb.prrOut + tcb.retransmits > 0) {
                return true;
            }
            if (quota-- == 0 || !retransmit(tcb, sequence, length, nowNanos)) {
                return false;
            }
        }
        return true;
    }

    /** Sends {@code length} bytes from {@code sequence} again, with the FIN when it follows them. */
    private boolean retransmit(Tcb tcb, int sequence, int length, long nowNanos) {
        boolean fin = tcb.finSent() && sequence + length == tcb.ownFinSeq();
        assert length > 0 || fin;
        boolean push = length > 0 && sequence + length == tcb.sendQueue.endSeq();
        if (!segment(tcb, sequence, length, flags(push, fin), nowNanos)) {
            return false;
        }
        int end = sequence + length + (fin ? 1 : 0);
        tcb.highRxt = Seq.max(tcb.highRxt, end);
        tcb.prrOut += length;
        tcb.timing = false; // Karn's algorithm
        tcb.retransmittedSegments++;
        layer.counters.increment(TcpCounter.RETRANSMITTED_SEGMENTS);
        if (tcb.retransmitDeadline == Tcb.NEVER) {
            layer.timeouts.armRetransmit(tcb, nowNanos);
        }
        return true;
    }

    /** Sends new data and the FIN, as far as both windows and Nagle allow. False when the quota or the pool ended it. */
    private boolean sendNew(Tcb tcb, long nowNanos) {
        int endSeq = tcb.sendQueue.endSeq();
        if (Seq.ge(tcb.sndNxt, endSeq) && (!tcb.finQueued || tcb.sndNxt != endSeq)) {
            return true; // nothing new
        }
        restartAfterIdle(tcb, nowNanos);
        int quota = layer.config.segmentsPerFlush();
        int payloadMax = payloadMax(tcb);
        int room = tcb.window.cwndBytes - LossRecovery.pipeBytes(tcb);
        boolean cwndLimited = false;
        boolean complete = true;
        while (true) {
            int unsent = endSeq - tcb.sndNxt;
            int windowRoom = tcb.sndUna + tcb.sndWnd - tcb.sndNxt;
            int length = Math.min(Math.min(unsent, payloadMax), windowRoom);
            boolean fin = tcb.finQueued && length == unsent && windowRoom > unsent;
            if (unsent < 0 || length < 0 || (length == 0 && !fin)) {
                break;
            }
            if (!fin && !maySend(tcb, length, unsent, payloadMax, nowNanos)) {
                break;
            }
            if (length > room && tcb.sndNxt != tcb.sndUna && length > 0) {
                cwndLimited = true;
                break;
            }
            boolean push = length > 0 && length == unsent;
            if (quota-- == 0 || !segment(tcb, tcb.sndNxt, length, flags(push, fin), nowNanos)) {
                complete = false;
                break;
            }
            room -= length;
            sentNew(tcb, length, fin, payloadMax, nowNanos);
        }
        noteFlight(tcb, cwndLimited || room <= 0);
        if (complete && tcb.sndNxt == tcb.sndUna && Seq.le(tcb.sndNxt, endSeq)) {
            persist(tcb, nowNanos);
        }
        if (tcb.sendBlocked && layer.userCalls.sendSpaceBytes(tcb) > 0) {
            layer.raise(tcb, Tcb.EVENT_SENT); // TCP_NOTSENT_LOWAT: sending opens space too
        }
        return complete;
    }

    private void sentNew(Tcb tcb, int length, boolean fin, int payloadMax, long nowNanos) {
        if (tcb.sndNxt == tcb.sndUna) {
            tcb.unackedSinceNanos = nowNanos;
        }
        tcb.sndNxt += length + (fin ? 1 : 0);
        if (length < payloadMax) {
            tcb.sndSml = tcb.sndNxt;
        }
        if (tcb.recovery == Recovery.FAST) {
            tcb.prrOut += length;
        } else if (!tcb.timing && tcb.recovery == Recovery.OPEN) {
            tcb.timing = true;
            tcb.timedSeq = tcb.sndNxt;
            tcb.timedAtNanos = nowNanos;
        }
        tcb.bytesSent += length;
        layer.counters.add(TcpCounter.BYTES_SENT, length);
        if (tcb.retransmitDeadline == Tcb.NEVER || tcb.persisting) {
            layer.timeouts.armRetransmit(tcb, nowNanos); // RFC 6298, (5.1)
        }
    }

    /** Whether a segment of {@code length} new bytes may leave: RFC 9293, 3.8.6.2.1, and Nagle in Minshall's form. */
    private boolean maySend(Tcb tcb, int length, int unsent, int payloadMax, long nowNanos) {
        if (length >= payloadMax) {
            return true; // (1) a full segment
        }
        if (length == unsent) {
            TcbOptions options = tcb.options;
            if (tcb.finQueued) {
                return true;
            }
            if (options.cork) {
                return corkExpired(tcb, nowNanos);
            }
            // (2), (3): everything that is queued, when it is pushed, or when no small segment is in flight.
            if (options.noDelay || !(Seq.gt(tcb.sndSml, tcb.sndUna) && Seq.le(tcb.sndSml, tcb.sndNxt))) {
                return true;
            }
        }
        // (4): at least Fs = 1/2 of the largest window, when the window cuts it. A segment that fills all that is open
        // of a small
        // window waits for more, or for the persist timer.
        return length < unsent && length >= tcb.maxSndWnd / 2;
    }

    private boolean corkExpired(Tcb tcb, long nowNanos) {
        if (tcb.corkDeadline == Tcb.NEVER) {
            tcb.corkDeadline = nowNanos + CORK_NANOS;
            layer.timeouts.schedule(tcb, tcb.corkDeadline);
            return false;
        }
        if (nowNanos - tcb.corkDeadline < 0) {
            return false;
        }
        tcb.corkDeadline = Tcb.NEVER;
        return true;
    }

    private void restartAfterIdle(Tcb tcb, long nowNanos) {
        if (tcb.sndNxt == tcb.sndUna && tcb.lastDataSentNanos != 0) {
            long idle = nowNanos - tcb.lastDataSentNanos;
            tcb.lastDataSentNanos = nowNanos; // once, also when the peer's window forbids to send now
            long rto = tcb.rtt.rtoNanos();
            if (idle > rto) {
                tcb.window.restartAfterIdle(idle / rto);
            }
            tcb.congestion.onIdle(tcb.window, idle);
        }
    }

    private static void noteFlight(Tcb tcb, boolean cwndLimited) {
        int flight = tcb.sndNxt - tcb.sndUna;
        if (Seq.ge(tcb.sndUna, tcb.maxFlightSeq) || flight > tcb.maxFlightBytes) {
            tcb.maxFlightBytes = flight;
            tcb.maxFlightSeq = tcb.sndNxt;
            tcb.cwndLimited = cwndLimited;
        } else {
            tcb.cwndLimited |= cwndLimited;
        }
    }

    /** RFC 9293, 3.8.6.1: data waits, nothing is in flight and the window forbids: probe it for ever. */
    private void persist(Tcb tcb, long nowNanos) {
        boolean waits = tcb.unsentBytes() > 0 || (tcb.finQueued && !tcb.finSent());
        if (waits && tcb.corkDeadline == Tcb.NEVER && tcb.retransmitDeadline == Tcb.NEVER) {
            tcb.persisting = true;
            tcb.unackedSinceNanos = nowNanos;
            layer.timeouts.armRetransmit(tcb, nowNanos);
        }
    }

    /** The persist timer expired: what fits a small window, or a probe that makes the peer tell its window. */
    void probeWindow(Tcb tcb, long nowNanos) {
        layer.counters.increment(TcpCounter.WINDOW_PROBES);
        int length = Math.min(Math.min(tcb.unsentBytes(), payloadMax(tcb)), tcb.sndUna + tcb.sndWnd - tcb.sndNxt);
        if (length > 0) {
            // RFC 9293, 3.8.6.2.1, the override timeout: a small window that stays small is used.
            boolean last = length == tcb.unsentBytes();
            if (segment(tcb, tcb.sndNxt, length, flags(last, false), nowNanos)) {
                sentNew(tcb, length, false, payloadMax(tcb), nowNanos);
            }
            return;
        }
        keepAliveProbe(tcb, nowNanos);
    }

    /** A segment without text before SND.UNA: unacceptable, so the peer answers with an ACK (RFC 9293, 3.8.4; as Linux). */
    void keepAliveProbe(Tcb tcb, long nowNanos) {
        segment(tcb, tcb.sndUna - 1, 0, Tcp.ACK, nowNanos);
    }

    // ---------------------------------------------------------------- ACKs

    private void acknowledge(Tcb tcb, long nowNanos) {
        boolean quick = tcb.ackNow
                || tcb.options.quickAck
                // Not worth a delay when it ended in vain before: the connection will have left the caches by then.
                || (!tcb.interactive && (tcb.quickAcks > 0 || tcb.sparse))
                // RFC 9293, 3.8.6.3, SHLD-19: at least every second full-sized segment.
                || tcb.rcvNxt - tcb.lastAckSent > tcb.rcvMss
                || layer.config.delayedAckNanos() == 0;
        if (quick) {
            sendAck(tcb, nowNanos);
        } else if (tcb.delayedAckDeadline == Tcb.NEVER) {
            tcb.delayedAckDeadline = nowNanos + layer.config.delayedAckNanos();
            layer.timeouts.schedule(tcb, tcb.delayedAckDeadline);
        }
    }

    /** Sends an ACK without text at once. */
    void sendAck(Tcb tcb, long nowNanos) {
        if (!segment(tcb, tcb.sndNxt, 0, Tcp.ACK, nowNanos)) {
            tcb.ackNow = true;
            layer.markPending(tcb);
        } else if (tcb.quickAcks > 0) {
            tcb.quickAcks--;
        }
    }

    // ---------------------------------------------------------------- segments

    private static int flags(boolean push, boolean fin) {
        return Tcp.ACK | (push ? Tcp.PSH : 0) | (fin ? Tcp.FIN : 0);
    }

    /** Bytes of text in a full segment now: SACK blocks take room from it. */
    private static int payloadMax(Tcb tcb) {
        return tcb.window.mssBytes - sackBytes(tcb);
    }

    private static int sackBytes(Tcb tcb) {
        int blocks = sackBlocks(tcb);
        return blocks == 0 ? 0 : 4 + 8 * blocks;
    }

    private static int sackBlocks(Tcb tcb) {
        if (!tcb.sackOk || (tcb.reassembly == null && !tcb.dsack)) {
            return 0;
        }
        int held = tcb.reassembly == null ? 0 : tcb.reassembly.blocks();
        return Math.min(held + (tcb.dsack ? 1 : 0), tcb.timestampsOk ? 3 : 4);
    }

    /** Writes and sends one segment of an open connection; false when the pool is empty. */
    private boolean segment(Tcb tcb, int sequence, int length, int flags, long nowNanos) {
        long mbuf = ip.allocate();
        if (mbuf == 0) {
            layer.counters.increment(TcpCounter.NO_MBUF);
            return false;
        }
        long header = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        long at = header + Tcp.HEADER_BYTES + (tcb.timestampsOk ? TcpOptions.ALIGNED_TIMESTAMPS_BYTES : 0);
        if (tcb.sackOk && (tcb.reassembly != null || tcb.dsack)) {
            at = writeSack(tcb, at);
        }
        int headerBytes = (int) (at - header);
        int windowField = ReceiveSide.windowField(tcb);
        Tcp.write(header, tcb.localPort, tcb.remotePort, sequence, tcb.rcvNxt, headerBytes, flags, windowField);
        if (tcb.timestampsOk) {
            Tcp.writeTimestamps(header, layer.timestamp(tcb.tsOffset), tcb.tsRecent);
        }
        if (length > 0) {
            tcb.sendQueue.copy(sequence, at, length);
            tcb.interactive |= tcb.ackOwed;
            tcb.lastDataSentNanos = nowNanos;
        }
        tcb.ackOwed = false;
        tcb.ackNow = false;
        tcb.delayedAckDeadline = Tcb.NEVER;
        tcb.lastAckSent = tcb.rcvNxt;
        tcb.segmentsOut++;
        send(tcb.route, mbuf, header, headerBytes + length, tcb.options.trafficClass, headerBytes, nowNanos);
        return true;
    }

    private static long writeSack(Tcb tcb, long from) {
        int blocks = sackBlocks(tcb);
        if (blocks == 0) {
            return from;
        }
        long at = TcpOptions.writeSackHead(from, blocks);
        int written = 0;
        if (tcb.dsack) {
            at = TcpOptions.writeSackBlock(at, tcb.dsackStart, tcb.dsackEnd); // RFC 2883, 4: first, and once
            tcb.dsack = false;
            written++;
        }
        ReassemblyQueue queue = tcb.reassembly;
        for (int rank = 0; queue != null && written < blocks; rank++) {
            int block = queue.reported(rank);
            if (block < 0) {
                break;
            }
            at = TcpOptions.writeSackBlock(at, queue.start(block), queue.end(block));
            written++;
        }
        if (written < blocks) {
            // Fewer blocks are remembered than there are: mend the length.
            if (written == 0) {
                return from;
            }
            TcpOptions.writeSackHead(from, written);
        }
        return at;
    }

    /** Sends the SYN of an active open, or the SYN,ACK of a simultaneous one (RFC 9293, 3.10.1; RFC 7323). */
    void sendSyn(Tcb tcb, long nowNanos) {
        long mbuf = ip.allocate();
        if (mbuf == 0) {
            layer.counters.increment(TcpCounter.NO_MBUF);
            return; // the retransmission timer tries again
        }
        boolean ack = tcb.state == TcpState.SYN_RECEIVED;
        long header = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        long at = writeSynOptions(
                header + Tcp.HEADER_BYTES,
                SegmentSize.offered(tcb.route, tcb),
                !ack || tcb.sackOk,
                !ack || tcb.timestampsOk,
                layer.timestamp(tcb.tsOffset),
                ack ? tcb.tsRecent : 0,
                ack && !tcb.scalingOk ? -1 : tcb.rcvWindShift);
        int headerBytes = (int) (at - header);
        int flags = Tcp.SYN | (ack ? Tcp.ACK : 0);
        // RFC 7323, 2.2: the window of a SYN is not scaled.
        int windowField = Math.min(ReceiveSide.SYN_WINDOW_MAX, tcb.options.receiveBufferBytes);
        if (ack) {
            tcb.rcvAdv = Seq.max(tcb.rcvAdv, tcb.rcvNxt + windowField);
            tcb.lastAckSent = tcb.rcvNxt;
        }
        Tcp.write(
                header, tcb.localPort, tcb.remotePort, tcb.iss, ack ? tcb.rcvNxt : 0, headerBytes, flags, windowField);
        tcb.segmentsOut++;
        tcb.ackOwed = false;
        tcb.ackNow = false;
        send(tcb.route, mbuf, header, headerBytes, tcb.options.trafficClass, headerBytes, nowNanos);
    }

    /** Sends the SYN,ACK for a half-open connection. */
    void sendSynAck(SynRequest request, long nowNanos) {
        Route route = request.route();
        long mbuf = ip.allocate();
        if (mbuf == 0) {
            layer.counters.increment(TcpCounter.NO_MBUF);
            return;
        }
        long header = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        long at = writeSynOptions(
                header + Tcp.HEADER_BYTES,
                SegmentSize.offered(route, request),
                request.sackOk,
                request.timestampsOk,
                layer.timestamp(request.tsOffset),
                request.tsRecent,
                request.sndWindShift < 0 ? -1 : request.rcvWindShift);
        int headerBytes = (int) (at - header);
        Tcp.write(
                header,
                request.localPort,
                request.remotePort,
                request.iss,
                request.irs + 1,
                headerBytes,
                Tcp.SYN | Tcp.ACK,
                request.windowField);
        send(route, mbuf, header, headerBytes, request.trafficClass, headerBytes, nowNanos);
    }

    /** In Linux's order: MSS, SACK permitted with timestamps, window scale. {@code shift} -1: no scaling. */
    private static long writeSynOptions(
            long from, int mss, boolean sack, boolean timestamps, int value, int echo, int shift) {
        long at = TcpOptions.writeMss(from, mss);
        if (sack && timestamps) {
            at = TcpOptions.writeSackPermittedAndTimestamps(at, value, echo);
        } else if (timestamps) {
            at = TcpOptions.writeTimestamps(at, value, echo);
        } else if (sack) {
            at = TcpOptions.writeSackPermitted(at);
        }
        return shift < 0 ? at : TcpOptions.writeWindowScale(at, shift);
    }

    /** Aborts: RST at SND.NXT, which is exact for the peer (RFC 9293, 3.10.5). */
    void sendReset(Tcb tcb, long nowNanos) {
        long mbuf = ip.allocate();
        if (mbuf == 0) {
            layer.counters.increment(TcpCounter.NO_MBUF);
            return; // the peer finds out when it sends
        }
        long header = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        Tcp.write(
                header, tcb.localPort, tcb.remotePort, tcb.sndNxt, tcb.rcvNxt, Tcp.HEADER_BYTES, Tcp.RST | Tcp.ACK, 0);
        layer.counters.increment(TcpCounter.RESETS_SENT);
        send(tcb.route, mbuf, header, Tcp.HEADER_BYTES, tcb.options.trafficClass, Tcp.HEADER_BYTES, nowNanos);
    }

    /** Answers a segment that belongs to no connection (RFC 9293, 3.10.7.1). The caller has seen that it is no RST. */
    void resetInReply(Segment segment, long nowNanos) {
        boolean ack = segment.has(Tcp.ACK);
        int sequence = ack ? segment.acknowledgment : 0;
        int acknowledgment = ack ? 0 : segment.end();
        int flags = ack ? Tcp.RST : Tcp.RST | Tcp.ACK;
        layer.counters.increment(TcpCounter.RESETS_SENT);
        inReply(segment, sequence, acknowledgment, flags, 0, false, 0, 0, 0, nowNanos);
    }

    /** Sends a segment without text to where {@code segment} came from, for flows that keep no route. */
    void inReply(
            Segment segment,
            int sequence,
            int acknowledgment,
            int flags,
            int windowField,
            boolean timestamps,
            int value,
            int echo,
            int trafficClass,
            long nowNanos) {
        Route route = ip.route(segment.localHi, segment.localLo, segment.remoteHi, segment.remoteLo);
        if (route == null) {
            return;
        }
        long mbuf = ip.allocate();
        if (mbuf == 0) {
            layer.counters.increment(TcpCounter.NO_MBUF);
            return;
        }
        long header = Mbuf.bufferAddress(mbuf) + IpLayer.TRANSPORT_OFFSET;
        long at = header + Tcp.HEADER_BYTES;
        if (timestamps) {
            at = TcpOptions.writeTimestamps(at, value, echo);
        }
        int headerBytes = (int) (at - header);
        Tcp.write(
                header,
                segment.localPort,
                segment.remotePort,
                sequence,
                acknowledgment,
                headerBytes,
                flags,
                windowField);
        assert Memory.getUnsignedShort(header + Tcp.CHECKSUM_OFFSET) == 0;
        send(route, mbuf, header, headerBytes, trafficClass, headerBytes, nowNanos);
    }

    private void send(
            Route route, long mbuf, long header, int lengthBytes, int trafficClass, int headerBytes, long nowNanos) {
        layer.counters.increment(TcpCounter.SEGMENTS_SENT);
        ip.output(
                route,
                mbuf,
                header,
                lengthBytes,
                IpProtocol.TCP,
                trafficClass & ~ECN,
                headerBytes,
                Tcp.CHECKSUM_OFFSET,
                nowNanos);
    }
}
