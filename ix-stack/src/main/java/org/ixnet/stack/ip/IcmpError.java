package org.ixnet.stack.ip;

/** The ICMP error in hand: one flyweight a thread, valid during an upcall. Thread rule: the elastic thread. */
public final class IcmpError {

    /** What it reports; RFC 792 and RFC 1122, 3.2.2.1. */
    public enum Kind {
        NET_UNREACHABLE,
        HOST_UNREACHABLE,
        PROTOCOL_UNREACHABLE,
        PORT_UNREACHABLE,
        /** Fragmentation needed and DF set; see {@link IcmpError#nextHopMtuBytes()}. */
        FRAGMENTATION_NEEDED,
        SOURCE_ROUTE_FAILED,
        ADMINISTRATIVELY_PROHIBITED,
        TIME_EXCEEDED,
        REASSEMBLY_TIME_EXCEEDED,
        PARAMETER_PROBLEM
    }

    Kind kind = Kind.NET_UNREACHABLE;
    int protocol;
    long reporterHi;
    long reporterLo;
    long localHi;
    long localLo;
    int localPort;
    long remoteHi;
    long remoteLo;
    int remotePort;
    int quotedSequence;
    int nextHopMtuBytes;

    IcmpError() {}

    public Kind kind() {
        return kind;
    }

    /** Protocol of the quoted packet. */
    public int protocol() {
        return protocol;
    }

    /** Who sent the error. */
    public long reporterHi() {
        return reporterHi;
    }

    public long reporterLo() {
        return reporterLo;
    }

    /** Source address of the quoted packet: an address of this host. */
    public long localHi() {
        return localHi;
    }

    public long localLo() {
        return localLo;
    }

    public int localPort() {
        return localPort;
    }

    /** Destination address of the quoted packet. */
    public long remoteHi() {
        return remoteHi;
    }

    public long remoteLo() {
        return remoteLo;
    }

    public int remotePort() {
        return remotePort;
    }

    /** TCP sequence number of the quoted segment; must lie in SND.UNA..SND.NXT (RFC 5927, 4). 0 for UDP. */
    public int quotedSequence() {
        return quotedSequence;
    }

    /** MTU of the next hop from FRAGMENTATION_NEEDED, estimated when the router sent none (RFC 1191, 7); else 0. */
    public int nextHopMtuBytes() {
        return nextHopMtuBytes;
    }
}
