package org.ixnet.stack.udp;

import org.ixnet.stack.ip.IcmpError;

/** Upcalls of a {@link UdpSocket}. Thread rule: the elastic thread, in the dispatch step of the cycle. */
public interface UdpUser {
    /** Datagrams wait; take them with {@link UdpLayer#receive} until it returns 0. Comes once for each cycle that added some. */
    void readable(UdpSocket socket);

    /** An ICMP error concerns this connected socket. */
    void error(UdpSocket socket, IcmpError.Kind kind);
}
