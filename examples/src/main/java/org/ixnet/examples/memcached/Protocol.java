package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;

/** One of the two wire protocols, reading a stream in pieces of any size. */
interface Protocol {
    /**
     * Takes the next step: a command, or a part of one. Returns false when that needs more input than is left; what is left
     * then belongs to that step.
     */
    boolean step(ByteBuf in);

    /**
     * Returns how many bytes of {@code more}, one at least, to append to {@code partial}, on which {@link #step} returned
     * false, before it is worth another try: never more than belong to that step.
     */
    int missingBytes(ByteBuf partial, ByteBuf more);
}
