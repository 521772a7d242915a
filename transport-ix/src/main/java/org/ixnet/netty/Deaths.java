package org.ixnet.netty;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.ixnet.stack.tcp.DeathReason;

/** The exceptions, worded as Linux does, for the ends that a connection may find. Thread rule: stateless. */
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
            case REFUSED, RESET_BY_PEER -> new IOException("Connection reset by peer");
            case TIMED_OUT -> new IOException("Connection timed out");
            case UNREACHABLE -> new NoRouteToHostException("No route to host");
            case CLOSED -> new IOException("Connection closed");
            case ABORTED -> new IOException("Connection aborted");
            case NO_RESOURCES -> new IOException("No buffer space, or the event loop has shut down");
        };
    }
}
