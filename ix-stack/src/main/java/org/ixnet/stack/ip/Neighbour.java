package org.ixnet.stack.ip;

/**
 * One next hop on the link as one thread sees it. Thread rule: the elastic thread.
 */
public final class Neighbour {

    /** RFC 4861's names, as far as ARP has them. */
    public enum State {
        /** A request is out; packets wait. */
        INCOMPLETE,
        REACHABLE,
        /** Usable, but to be confirmed: a unicast request is out. */
        STALE,
        /** Nobody answered; packets are dropped until the pause ends. */
        FAILED
    }

    State state = State.INCOMPLETE;

    Neighbour() {}

    public State state() {
        return state;
    }
}
