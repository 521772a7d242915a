package org.ixnet.benchmarks.session;

/** An end of a wire. */
public enum Side {
    SERVER,
    CLIENT
}
