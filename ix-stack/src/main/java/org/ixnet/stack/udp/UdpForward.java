package org.ixnet.stack.udp;

/** Gives datagrams to the thread whose socket they are for; the dataplane implements it. Thread rule: the elastic thread. */
public interface UdpForward {
    /** No other thread to forward to. */
    UdpForward NONE = (thread, mbuf, frameAddress, frameLengthBytes, rxFlags) -> false;

    /**
     * Hands a frame to {@code thread}, to be given to its {@code IpLayer.input} with these arguments.
     *
     * @return false when that thread cannot take it; the mbuf then stays with the caller
     */
    boolean forward(int thread, long mbuf, long frameAddress, int frameLengthBytes, int rxFlags);
}
