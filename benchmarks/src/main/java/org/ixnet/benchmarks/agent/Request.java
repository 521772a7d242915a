package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A request under way, or an idle record of {@link RequestPool}. Thread rule: the event loop. */
final class Request {
    /** Its bytes again and again, where all requests have the same; null: encoded each time. */
    final @Nullable ByteBuf message;

    /** The workload's. */
    int number;

    /** When it was due; {@link #UNTIMED}: nobody wants to know. */
    long dueNanos;

    /** Of the answer, still to come. */
    int leftBytes;
    /** Of the answer; -1: any, or seen. */
    int firstByte;

    /** The next of its connection, or of the idle ones. */
    @Nullable
    Request next;

    static final long UNTIMED = Long.MIN_VALUE;

    Request(@Nullable ByteBuf message) {
        this.message = message;
    }
}
