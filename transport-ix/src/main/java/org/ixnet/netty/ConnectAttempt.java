package org.ixnet.netty;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@code connect} under way, with its time limit. Thread rule: the channel's loop. */
final class ConnectAttempt {
    private final IxSocketChannel channel;
    private final InetSocketAddress remoteAddress;
    private final ChannelPromise promise;
    private final @Nullable Future<?> timeout;

    ConnectAttempt(IxSocketChannel channel, InetSocketAddress remoteAddress, ChannelPromise promise) {
        this.channel = channel;
        this.remoteAddress = remoteAddress;
        this.promise = promise;
        int limitMillis = channel.config().getConnectTimeoutMillis();
        this.timeout = limitMillis > 0
                ? channel.eventLoop().schedule(() -> timedOut(limitMillis), limitMillis, TimeUnit.MILLISECONDS)
                : null;
        promise.addListener(done -> {
            if (done.isCancelled()) {
                cancelTimeout();
                channel.socketUnsafe().abandonConnect();
            }
        });
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

    private void timedOut(int limitMillis) {
        if (!promise.isDone()
                && promise.tryFailure(new ConnectTimeoutException(
                        "connection timed out after " + limitMillis + " ms: " + remoteAddress))) {
            channel.socketUnsafe().abandonConnect();
        }
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}
