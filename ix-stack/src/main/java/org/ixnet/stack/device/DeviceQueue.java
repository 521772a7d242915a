package org.ixnet.stack.device;

/**
 * One receive and transmit queue pair of a {@link Device}. Thread rule: one thread at a time owns a queue; the calls never
 * block.
 */
public interface DeviceQueue {

    /**
     * Receives up to {@code maxPackets} frames into descriptors {@code 0..n-1}; their mbufs now belong to the caller.
     *
     * @param maxPackets 1..{@code burst.capacity()}
     * @return frames received, n
     */
    int rxBurst(PacketBurst burst, int maxPackets);

    /**
     * Hands the frames of descriptors {@code first..first+count-1} to the device. The mbufs of those taken belong to the
     * device, which frees them once sent.
     *
     * @return frames taken, 0..count; the rest stays with the caller
     */
    int txBurst(PacketBurst burst, int first, int count);
}
