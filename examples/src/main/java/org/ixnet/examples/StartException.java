package org.ixnet.examples;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceUnavailableException;
import org.jspecify.annotations.Nullable;

/** Why a server could not start, in one line with its remedy, for the user. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    /** Creates one with a message for the user. */
    public StartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The transport cannot be had, or does not start; another one is named as a remedy only where it would be one. */
    static StartException unavailable(Transport transport, Throwable cause) {
        String reason = oneLine(rootOf(cause));
        return new StartException(
                isConfiguration(cause)
                        ? "transport " + transport + " does not start: " + reason
                        : "transport " + transport + " cannot be used here: " + reason
                                + "; choose another with --transport",
                cause);
    }

    /** Whether it is for the user to say something else, rather than for the machine to have something that it lacks. */
    private static boolean isConfiguration(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DeviceUnavailableException || cause instanceof LinkageError) {
                return false;
            }
            if (cause instanceof IllegalArgumentException || cause instanceof DeviceException) {
                return true;
            }
        }
        return false;
    }

    static StartException cannotBind(InetSocketAddress address, Throwable cause) {
        String reason = oneLine(cause);
        int port = address.getPort();
        String what = "cannot listen on " + Main.text(address) + ": ";
        if (reason.contains("in use")) {
            return new StartException(
                    "port " + port + " on " + address.getHostString()
                            + " is taken; choose another with --port, or stop what has" + " it (ss -ltnp sport = :"
                            + port + ")",
                    cause);
        }
        if (reason.contains("ermission denied")) {
            return new StartException(what + "permission denied; choose a --port of 1024 or more, or be root", cause);
        }
        if (reason.contains("assign requested address")) {
            return new StartException(
                    what + "this machine has no such address; choose another --address (ip addr)", cause);
        }
        return new StartException(what + reason + "; check --address and --port", cause);
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        // Netty wraps the reason in errors that only say that loading failed; IX wraps it in words that name the
        // remedy, or a setting and its bounds.
        while (root.getCause() != null
                && !(root instanceof IOException)
                && !(root instanceof IllegalArgumentException && root.getMessage() != null)
                && !oneLine(root).contains("remedy")) {
            root = root.getCause();
        }
        return root;
    }

    private static String oneLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank()
                ? failure.getClass().getSimpleName()
                : message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
