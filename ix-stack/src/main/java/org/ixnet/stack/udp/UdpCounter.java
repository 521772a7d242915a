package org.ixnet.stack.udp;

/** What a {@link UdpLayer} counts. */
public enum UdpCounter {
    /** Datagrams queued for a socket. */
    RECEIVED
}
