package org.ixnet.stack.ip;

/** The received packet in hand: one flyweight a thread, valid during an upcall. Thread rule: the elastic thread. */
public final class IpPacket {
    long mbuf;
    long frameAddress;
    int frameLengthBytes;
    int rxFlags;
    long headerAddress;
    int headerLengthBytes;
    long sourceHi;
    long sourceLo;
    long destinationHi;
    long destinationLo;
    int protocol;
    int trafficClass;
    int timeToLive;
    long payloadAddress;
    int payloadLengthBytes;
    boolean checksumVerified;
    boolean fragment;
    boolean broadcast;
    boolean looped;

    IpPacket() {}

    /** The mbuf that holds the packet. */
    public long mbuf() {
        return mbuf;
    }

    /** The frame as it was given to {@link IpLayer#input}, for a packet that goes on to another thread. */
    public long frameAddress() {
        return frameAddress;
    }

    public int frameLengthBytes() {
        return frameLengthBytes;
    }

    /** {@code PacketBurst.RX_*}, {@link IpLayer#RX_LOOPBACK}, {@link IpLayer#RX_STEERED}. */
    public int rxFlags() {
        return rxFlags;
    }

    public long sourceHi() {
        return sourceHi;
    }

    public long sourceLo() {
        return sourceLo;
    }

    public long destinationHi() {
        return destinationHi;
    }

    public long destinationLo() {
        return destinationLo;
    }

    public boolean isIpv6() {
        return (destinationHi | (destinationLo >>> 32 ^ 0xffff)) != 0;
    }

    /** IANA protocol number. */
    public int protocol() {
        return protocol;
    }

    /** The octet with DSCP and, in the low two bits, ECN. */
    public int trafficClass() {
        return trafficClass;
    }

    public int timeToLive() {
        return timeToLive;
    }

    /** First byte of the transport header. */
    public long payloadAddress() {
        return payloadAddress;
    }

    /** Bytes of transport header and data, from the IP header's length field; padding is cut off. */
    public int payloadLengthBytes() {
        return payloadLengthBytes;
    }

    /** The device verified the transport checksum, or the packet never left this host. */
    public boolean checksumVerified() {
        return checksumVerified;
    }

    /** Sent to a broadcast or multicast address, of IP or Ethernet: TCP must drop it (RFC 9293, MUST-57). */
    public boolean isBroadcast() {
        return broadcast;
    }

    /** It came over the internal loopback. */
    public boolean isLooped() {
        return looped;
    }
}
