package org.ixnet.stack.device;

/** What a {@link TransmitQueue} counts. */
public enum TransmitCounter {
    /** Frames that the device took. */
    PACKETS,
    /** Bytes of those frames. */
    BYTES,
    /** Bursts handed to the device. */
    BURSTS,
    /** Bursts that the device took in part or not at all. */
    DEVICE_FULL,
    /** Frames dropped because the queue was full. */
    DROPPED_QUEUE_FULL
}
