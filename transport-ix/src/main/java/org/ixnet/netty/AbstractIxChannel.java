package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.RejectedExecutionException;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;

/**
 * What the channels of this package share: addresses, state, and the registration with an {@link IxIoHandler}. Thread rule:
 * the channel's loop; what {@code Channel} declares, any thread.
 */
abstract class AbstractIxChannel extends AbstractChannel {
    static final int PROTOCOL_TCP = 6;
    static final int PROTOCOL_UDP = 17;

    protected volatile @Nullable InetSocketAddress local;
    protected volatile @Nullable InetSocketAddress remote;
    protected volatile boolean active;
    private volatile boolean closed;
    private @Nullable IoRegistration registration;

    AbstractIxChannel(@Nullable Channel parent) {
        super(parent);
    }

    /** Reads what waits, if the user wants it now. */
    abstract void readReady();

    @Override
    protected abstract AbstractIxUnsafe newUnsafe();

    final AbstractIxUnsafe ixUnsafe() {
        return (AbstractIxUnsafe) super.unsafe();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop ioLoop && ioLoop.isCompatible(AbstractIxUnsafe.class);
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop()).register(ixUnsafe()).addListener(future -> {
            if (future.isSuccess()) {
                registration = (IoRegistration) requireNonNull(future.getNow());
                registered(requireNonNull(registration.<IxIoHandler>attachment()), promise);
            } else {
                promise.setFailure(future.cause());
            }
        });
    }

    /**
     * Runs {@code change} on the loop: at once there, and else before what the calling thread hands to the channel afterwards, as
     * if it were a system call. Without a loop there is nothing to change yet.
     */
    final void changeOnLoop(Runnable change) {
        if (!isRegistered()) {
            return;
        }
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            change.run();
        } else {
            executeOnLoop(change);
        }
    }

    /** Runs {@code action} on the loop soon; false when that has ended, and the socket with it. */
    final boolean executeOnLoop(Runnable action) {
        try {
            eventLoop().execute(action);
            return true;
        } catch (RejectedExecutionException loopEnded) {
            return false;
        }
    }

    /** The channel has joined the loop of {@code handler}; completes {@code promise} when it may be used there. */
    abstract void registered(IxIoHandler handler, ChannelPromise promise);

    @Override
    protected void doDeregister() throws Exception {
        IoRegistration registration = this.registration;
        if (registration != null) {
            this.registration = null;
            registration.cancel();
        }
    }

    /** Whether upcalls may reach the pipeline now. */
    final boolean isOnLoop() {
        return registration != null;
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    @Override
    protected void doClose() throws Exception {
        active = false;
        closed = true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected void doBeginRead() throws Exception {
        ixUnsafe().readPending = true;
        readWanted();
    }

    /** {@code setAutoRead(false)}: the read that auto-read had asked for is not wanted any more. Any thread. */
    final void autoReadCleared() {
        changeOnLoop(() -> {
            if (!config().isAutoRead()) {
                ixUnsafe().readPending = false;
            }
        });
    }

    /** {@code read()} was called: data that waits already must be read soon. */
    abstract void readWanted();

    static InetSocketAddress checkResolved(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        if (inet.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        return inet;
    }

    static InetSocketAddress address(long hi, long lo, int port) {
        InetAddress address = IpAddresses.toInetAddress(hi, lo);
        return new InetSocketAddress(address, port);
    }

    /** The channel as its loop sees it. */
    abstract class AbstractIxUnsafe extends AbstractUnsafe implements IxIoHandle {
        boolean readPending;

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            throw new UnsupportedOperationException("IX channels hear from the stack directly");
        }

        @Override
        public void close() {
            close(voidPromise());
        }

        final boolean shouldStopReading(ChannelConfig config) {
            return !readPending && !config.isAutoRead();
        }
    }
}
