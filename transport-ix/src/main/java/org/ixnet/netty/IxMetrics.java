package org.ixnet.netty;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Micrometer meters of an {@link IxEventLoopGroup}, tagged with the elastic thread. Needs {@code micrometer-core} on the
 * class or module path. Values are read while the loops write them, so they may lag by some cycles. Thread rule: any thread.
 */
@SuppressWarnings("exports") // optional: a user without Micrometer must not need its module
public final class IxMetrics implements MeterBinder {
    private final IxEventLoopGroup group;

    public IxMetrics(IxEventLoopGroup group) {
        this.group = group;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (EventExecutor executor : group) {
            IxIoHandler handler = ((IxEventLoop) executor).handler();
            if (handler.isStarted()) {
                bind(registry, handler, (IxEventLoop) executor);
            }
        }
    }

    private static void bind(MeterRegistry registry, IxIoHandler handler, IxEventLoop loop) {
        Tags tags = Tags.of(
                "device", handler.dataplane().config().device(),
                "thread", Integer.toString(handler.thread().index()));
        Gauge.builder("ix.mbufs.held", handler, h -> h.thread().heldMbufs())
                .description("Received buffers that handlers have not released")
                .tags(tags)
                .register(registry);
        Gauge.builder("ix.connections", handler, IxIoHandler::connectionCount)
                .description("Connections of channels on this loop, also those that still deliver after their close")
                .tags(tags)
                .register(registry);
        Gauge.builder("ix.tasks.pending", loop, IxEventLoop::pendingTasks)
                .description("Tasks in the loop's queue")
                .tags(tags)
                .register(registry);
        FunctionCounter.builder("ix.reads", handler, h -> reads(h, true))
                .description("Messages read")
                .tags(tags.and("copied", "false"))
                .register(registry);
        FunctionCounter.builder("ix.reads", handler, h -> reads(h, false))
                .description("Messages read")
                .tags(tags.and("copied", "true"))
                .register(registry);
        FunctionCounter.builder("ix.written.copied", handler, IxIoHandler::copiedWriteBytes)
                .description("Bytes written that had to be copied first, from the heap or a file")
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
    }

    private static double reads(@Nullable IxIoHandler handler, boolean zeroCopy) {
        if (handler == null) {
            return 0;
        }
        ReceiveBuffers buffers = handler.receiveBuffers();
        return zeroCopy ? buffers.zeroCopyReads() : buffers.copiedReads();
    }
}
