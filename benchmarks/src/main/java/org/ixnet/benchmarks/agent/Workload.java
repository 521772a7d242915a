package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a load generator and what each must be answered with. The length of each answer is known beforehand, so a
 * client only counts bytes and looks at the first one: cheap enough to saturate a server from one core. Thread rule: one
 * event loop.
 */
public interface Workload {

    /** Draws the next request; a number for the other calls. */
    int next();

    /** The bytes of {@code request}, for the caller to write; retained. */
    ByteBuf encode(int request);

    /**
     * Where all requests have the same bytes: these, from 0 to its capacity, in a buffer that nobody else has and that stays when
     * it is released. One is needed for each request under way, because a transport moves its index. Else null.
     */
    default @Nullable ByteBuf reusable() {
        return null;
    }

    int responseBytes(int request);

    /** The first byte of a correct response, or -1 when any will do. */
    int responseFirstByte(int request);

    /** How many different requests there are: {@link #next} draws 0..requests-1. */
    int requests();

    int requestBytes(int request);

    /** Copies the bytes of {@code request} to the start of {@code into}. */
    void copy(int request, byte[] into);

    /** Frees the encoded requests. */
    void release();
}
