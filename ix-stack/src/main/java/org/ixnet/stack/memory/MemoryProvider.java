package org.ixnet.stack.memory;

import java.lang.foreign.MemorySegment;

/**
 * Gives {@link Memory} its view of the whole address space. A module that has been granted native access implements it
 * (ix-native does), so that {@code --enable-native-access=org.ixnet.dpdk} is the only grant a program needs.
 */
public interface MemoryProvider {

    /** A segment at address 0 that spans all memory ({@code MemorySegment.NULL.reinterpret(Long.MAX_VALUE)}). */
    MemorySegment everything();
}
