package org.ixnet.stack.tcp;

/** Why a connection ended. */
public enum DeathReason {
    /** Both sides closed in order. */
    CLOSED,
    /** The local user aborted it. */
    ABORTED,
    /** The peer sent RST to an established connection. */
    RESET_BY_PEER,
    /** The peer answered SYN with RST. */
    REFUSED,
    /** Retransmission, keepalive or user timeout ran out. */
    TIMED_OUT,
    /** An ICMP error or a missing route ended it. */
    UNREACHABLE,
    /** The elastic thread shut down, or memory ran out. */
    NO_RESOURCES
}
