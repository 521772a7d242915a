package org.ixnet.stack.tcp;

import org.ixnet.stack.ip.IpPacket;
import org.ixnet.stack.util.Seq;
import org.ixnet.stack.wire.Tcp;
import org.ixnet.stack.wire.TcpOptions;

/**
 * The segment in hand, in the RFC's terms: SEG.SEQ, SEG.ACK, SEG.LEN, SEG.WND. One flyweight a thread, valid while the
 * segment is processed. Thread rule: the elastic thread.
 */
final class Segment {
    long mbuf;
    long localHi;
    long localLo;
    long remoteHi;
    long remoteLo;
    int localPort;
    int remotePort;
    /** SEG.SEQ. */
    int sequence;
    /** SEG.ACK. */
    int acknowledgment;
    /** SEG.WND, unscaled. */
    int windowField;
    /** Control bits, {@code wire.Tcp}. */
    int flags;
    /** Bytes of text. */
    int textBytes;

    long textAddress;
    /** The mbuf found a new owner; otherwise it is freed at the end. */
    boolean taken;

    final TcpOptions options = new TcpOptions();

    Segment() {}

    /** Reads the header; false when its lengths contradict each other. */
    boolean parse(IpPacket packet) {
        long header = packet.payloadAddress();
        int lengthBytes = packet.payloadLengthBytes();
        if (lengthBytes < Tcp.HEADER_BYTES) {
            return false;
        }
        long first = Tcp.first(header);
        long second = Tcp.second(header);
        int headerBytes = (int) (second >>> 28 & 15) << 2;
        if (headerBytes < Tcp.HEADER_BYTES || headerBytes > lengthBytes) {
            return false;
        }
        mbuf = packet.mbuf();
        taken = false;
        localHi = packet.destinationHi();
        localLo = packet.destinationLo();
        remoteHi = packet.sourceHi();
        remoteLo = packet.sourceLo();
        localPort = (int) (first >>> 32) & 0xffff;
        remotePort = (int) (first >>> 48);
        sequence = (int) first;
        acknowledgment = (int) (second >>> 32);
        windowField = (int) second & 0xffff;
        flags = (int) (second >>> 16) & 0xff;
        textAddress = header + headerBytes;
        textBytes = lengthBytes - headerBytes;
        options.parse(header, headerBytes);
        return true;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** SEG.LEN: text, and one each for SYN and FIN. */
    int segLen() {
        return textBytes + (flags >>> 1 & 1) + (flags & Tcp.FIN);
    }

    /** SEG.SEQ + SEG.LEN. */
    int end() {
        return sequence + segLen();
    }

    /** Cuts off text before {@code sequence}, or the SYN. */
    void trimFrontTo(int from) {
        if (has(Tcp.SYN)) {
            flags &= ~Tcp.SYN;
            sequence++;
        }
        int cut = from - sequence;
        if (cut > 0) {
            assert cut <= textBytes;
            textAddress += cut;
            textBytes -= cut;
            sequence = from;
        }
    }

    /** Cuts off text from {@code limit} on, and with it the FIN; a FIN right at the limit stays. */
    void trimEndTo(int limit) {
        int over = sequence + textBytes - limit;
        if (over > 0) {
            flags &= ~Tcp.FIN;
            textBytes -= Math.min(over, textBytes);
        }
        assert Seq.le(sequence + textBytes, limit) || textBytes == 0;
    }
}
