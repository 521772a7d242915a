package org.ixnet.netty;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import org.ixnet.stack.tcp.DeathReason;

/**
 * The exceptions, worded as Linux does, for the ends that a connection may find. Those of established connections have no
 * stack trace, as in Netty's native transports: it would show the loop only, and filling it in costs more than all else that
 * a short connection needs at its end. Thread rule: stateless.
 */
final class Deaths {
    private Deaths() {}

    static IOException whileConnecting(DeathReason reason) {
        return switch (reason) {
            case REFUSED, RESET_BY_PEER -> new ConnectException("Connection refused");
            case TIMED_OUT -> new ConnectException("Connection timed out");
            case UNREACHABLE -> new NoRouteToHostException("No route to host");
            case CLOSED, ABORTED -> new ConnectException("Connection aborted");
            case NO_RESOURCES -> new ConnectException("No buffer space, or the event loop has shut down");
        };
    }

    static IOException whileConnected(DeathReason reason) {
        return switch (reason) {
            case REFUSED, RESET_BY_PEER -> new ConnectionLost("Connection reset by peer");
            case TIMED_OUT -> new ConnectionLost("Connection timed out");
            case UNREACHABLE -> new NoRouteToHostException("No route to host");
            case CLOSED -> new ConnectionLost("Connection closed");
            case ABORTED -> new ConnectionLost("Connection aborted");
            case NO_RESOURCES -> new ConnectionLost("No buffer space, or the event loop has shut down");
        };
    }

    /** What users of a connection that died of {@code cause} get from now on. */
    static ClosedChannelException closedBy(IOException cause) {
        ClosedChannelException closed = new ClosedByLoss();
        closed.initCause(cause);
        return closed;
    }

    private static final class ConnectionLost extends IOException {
        private static final long serialVersionUID = 1;

        ConnectionLost(String message) {
            super(message);
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    private static final class ClosedByLoss extends ClosedChannelException {
        private static final long serialVersionUID = 1;

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}
