package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcbOptions;
import org.ixnet.stack.tcp.UserCalls;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;

/**
 * A channel's side of its TCP connection: upcalls in, user calls out, and the buffers in between. It outlives the channel's
 * close until TCP has delivered what was written.
 *
 * <pre>
 *   readable --> {@link ConnectionReader}: receive --> MbufByteBuf --> pipeline
 *   write    --> {@link ConnectionWriter}: send, and InFlight keeps the buffer --> sent --> released
 * </pre>
 *
 * <p>Thread rule: the thread of {@link #owner}, where not said otherwise.
 */
final class Connection implements ConnectionUser {
    private final IxSocketChannel channel;
    private final ConnectionReader reader;
    private final ConnectionWriter writer;

    private volatile @Nullable IxIoHandler owner;
    /** The channel's loop, as long as the connection is on its way there. */
    private volatile @Nullable IxIoHandler movingTo;

    private PortTable.@Nullable Reservation bound;

    /** TCP's state of the connection; null before it is opened and after its end. */
    @Nullable
    Tcb tcb;

    /** The channel is registered with the owner's loop. Not before a move is complete: upcalls still come on the old one. */
    boolean onLoop;

    /** The channel has closed; only {@link #sent} and {@link #dead} matter. */
    boolean released;

    /** How the connection ended, as long as the channel has not been told. */
    @Nullable
    DeathReason unreportedDeath;

    private @Nullable Runnable lingering;
    /** What waits for the first data of an accepted connection, and what is done if it ends before. */
    private @Nullable Runnable firstData;

    private @Nullable Runnable endWithoutData;

    Connection(IxSocketChannel channel) {
        this.channel = channel;
        reader = new ConnectionReader(channel, this);
        writer = new ConnectionWriter(channel, this);
    }

    @Override
    public long readAhead() {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        long read = out == null ? 0 : out.totalPendingWriteBytes();
        int flags = (channel.isActive() ? 1 : 0)
                + (channel.config().isAutoRead() ? 1 : 0)
                + (reader.isEndSeen() ? 1 : 0)
                + (writer.isBlocked() ? 1 : 0)
                + (writer.hasUnacknowledged() ? 1 : 0)
                + (channel.pipeline().channel().isRegistered() ? 1 : 0);
        return read + flags;
    }

    ConnectionReader reader() {
        return reader;
    }

    ConnectionWriter writer() {
        return writer;
    }

    /** Any thread. */
    @Nullable
    IxIoHandler owner() {
        return owner;
    }

    /** The owner, of a channel that was registered once. */
    IxIoHandler handler() {
        return requireNonNull(owner, "not registered");
    }

    ElasticThread thread() {
        return handler().thread();
    }

    // ---- TCP_DEFER_ACCEPT

    /** Until data or its end comes nobody hears of the connection; then {@code arrived} runs, or else {@code ended}. */
    void awaitData(Runnable arrived, Runnable ended) {
        firstData = arrived;
        endWithoutData = ended;
    }

    void awaitNoData() {
        firstData = null;
        endWithoutData = null;
    }

    // ---- opening

    /** The constructor's part for an accepted connection. */
    void accepted(IxIoHandler owner, Tcb tcb) {
        this.owner = owner;
        this.tcb = tcb;
        owner.connectionOpened(channel);
        owner.thread().tcp().attach(tcb, this);
    }

    /** The channel has joined {@code handler}'s loop; the connection follows it there. Thread rule: that loop's. */
    void registered(IxIoHandler handler, ChannelPromise promise) {
        IxIoHandler from = owner;
        if (from == null || from == handler) {
            if (from == null) {
                channel.config().defaults(handler.dataplane().config().tcp().tcbOptions());
            }
            owner = handler;
            registrationComplete(promise);
            return;
        }
        if (from.dataplane() != handler.dataplane()) {
            promise.setFailure(
                    new IllegalStateException(
                            "the channel's connection lives on another dataplane; register it with a group of an equal IxConfig"));
            return;
        }
        movingTo = handler;
        if (!from.thread().execute(() -> moveTo(handler, promise))) {
            movingTo = null;
            promise.setFailure(new RejectedExecutionException("the loop that owns the connection has ended"));
        }
    }

