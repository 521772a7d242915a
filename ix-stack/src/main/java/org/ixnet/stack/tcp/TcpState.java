package org.ixnet.stack.tcp;

/**
 * Connection states of RFC 9293, 3.3.2, and the transitions of its figure 5 as a pure function. Thread rule: immutable.
 *
 * <pre>
 *                                CLOSED
 *               OPEN_PASSIVE /          \ OPEN_ACTIVE
 *                      LISTEN            SYN_SENT
 *                 RCV_SYN |    RCV_SYN  /    | RCV_SYN_ACK
 *                   SYN_RECEIVED  &lt;----      |
 *                         | RCV_ACK_OF_SYN   |
 *                         +---> ESTABLISHED &lt;+
 *                        CLOSE /         \ RCV_FIN
 *                     FIN_WAIT_1         CLOSE_WAIT
 *        RCV_ACK_OF_FIN /    \ RCV_FIN       | CLOSE
 *            FIN_WAIT_2     CLOSING       LAST_ACK
 *           RCV_FIN \         / RCV_ACK_OF_FIN \ RCV_ACK_OF_FIN
 *                    TIME_WAIT  --TIMEOUT-->  CLOSED
 * </pre>
 */
public enum TcpState {
    CLOSED,
    LISTEN,
    SYN_SENT,
    SYN_RECEIVED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSE_WAIT,
    CLOSING,
    LAST_ACK,
    TIME_WAIT;

    /** What moves a connection from state to state. */
    enum Event {
        OPEN_PASSIVE,
        OPEN_ACTIVE,
        RCV_SYN,
        RCV_SYN_ACK,
        RCV_ACK_OF_SYN,
        /** The user's CLOSE: the FIN is queued behind the data. */
        CLOSE,
        RCV_FIN,
        RCV_ACK_OF_FIN,
        /** 2 MSL have passed in TIME-WAIT, or the limit of FIN-WAIT-2. */
        TIMEOUT,
        /** Reset sent or received, user timeout: from any state. */
        ABORT
    }

    private static final TcpState[] VALUES = values();
    private static final int EVENTS = Event.values().length;
    private static final TcpState[] NEXT = new TcpState[VALUES.length * EVENTS];

    static {
        for (TcpState state : VALUES) {
            put(state, Event.ABORT, CLOSED);
        }
        put(CLOSED, Event.OPEN_PASSIVE, LISTEN);
        put(CLOSED, Event.OPEN_ACTIVE, SYN_SENT);
        put(LISTEN, Event.RCV_SYN, SYN_RECEIVED);
        put(LISTEN, Event.CLOSE, CLOSED);
        put(SYN_SENT, Event.RCV_SYN, SYN_RECEIVED); // simultaneous open
        put(SYN_SENT, Event.RCV_SYN_ACK, ESTABLISHED);
        put(SYN_SENT, Event.CLOSE, CLOSED);
        put(SYN_RECEIVED, Event.RCV_ACK_OF_SYN, ESTABLISHED);
        put(SYN_RECEIVED, Event.CLOSE, FIN_WAIT_1);
        put(ESTABLISHED, Event.CLOSE, FIN_WAIT_1);
        put(ESTABLISHED, Event.RCV_FIN, CLOSE_WAIT);
        put(FIN_WAIT_1, Event.RCV_ACK_OF_FIN, FIN_WAIT_2);
        put(FIN_WAIT_1, Event.RCV_FIN, CLOSING);
        put(FIN_WAIT_2, Event.RCV_FIN, TIME_WAIT);
        put(FIN_WAIT_2, Event.TIMEOUT, CLOSED);
        put(CLOSE_WAIT, Event.CLOSE, LAST_ACK);
        put(CLOSING, Event.RCV_ACK_OF_FIN, TIME_WAIT);
        put(LAST_ACK, Event.RCV_ACK_OF_FIN, CLOSED);
        put(TIME_WAIT, Event.TIMEOUT, CLOSED);
    }

    private static void put(TcpState from, Event event, TcpState to) {
        NEXT[from.ordinal() * EVENTS + event.ordinal()] = to;
    }

    /** Whether figure 5 has an arrow for {@code event} here. */
    boolean accepts(Event event) {
        return NEXT[ordinal() * EVENTS + event.ordinal()] != null;
    }

    /** The state after {@code event}; it must be one that this state {@link #accepts}. */
    TcpState after(Event event) {
        TcpState next = NEXT[ordinal() * EVENTS + event.ordinal()];
        assert next != null : this + " on " + event;
        return next;
    }

    /** The states with both sequence numbers agreed: ESTABLISHED and after (RFC 9293, 3.5.2). */
    public boolean isSynchronized() {
        return ordinal() >= ESTABLISHED.ordinal();
    }

    /** Whether SEND is allowed: data queued now will precede the FIN. */
    public boolean acceptsSend() {
        return this == ESTABLISHED || this == CLOSE_WAIT || this == SYN_SENT || this == SYN_RECEIVED;
    }

    /** Whether the user has asked for CLOSE: a FIN is queued or sent. */
    boolean isOutputClosed() {
        return switch (this) {
            case FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT, CLOSED -> true;
            case LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED, CLOSE_WAIT -> false;
        };
    }

    /** The states in which the peer may still send data: its FIN has not been received. */
    boolean acceptsText() {
        return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
    }

    /** The states in which queued data or a FIN may leave. */
    boolean mayTransmit() {
        return switch (this) {
            case ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, CLOSING, LAST_ACK -> true;
            case CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, FIN_WAIT_2, TIME_WAIT -> false;
        };
    }
}
