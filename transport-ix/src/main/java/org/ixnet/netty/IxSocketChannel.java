package org.ixnet.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.StringUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.Executor;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection. What is read is the device's own buffer where possible; what is written is read by TCP until the peer
 * acknowledges it, so a written buffer must not be changed afterwards, even if the writer kept a reference. A write's promise
 * completes when the send buffer has accepted it, as with the kernel's sockets.
 *
 * <p>An accepted channel is registered on the loop that owns its flow; a client's connection is opened by the loop it is
 * registered on, from a port whose replies come back there. Thread rule: as every {@link Channel}.
 */
public final class IxSocketChannel extends AbstractIxChannel implements SocketChannel {
    /** More messages a read than Netty's usual 16, because one is one packet: as many as one cycle may receive. */
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 64);

    private static final String EXPECTED_TYPES = " (expected: ByteBuf, FileRegion)";

    /** Place in the handler's list of connections; -1 while there is none. Owned by the handler. */
    int connectionIndex = -1;

    private final IxSocketChannelConfig config;
    private final Connection connection;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;
    private volatile @Nullable ConnectAttempt connectAttempt;

    /** A client. */
    public IxSocketChannel() {
        super(null);
        config = new IxSocketChannelConfig(this);
        connection = new Connection(this);
    }

    /** A connection that {@code owner} accepted; called by its thread. */
    IxSocketChannel(IxServerSocketChannel parent, IxIoHandler owner, Tcb tcb) {
        super(parent);
        config = new IxSocketChannelConfig(this, tcb.options());
        connection = new Connection(this);
        local = address(tcb.localHi(), tcb.localLo(), tcb.localPort());
        remote = address(tcb.remoteHi(), tcb.remoteLo(), tcb.remotePort());
        active = true;
        connection.accepted(owner, tcb);
    }

    @Override
    public IxSocketChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public @Nullable ServerSocketChannel parent() {
        return (ServerSocketChannel) super.parent();
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return (InetSocketAddress) super.localAddress();
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return (InetSocketAddress) super.remoteAddress();
    }

    /**
     * The state of the connection in the terms of Linux's {@code TCP_INFO}. Any thread; complete at once on the channel's own
     * loop, unless the connection is still on its way there from another one. Fails with {@link NotYetConnectedException} or {@link ClosedChannelException} without a connection.
     */
    public Future<IxTcpInfo> tcpInfo() {
        EventLoop loop = eventLoop();
        Promise<IxTcpInfo> promise = loop.newPromise();
        if (loop.inEventLoop()) {
            connection.info(promise);
        } else if (!executeOnLoop(() -> connection.info(promise))) {
            return GlobalEventExecutor.INSTANCE.newFailedFuture(new ClosedChannelException());
        }
        return promise;
    }

    /** Also true while the connection is on its way to the loop that the channel has joined. */
    @Override
    public boolean isRegistered() {
        return super.isRegistered() || connection.isRegistering();
    }

    /** The handler whose thread has the connection; null before there is one. Any thread. */
    @Nullable
    IxIoHandler owner() {
        return connection.owner();
    }

    Connection connection() {
        return connection;
    }

    /** Whether closing must still wait for the peer's acknowledgement of data. */
    boolean hasUnacknowledged() {
        return connection.writer().hasUnacknowledged();
    }

    /** The elastic thread is gone and the connection with it. */
    void connectionLost() {
        connection.lost(DeathReason.NO_RESOURCES);
    }

    /** A received buffer was released: recv_done. By the loop whose buffer it was. */
    void receiveDone(int lengthBytes) {
        connection.receiveDone(lengthBytes);
    }

    /** Options were changed: any thread. */
    void optionsChanged() {
        connection.optionsChanged();
    }

    @Override
    void registered(IxIoHandler handler, ChannelPromise promise) {
        connection.registered(handler, promise);
    }

    @Override
    protected void doDeregister() throws Exception {
        connection.deregistered();
        super.doDeregister();
    }

    @Override
    @SuppressWarnings("exports") // Netty wants it protected; nobody else can name the type
    protected AbstractIxUnsafe newUnsafe() {
        return new SocketUnsafe();
    }

    SocketUnsafe socketUnsafe() {
        return (SocketUnsafe) super.unsafe();
    }

    // ---- reading: see ReadLoop in Connection

    @Override
    void readReady() {
        connection.reader().readReady();
    }

    @Override
    void readWanted() {
        connection.reader().readWanted();
    }

    /** Whether the read loop has nothing to do here any more. */
    boolean isReadOver() {
        return !isOpen() || (inputShutdown && (connection.reader().isEndSeen() || !config.isAllowHalfClosure()));
    }

    /** The peer's FIN was reached. */
    void endOfInput() {
        SocketUnsafe unsafe = socketUnsafe();
        if (!inputShutdown) {
            if (!config.isAllowHalfClosure()) {
                unsafe.close(unsafe.voidPromise());
                return;
            }
            inputShutdown = true;
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        if (connection.reader().markEndSeen()) {
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        }
    }

    // ---- writing

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
        connection.writer().write(in);
    }

    @Override
    protected Object filterOutboundMessage(Object msg) {
        if (msg instanceof ByteBuf buffer) {
            if (buffer.readableBytes() <= ConnectionWriter.SMALL_BYTES) {
                // Copied when it is flushed, wherever it is.
                return buffer;
            }
            if (buffer.hasMemoryAddress() || (buffer.isDirect() && buffer.nioBufferCount() > 0)) {
                return buffer;
            }
            return connection.writer().copyToDirect(buffer);
        }
        if (msg instanceof FileRegion) {
            return msg;
        }
        throw new UnsupportedOperationException(
                "unsupported message type: " + StringUtil.simpleClassName(msg) + EXPECTED_TYPES);
    }

    // ---- DuplexChannel

    @Override
    public boolean isInputShutdown() {
        return inputShutdown || !isOpen();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || !isOpen();
    }

    @Override
    public boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        onLoop(() -> shutdownInput0(promise));
        return promise;
    }

    private void shutdownInput0(ChannelPromise promise) {
        try {
            connection.shutdownInput();
            inputShutdown = true;
            promise.setSuccess();
        } catch (IOException | NotYetConnectedException e) {
            promise.setFailure(e);
        }
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        onLoop(() -> socketUnsafe().shutdownOutput(promise));
        return promise;
    }

    @Override
    protected void doShutdownOutput() throws Exception {
        connection.shutdownOutput();
        outputShutdown = true;
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        shutdownOutput()
                .addListener(output -> shutdownInput().addListener(input -> {
                    Throwable cause = output.cause() != null ? output.cause() : input.cause();
                    if (cause == null) {
                        promise.setSuccess();
                    } else {
                        promise.setFailure(cause);
                    }
                }));
        return promise;
    }

    private void onLoop(Runnable action) {
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            connection.onceRegistered(action);
        } else {
            loop.execute(() -> onLoop(action)); // the channel may move before
        }
    }

    /** Runs {@code action} on the channel's loop once that has the connection; here, when the loop has ended. */
    void onceOnLoop(Runnable action) {
        if (eventLoop().inEventLoop()) {
            connection.onceRegistered(action);
        } else if (!executeOnLoop(() -> onceOnLoop(action))) {
            action.run();
        }
    }

    /** The channel has another loop. */
    void timeoutsFollow() {
        ConnectAttempt attempt = connectAttempt;
        if (attempt != null) {
            attempt.moved();
        }
    }

    // ---- opening and closing

    @Override
    protected void doBind(SocketAddress localAddress) throws Exception {
        local = connection.bind(checkResolved(localAddress));
    }

    @Override
    protected void doClose() throws Exception {
        super.doClose();
        ConnectAttempt attempt = connectAttempt;
        if (attempt != null) {
            connectAttempt = null;
            attempt.fail(new ClosedChannelException());
        }
        connection.close(config.getSoLinger());
        doDeregister();
    }

    /** The connection of a client was made. */
    void connected(Tcb tcb) {
        ConnectAttempt attempt = connectAttempt;
        if (attempt == null) {
            return;
        }
        connectAttempt = null;
        local = address(tcb.localHi(), tcb.localLo(), tcb.localPort());
        remote = attempt.remoteAddress();
        active = true;
        boolean notCancelled = attempt.succeed();
        // What happened is what happened: even if the attempt was cancelled, or a listener closed the channel, it was
        // active.
        pipeline().fireChannelActive();
        if (!notCancelled) {
            socketUnsafe().close(voidPromise());
        }
    }

    /** The connection ended while the channel was open. */
    void died(DeathReason reason) {
        SocketUnsafe unsafe = socketUnsafe();
        ConnectAttempt attempt = connectAttempt;
        if (attempt != null) {
            connectAttempt = null;
            attempt.fail(unsafe.annotate(Deaths.whileConnecting(reason), attempt.remoteAddress()));
            unsafe.close(unsafe.voidPromise());
            return;
        }
        IOException cause = Deaths.whileConnected(reason);
        ChannelOutboundBuffer writes = unsafe.outboundBuffer();
        if (writes != null && !writes.isEmpty() && config.isAutoClose()) {
            // As with epoll a write that waits is the first to learn of it, and nobody else does.
            unsafe.closeWith(cause);
            return;
        }
        unsafe.recvBufAllocHandle().readComplete();
        pipeline().fireChannelReadComplete();
        pipeline().fireExceptionCaught(cause);
        if (!isOpen()) {
            return;
        }
        if (config.isAllowHalfClosure() && reason != DeathReason.NO_RESOURCES) {
            endOfInput(); // as with epoll the user closes
        } else {
            unsafe.closeWith(cause);
        }
    }

    /** The channel as its loop sees it. */
    final class SocketUnsafe extends AbstractIxUnsafe {
        @Override
        public void connect(SocketAddress remoteAddress, @Nullable SocketAddress localAddress, ChannelPromise promise) {
            if (connection.isRegistering()) {
                connection.onceRegistered(() -> connect(remoteAddress, localAddress, promise));
                return;
            }
            // Not made uncancellable: a connect may be cancelled.
            if (promise.isDone() || !ensureOpen(promise)) {
                return;
            }
            try {
                if (connectAttempt != null) {
                    throw new ConnectionPendingException();
                }
                if (remote != null) {
                    throw new AlreadyConnectedException();
                }
                InetSocketAddress to = checkResolved(remoteAddress);
                if (localAddress != null) {
                    local = connection.bind(checkResolved(localAddress));
                }
                Tcb tcb = connection.open(to, config.options());
                local = address(tcb.localHi(), tcb.localLo(), tcb.localPort());
                connectAttempt = new ConnectAttempt(IxSocketChannel.this, to, promise);
            } catch (Throwable t) {
                if (t instanceof IOException) {
                    close(voidPromise());
                }
                promise.tryFailure(annotateConnectException(t, remoteAddress));
            }
        }

        Throwable annotate(Throwable cause, SocketAddress remoteAddress) {
            return annotateConnectException(cause, remoteAddress);
        }

        @Override
        protected void close(ChannelPromise promise, Throwable cause, ClosedChannelException closeCause) {
            if (connection.isRegistering()) {
                connection.onceRegistered(() -> close(promise, cause, closeCause));
            } else {
                super.close(promise, cause, closeCause);
            }
        }

        @Override
        public void deregister(ChannelPromise promise) {
            if (connection.isRegistering()) {
                connection.onceRegistered(() -> deregister(promise));
            } else {
                super.deregister(promise);
            }
        }

        /** The loop ends. */
        @Override
        public void close() {
            connection.registerAtOnce();
            super.close();
        }

        /** Cancelled or timed out: the attempt is over. */
        void abandonConnect() {
            connectAttempt = null;
            close(voidPromise());
        }

        /** Closes, and fails the writes that wait with {@code cause}. */
        void closeWith(IOException cause) {
            close(voidPromise(), cause, Deaths.closedBy(cause));
        }

        @Override
        protected void flush0() {
            if (connection.onLoop && !connection.writer().isBlocked()) {
                super.flush0();
            }
        }

        /** Send space has opened, or the write quantum is renewed. */
        void flushNow() {
            super.flush0();
        }

        @Override
        protected @Nullable Executor prepareToClose() {
            int lingerSeconds = config.getSoLinger();
            if (lingerSeconds > 0 && isOpen() && isActive() && connection.onLoop) {
                return connection.linger(lingerSeconds);
            }
            return null;
        }
    }
}
