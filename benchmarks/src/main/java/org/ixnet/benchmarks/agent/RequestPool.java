package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Records of requests under way. There are as many as were ever under way at once, so they stay in the caches, however many
 * connections there are. An answered request is used again, its message too: who answered has read it all. Thread rule: the
 * event loop.
 */
final class RequestPool {
    private final Workload workload;
    private @Nullable Request idle;

    RequestPool(Workload workload) {
        this.workload = workload;
    }

    /** The workload's next request. */
    Request draw(long dueNanos) {
        Request request = idle;
        if (request == null) {
            request = new Request(workload.reusable());
        } else {
            idle = request.next;
            request.next = null;
        }
        int number = workload.next();
        request.number = number;
        request.dueNanos = dueNanos;
        request.leftBytes = workload.responseBytes(number);
        request.firstByte = workload.responseFirstByte(number);
        return request;
    }

    /** The bytes to write for {@code request}. */
    ByteBuf encode(Request request) {
        ByteBuf message = request.message;
        return message == null ? workload.encode(request.number) : message.setIndex(0, message.capacity());
    }

    /** Takes back a request that was answered. */
    void give(Request request) {
        request.next = idle;
        idle = request;
    }
}
