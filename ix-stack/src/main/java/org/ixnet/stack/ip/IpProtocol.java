package org.ixnet.stack.ip;

/** A transport over IP; TCP and UDP implement it. Thread rule: the elastic thread. */
public interface IpProtocol {
    int ICMP = 1;
    int TCP = 6;
    int UDP = 17;

    /**
     * A packet for this host. Its addresses are checked (no martian, no broadcast source); its transport checksum is not,
     * unless {@link IpPacket#checksumVerified()}. The protocol takes over the mbuf and must free it in the end.
     *
     * @param packet valid during this call only
     */
    void input(IpPacket packet, long nowNanos);

    /**
     * An ICMP error about a packet that this host is said to have sent. The quoted fields come from the network: check them
     * before acting (RFC 5927).
     *
     * @param error valid during this call only
     */
    void icmpError(IcmpError error, long nowNanos);
}
