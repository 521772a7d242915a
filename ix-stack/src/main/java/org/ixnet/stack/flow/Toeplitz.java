package org.ixnet.stack.flow;

/**
 * The hash that NICs steer packets by (Microsoft, RSS hashing functions). Source and destination are those of the received
 * packet: the source is the remote end. Thread rule: immutable.
 */
public final class Toeplitz {
    /** @param key 40 bytes or more */
    public Toeplitz(byte[] key) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The key of Microsoft's verification suite, which most drivers use too; a copy. */
    public static byte[] standardKey() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Hash of a TCP or UDP packet's addresses and ports; of two IPv4 addresses when both are mapped. */
    public int hash(
            long sourceHi, long sourceLo, long destinationHi, long destinationLo, int sourcePort, int destinationPort) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Hash of the addresses alone: fragments, and protocols without ports. */
    public int hash(long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Hash of a received Ethernet frame as a NIC would compute it; 0 for what is not IP or is cut short. */
    public int hashFrame(long frameAddress, int frameLengthBytes) {
        throw new UnsupportedOperationException("not built yet");
    }
}
