package org.ixnet.stack.ip;

/** What an {@link IpLayer} counts. */
public enum IpCounter {
    /** Frames given to {@link IpLayer#input}. */
    RECEIVED
}
