package org.ixnet.netty;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@code connect} under way, with its time limit. Thread rule: the channel's loop. */
final class ConnectAttempt {
    private final IxSocketChannel channel;
    private final InetSocketAddress remoteAddress;
    private final ChannelPromise promise;
    private final long startNanos = System.nanoTime();
    private final int limitMillis;
    private @Nullable Future<?> timeout;

    ConnectAttempt(IxSocketChannel channel, InetSocketAddress remoteAddress, ChannelPromise promise) {
        this.channel = channel;
        this.remoteAddress = remoteAddress;
        this.promise = promise;
        this.limitMillis = channel.config().getConnectTimeoutMillis();
        scheduleTimeout();
        promise.addListener(done -> {
            if (done.isCancelled()) {
                cancelTimeout();
                channel.onceOnLoop(channel.socketUnsafe()::abandonConnect);
            }
        });
    }

    private void scheduleTimeout() {
        if (limitMillis > 0) {
            long passedNanos = System.nanoTime() - startNanos;
            long leftNanos = TimeUnit.MILLISECONDS.toNanos(limitMillis) - passedNanos;
            timeout = channel.eventLoop().schedule(this::timedOut, leftNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** The channel has another loop; the one before may end. */
    void moved() {
        cancelTimeout();
        if (!promise.isDone()) {
            scheduleTimeout();
        }
    }

    InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** False when the user has cancelled it. */
    boolean succeed() {
        cancelTimeout();
        return promise.trySuccess();
    }

    void fail(Throwable cause) {
        cancelTimeout();
        // try, because it races with cancel().
        promise.tryFailure(cause);
    }

    private void timedOut() {
        if (!promise.isDone()
                && promise.tryFailure(new ConnectTimeoutException(
                        "connection timed out after " + limitMillis + " ms: " + remoteAddress))) {
            channel.onceOnLoop(channel.socketUnsafe()::abandonConnect);
        }
    }

    private void cancelTimeout() {
        Future<?> timeout = this.timeout;
        if (timeout != null) {
            try {
                timeout.cancel(false);
            } catch (RejectedExecutionException loopEnds) {
                // The one that the channel has left: the timeout ends with it.
            }
        }
    }
}