    /** On the old owner's thread. */
    private void moveTo(IxIoHandler handler, ChannelPromise promise) {
        Tcb moving = tcb;
        IxIoHandler from = handler();
        writer.leaveLoop();
        Runnable arrived = () -> {
            owner = handler;
            movingTo = null;
            if (tcb != null) {
                handler.connectionOpened(channel);
            }
            registrationComplete(promise);
        };
        if (moving == null) {
            handler.thread().execute(arrived);
        } else {
            from.connectionGone(channel);
            from.thread().moveConnection(moving, handler.thread(), arrived);
            // Whoever wants the owner's thread from now on comes to the new one, behind the connection; see onOwner.
            owner = handler;
        }
    }

    private void registrationComplete(ChannelPromise promise) {
        onLoop = true;
        promise.setSuccess();
        // What happened while no loop had the channel is told now, and what could not be sent is.
        if (channel.isActive()) {
            writer.restart();
        }
        if (unreportedDeath == null) {
            reader.readWanted();
        } else {
            reader.schedule();
        }
    }

    /** The channel leaves its loop; the connection waits there for the next one. */
    void deregistered() {
        onLoop = false;
    }

    /** {@code bind} of a client: keeps the port until {@link #open}. */
    InetSocketAddress bind(InetSocketAddress address) throws BindException {
        if (bound != null || tcb != null) {
            throw new BindException("Invalid argument: the channel is bound or connected already");
        }
        IxIoHandler handler = handler();
        long hi = IpAddresses.hi(address.getAddress());
        long lo = IpAddresses.lo(address.getAddress());
        OwnAddresses.check(handler.thread(), hi, lo);
        PortTable.Reservation reservation = handler.dataplane()
                .ports()
                .reserve(
                        AbstractIxChannel.PROTOCOL_TCP,
                        hi,
                        lo,
                        address.getPort(),
                        false,
                        handler.thread().index());
        bound = reservation;
        return AbstractIxChannel.address(hi, lo, reservation.port());
    }

    Tcb open(InetSocketAddress to, TcbOptions options) throws NoRouteToHostException, BindException {
        IxIoHandler handler = handler();
        PortTable.Reservation from = bound;
        releasePort();
        long hi = IpAddresses.hi(to.getAddress());
        long lo = IpAddresses.lo(to.getAddress());
        if (IpAddresses.isUnspecified(hi, lo)) {
            // Linux: connecting to "any" means this host.
            lo = IpAddresses.ipv4(127, 0, 0, 1);
        }
        if (OwnAddresses.isIpv6(hi, lo)) {
            throw new NoRouteToHostException("the stack has no IPv6 yet, use an IPv4 address");
        }
        Tcb opened = handler.thread()
                .tcp()
                .open(
                        from == null ? 0 : from.hi(),
                        from == null ? 0 : from.lo(),
                        from == null ? 0 : from.port(),
                        hi,
                        lo,
                        to.getPort(),
                        options.copy(),
                        this);
        tcb = opened;
        handler.connectionOpened(channel);
        return opened;
    }

    private void releasePort() {
        PortTable.Reservation reservation = bound;
        bound = null;
        if (reservation != null) {
            handler().dataplane().ports().release(reservation);
        }
    }

    // ---- upcalls

    @Override
    public void connected(Tcb tcb) {
        if (!released) {
            channel.connected(tcb);
        }
    }

    @Override
    public void readable(Tcb tcb) {
        reader.dataArrived();
        if (!released && onLoop) {
            reader.readReady();
        } else if (firstData != null) {
            firstData.run();
        }
    }

    @Override
    public void sent(Tcb tcb, long ackedBytes) {
        writer.sent(ackedBytes);
        if (!writer.hasUnacknowledged()) {
            endLinger();
        }
        if (!released && onLoop) {
            writer.resume();
        }
    }

    @Override
    public void dead(Tcb tcb, DeathReason reason) {
        if (!released) {
            reader.takeLeftOver(tcb);
        }
        lost(reason);
    }

    /** No upcall follows any more. */
    void lost(DeathReason reason) {
        if (tcb == null) {
            return;
        }
        tcb = null;
        writer.end();
        handler().connectionGone(channel);
        endLinger();
        if (released) {
            return;
        }
        Runnable ended = endWithoutData;
        if (ended != null) {
            awaitNoData();
            released = true;
            ended.run();
            return;
        }
        unreportedDeath = reason;
        if (onLoop) {
            reportDeath();
        }
    }

