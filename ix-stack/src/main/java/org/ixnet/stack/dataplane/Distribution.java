package org.ixnet.stack.dataplane;

/** Who brings a packet to the elastic thread that owns its flow. */
public enum Distribution {
    /** The device where it has RSS and enough queues, software otherwise. */
    AUTO,
    /** The device's RSS; opening fails where it has none or fewer queues than loops. */
    HARDWARE,
    /** A hash in software and a hand-over between threads, even where the device has RSS. */
    SOFTWARE
}
