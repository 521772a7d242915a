package org.ixnet.benchmarks.session;

import java.util.Arrays;
import java.util.Locale;

/**
 * What lies between client and server. A figure always names its wire: figures of different wires answer different
 * questions.
 */
public enum Wire {
    /** The kernel's loopback in a namespace of its own; kernel transports only. */
    LOOPBACK,
    /** A veth pair between two namespaces, offloads as the kernel sets them, RPS off; kernel transports only. */
    VETH,
    /** Shared memory between two processes, IX at both ends: the user-space stand-in for a NIC. */
    MEMIF,
    /** The same veth pair; an IX end takes its frames by AF_XDP, a kernel end is an ordinary interface. */
    AF_XDP,
    /** A TAP device: IX at one end, the kernel of the same namespace at the other. */
    TAP;

    /** The wire named {@code label}. */
    public static Wire of(String label) {
        return Arrays.stream(values())
                .filter(wire -> wire.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("wire is '" + label + "'; must be one of "
                        + Arrays.stream(values()).map(Wire::label).toList()));
    }

    /** The name used on command lines and in results. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
