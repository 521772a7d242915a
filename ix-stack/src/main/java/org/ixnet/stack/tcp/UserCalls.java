package org.ixnet.stack.tcp;

import java.net.BindException;
import java.net.NoRouteToHostException;
import org.jspecify.annotations.Nullable;

/**
 * The user calls of RFC 9293, 3.10.1 to 3.10.6, on one elastic thread. They change state and mark connections; segments
 * leave in the output step of the cycle. Thread rule: the elastic thread.
 */
public final class UserCalls {
    UserCalls() {}

    /**
     * OPEN, passive.
     *
     * @param localHi with {@code localLo} the address, or 0 and 0 for any
     * @param backlog connections that may wait for {@link #accept}, at least 1
     * @param childOptions copied into each child
     * @throws BindException when this thread listens there already
     */
    public Listener listen(
            long localHi, long localLo, int localPort, int backlog, TcbOptions childOptions, ListenerUser user)
            throws BindException {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The oldest established connection of the accept queue, or null. Give it a user with {@link #attach}. */
    public @Nullable Tcb accept(Listener listener) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Makes {@code user} the target of the upcalls of an accepted connection; they follow in the next dispatch. */
    public void attach(Tcb tcb, ConnectionUser user) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Stops listening; connections still in its queues are reset. */
    public void close(Listener listener) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * OPEN, active.
     *
     * @param localHi with {@code localLo} the address, or 0 and 0 to let the route choose
     * @param localPort 1..65535, or 0 for a port whose replies hash to this thread
     * @throws NoRouteToHostException when no route leads there
     * @throws BindException when the port is taken or none is left
     */
    public Tcb open(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            TcbOptions options,
            ConnectionUser user)
            throws NoRouteToHostException, BindException {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * SEND. The memory must stay as it is until {@link ConnectionUser#sent} covers it, or {@link ConnectionUser#dead}.
     *
     * @return bytes accepted, 0..{@code lengthBytes}; less when the send buffer fills up, and {@code sent} tells of space
     */
    public int send(Tcb tcb, long address, int lengthBytes) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Bytes that {@link #send} would accept now. */
    public int sendSpaceBytes(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * RECEIVE: the next in-order mbuf, or 0. Its data is {@code Mbuf.payloadAddress} and {@code payloadLengthBytes}. The
     * caller owns it: it frees it to the thread's mempool and reports it with {@link #receiveDone}.
     */
    public long receive(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** recv_done: opens the receive window by {@code lengthBytes}. Does nothing on a dead connection. */
    public void receiveDone(Tcb tcb, int lengthBytes) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Whether the peer's FIN arrived and all data before it was taken. */
    public boolean receiveFinished(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** CLOSE of the sending side: FIN after what is queued; data is still received. */
    public void shutdownOutput(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Data that arrives from now on is acknowledged and dropped, as Linux does after SHUT_RD. */
    public void shutdownInput(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * CLOSE: FIN after what is queued, or RST when received data was not taken (RFC 2525, 2.17). Of the upcalls only
     * {@code sent} and {@code dead} still come.
     */
    public void close(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** ABORT: RST, then {@code dead} in the next dispatch. */
    public void abort(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** STATUS. */
    public TcpInfo info(Tcb tcb) {
        throw new UnsupportedOperationException("not built yet");
    }
}
