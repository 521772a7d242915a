package org.ixnet.dpdk;

/**
 * The descriptors that are readable while a queue of a port has a frame. Thread rule: while the device is opened, by the
 * thread that opens it.
 */
interface ReceiveDescriptors {
    /** Of a driver that has none. */
    ReceiveDescriptors NONE = queue -> -1;

    /** Whether the driver must be told that they will be asked for. */
    default boolean areInterrupts() {
        return false;
    }

    /** Called for each queue, 0 first, before the next one is set up. */
    default void queueSetUp(int queue) {}

    /** The descriptor of a queue, once the port runs; negative: none. */
    int of(int queue);
}
