package org.ixnet.benchmarks.agent;

/** The services of a server agent, each on its own TCP ports. */
public enum Service {
    /** Writes back whatever arrives, as it arrives. Several ports, so that one client address can hold 250 K connections. */
    ECHO(7000, 16),
    /** NetPIPE's mirror: the first four bytes say the message size; a whole message is answered by one of the same size. */
    MESSAGE(7100, 1),
    /** Counts and drops. */
    SINK(7101, 1),
    /** {@link #ECHO} under TLS. */
    TLS(7102, 1),
    /** The HTTP example. */
    HTTP(7103, 1),
    /** The memcached example. */
    MEMCACHED(11211, 1);

    private final int firstPort;
    private final int ports;

    Service(int firstPort, int ports) {
        this.firstPort = firstPort;
        this.ports = ports;
    }

    public int firstPort() {
        return firstPort;
    }

    /** How many ports in a row. */
    public int ports() {
        return ports;
    }
}
