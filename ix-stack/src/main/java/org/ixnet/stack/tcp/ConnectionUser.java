package org.ixnet.stack.tcp;

/**
 * The upcalls of one connection: the event conditions of the IX paper. They come from the dispatch step of
 * {@code ElasticThread.pollOnce}, after the whole receive batch went through TCP, at most once a condition and cycle, in the
 * order connected, sent, readable, dead; the user may make any {@link UserCalls} from inside. Thread rule: the connection's elastic thread.
 */
public interface ConnectionUser {

    /**
     * An upcall is likely to come in this cycle: reads what it will meet, so that the waits for the memory of several
     * connections overlap. Called with many connections only; must change nothing.
     *
     * @return of no meaning, but it must depend on what was read, else the JIT compiler leaves the reading out
     */
    default long readAhead() {
        return 0;
    }

    /** connected: the local open succeeded (a failed one is {@link #dead}). */
    void connected(Tcb tcb);

    /** recv: in-order data, or the peer's FIN, waits; take it with {@link UserCalls#receive}. Not repeated for the same data. */
    void readable(Tcb tcb);

    /**
     * sent: the peer acknowledged data, oldest first; memory handed to {@link UserCalls#send} may be reused up to there.
     *
     * @param ackedBytes bytes acknowledged since the last call; 0 when only send space opened
     */
    void sent(Tcb tcb, long ackedBytes);

    /**
     * dead: the connection ended and {@code tcb} must not be used after this call, in which {@link UserCalls#receive} still
     * gives what came before the end and was not taken. Comes exactly once for each connection, also after
     * {@link UserCalls#close}; memory not yet acknowledged is the user's again.
     */
    void dead(Tcb tcb, DeathReason reason);
}
