package org.ixnet.stack.dataplane;

/**
 * Sees every frame of one elastic thread, for packet captures. Thread rule: called on the elastic thread, within its cycle.
 */
public interface Capture {

    /** A frame that was received, before the stack saw it. */
    void received(long frameAddress, int frameLengthBytes);

    /** A frame that is given to the device. */
    void transmitted(long frameAddress, int frameLengthBytes);
}