    /** Tells the channel, after what it has not read yet. */
    void reportDeath() {
        DeathReason reason = unreportedDeath;
        if (reason == null || released) {
            return;
        }
        while (reader.hasLeftOver() && !channel.isReadOver()) {
            reader.readReady();
        }
        if (released) {
            return;
        }
        unreportedDeath = null;
        if (reason == DeathReason.CLOSED) {
            // Both sides have shut down in order: the channel stays until its user closes it, as a kernel's socket
            // would.
            reader.tellEnd();
        } else {
            channel.died(reason);
        }
    }

    // ---- user calls

    /** recv_done. On the thread of the loop that received it, which may no longer have the connection. */
    void receiveDone(int lengthBytes) {
        IxIoHandler owner = handler();
        if (isHere(owner)) { // onOwner would make an object for every buffer
            Tcb tcb = this.tcb;
            if (tcb != null) {
                owner.thread().tcp().receiveDone(tcb, lengthBytes);
            }
        } else {
            owner.thread().execute(() -> receiveDone(lengthBytes));
        }
    }

    void shutdownInput() throws IOException {
        calls();
        onOwner(reader::shutdown);
    }

    void shutdownOutput() throws IOException {
        calls();
        onOwner(() -> {
            writer.shutdown();
            Tcb tcb = this.tcb;
            if (tcb != null) {
                thread().tcp().shutdownOutput(tcb);
            }
        });
    }

    // ---- options and state

    /** Any thread. */
    void optionsChanged() {
        if (channel.isRegistered()) {
            channel.changeOnLoop(this::applyOptionsOnOwner);
        } else {
            applyOptionsOnOwner();
        }
    }

    private void applyOptionsOnOwner() {
        IxIoHandler owner = this.owner;
        if (owner != null && owner.isStarted()) {
            onOwner(this::applyOptions);
        }
    }

    private void applyOptions() {
        Tcb tcb = this.tcb;
        if (tcb != null) {
            channel.config().copyTo(tcb.options());
            thread().tcp().optionsChanged(tcb);
        }
    }

    IxTcpInfo info() throws IOException {
        UserCalls calls = calls();
        if (movingTo != null) {
            throw new IOException("the channel is moving to another loop; ask when its registration is complete");
        }
        Tcb tcb = this.tcb;
        if (tcb == null) {
            throw new ClosedChannelException();
        }
        return new IxTcpInfo(calls.info(tcb));
    }

    private UserCalls calls() throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        IxIoHandler owner = this.owner;
        if (owner == null || !channel.isActive()) {
            throw new NotYetConnectedException();
        }
        return owner.thread().tcp();
    }

    // ---- closing

    /** The channel closes. Any thread, for a channel that was never registered. */
    void close(int lingerSeconds) {
        IxIoHandler owner = this.owner;
        if (owner == null) {
            released = true;
        } else {
            onOwner(() -> closeOnThread(lingerSeconds));
        }
    }

    private void closeOnThread(int lingerSeconds) {
        if (released) {
            return;
        }
        released = true;
        releasePort();
        boolean isPartRead = reader.release();
        Tcb tcb = this.tcb;
        if (tcb != null) {
            UserCalls calls = thread().tcp();
            if (lingerSeconds == 0 || isPartRead) {
                calls.abort(tcb);
            } else {
                calls.close(tcb);
            }
        }
    }

    /**
     * SO_LINGER: sends what is queued, and runs the task that it is given, which completes the close, when the peer has
     * acknowledged everything or {@code seconds} have passed.
     */
    Executor linger(int seconds) {
        return task -> {
            closeOnThread(seconds);
            if (tcb == null || !writer.hasUnacknowledged()) {
                task.run();
            } else {
                lingering = task;
                channel.eventLoop().schedule(this::endLinger, seconds, TimeUnit.SECONDS);
            }
        };
    }

    private void endLinger() {
        Runnable task = lingering;
        if (task != null) {
            lingering = null;
            task.run();
        }
    }

    /** Whether this is the thread of {@code owner}, and the connection is not on its way there. */
    private boolean isHere(IxIoHandler owner) {
        return owner.thread().inThread() && owner != movingTo;
    }

    /**
     * Runs {@code action} on the thread that has the connection: at once if this is it, and the connection is not on its way
     * there; otherwise soon. Where the connection has moved on meanwhile, the action follows it. Any thread.
     */
    private void onOwner(Runnable action) {
        IxIoHandler owner = handler();
        if (isHere(owner)) {
            action.run();
        } else {
            // When the thread has ended, so has the connection.
            owner.thread().execute(() -> onOwner(action));
        }
    }
}
