package org.ixnet.stack.device;

/** Sees the frames of a {@link VirtualLink}, for example to record them. Thread rule: called under the link's lock. */
@FunctionalInterface
public interface FrameTap {
    /**
     * A frame as its sender handed it over, before the wire did anything to it.
     *
     * @param fromA whether end A sent it
     * @param frameAddress readable during the call only
     */
    void frame(long nowNanos, boolean fromA, long frameAddress, int frameLengthBytes);
}
