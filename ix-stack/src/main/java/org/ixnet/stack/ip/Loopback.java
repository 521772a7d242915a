package org.ixnet.stack.ip;

/**
 * Takes packets that this host sends to itself, and received ones that the device could not steer: reassembled datagrams and
 * ICMP errors. The dataplane implements it, to give each to the thread that owns its flow (by
 * {@code flow.Toeplitz.hashFrame}, which sees through ICMP errors);
 * {@link LoopbackQueue} serves a single thread. Thread rule: the elastic thread that sends.
 */
public interface Loopback {
    /**
     * Takes over {@code mbuf}, to be given to some thread's {@link IpLayer#input} with these arguments in that thread's next
     * cycle, or freed.
     */
    void loop(long mbuf, long frameAddress, int frameLengthBytes, int rxFlags);
}
