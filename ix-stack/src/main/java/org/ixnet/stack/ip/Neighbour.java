package org.ixnet.stack.ip;

import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.timer.Timer;

/**
 * One next hop on the link as one thread sees it: its link address, and the packets that wait for it. {@link Neighbours}
 * drives it. Thread rule: the elastic thread.
 */
public final class Neighbour {

    /** RFC 4861's names, as far as ARP has them. */
    public enum State {
        /** Nobody asked yet. */
        NONE,
        /** A request is out; packets wait. */
        INCOMPLETE,
        REACHABLE,
        /** Still used, but to be confirmed: a unicast request is out. */
        PROBE,
        /** Nobody answered; packets are dropped until the pause ends. */
        FAILED
    }

    /** Packets that wait for an answer; then the oldest goes (RFC 1122, 2.3.2.2: at least one SHOULD be saved). */
    static final int MAX_WAITING = 16;

    final long hi;
    final long lo;
    final Timer timer;
    State state = State.NONE;
    long mac;
    long confirmedNanos;
    int attempts;

    private long head;
    private long tail;
    private int waiting;

    Neighbour(long hi, long lo, Neighbours neighbours) {
        this.hi = hi;
        this.lo = lo;
        this.timer = new Timer() {
            @Override
            protected void expire(long nowNanos) {
                neighbours.expired(Neighbour.this, nowNanos);
            }
        };
    }

    public State state() {
        return state;
    }

    /** Packets that wait for the link address. */
    public int waiting() {
        return waiting;
    }

    /** Appends a packet, whose descriptor stands in its {@link Mbuf}. */
    void enqueue(long mbuf) {
        Mbuf.next(mbuf, 0);
        if (tail == 0) {
            head = mbuf;
        } else {
            Mbuf.next(tail, mbuf);
        }
        tail = mbuf;
        waiting++;
    }

    /** The packet that waits longest, or 0. */
    long dequeue() {
        long mbuf = head;
        if (mbuf != 0) {
            head = Mbuf.next(mbuf);
            if (head == 0) {
                tail = 0;
            }
            waiting--;
        }
        return mbuf;
    }
}
