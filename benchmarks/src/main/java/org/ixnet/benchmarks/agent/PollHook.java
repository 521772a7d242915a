package org.ixnet.benchmarks.agent;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import org.jspecify.annotations.Nullable;

/**
 * Runs a step at the head of every iteration of an event loop and keeps the loop from sleeping meanwhile: how an open-loop
 * generator meets its send times within a microsecond, alike on every transport and without a timer or an allocation a
 * step. Without a step the loop is the plain one. Thread rule: {@link #step} on the loop's thread.
 */
final class PollHook implements IoHandlerFactory {
    private final IoHandlerFactory delegate;
    private @Nullable Runnable step;

    PollHook(IoHandlerFactory delegate) {
        this.delegate = delegate;
    }

    /** Installs {@code step}, or takes it away with null. */
    void step(@Nullable Runnable newStep) {
        step = newStep;
    }

    @Override
    public IoHandler newHandler(io.netty.util.concurrent.ThreadAwareExecutor executor) {
        return new Handler(delegate.newHandler(executor));
    }

    @Override
    public boolean isChangingThreadSupported() {
        return false;
    }

    private final class Handler implements IoHandler {
        private final IoHandler inner;
        private final NonBlocking nonBlocking = new NonBlocking();

        Handler(IoHandler inner) {
            this.inner = inner;
        }

        @Override
        public int run(IoHandlerContext context) {
            Runnable now = step;
            if (now == null) {
                return inner.run(context);
            }
            now.run();
            nonBlocking.context = context;
            return inner.run(nonBlocking);
        }

        @Override
        public void initialize() {
            inner.initialize();
        }

        @Override
        public void prepareToDestroy() {
            inner.prepareToDestroy();
        }

        @Override
        public void destroy() {
            inner.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return inner.register(handle);
        }

        @Override
        public void wakeup() {
            inner.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return inner.isCompatible(handleType);
        }
    }

    /** A context that never lets the handler block. */
    private static final class NonBlocking implements IoHandlerContext {
        private @Nullable IoHandlerContext context;

        @Override
        public boolean canBlock() {
            return false;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return 0;
        }

        @Override
        public long deadlineNanos() {
            return -1;
        }

        @Override
        public void reportActiveIoTime(long activeNanos) {
            if (context != null) {
                context.reportActiveIoTime(activeNanos);
            }
        }

        @Override
        public boolean shouldReportActiveIoTime() {
            return context != null && context.shouldReportActiveIoTime();
        }
    }
}
