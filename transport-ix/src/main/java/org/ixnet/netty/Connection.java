package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.Executor;
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
    /** Of a connection whose channel closes by SO_LINGER. */
    private @Nullable Linger linger;

    private volatile @Nullable IxIoHandler owner;
    /** The channel's loop, as long as the connection is on its way there. */
    private volatile @Nullable IxIoHandler movingTo;
    /** Until the channel's loop has the connection and the channel knows. Written by that loop; others only ask whether. */
    private volatile @Nullable Registering registering;

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

    /** The connection was made while no loop had the channel. */
    private boolean unreportedConnect;

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
        registering = new Registering(promise);
        movingTo = handler;
        from.execute(() -> moveTo(handler));
    }

    /** On the old owner's thread, whether the connection still lives there or not. */
    private void moveTo(IxIoHandler handler) {
        Tcb moving = tcb;
        IxIoHandler from = handler();
        writer.leaveLoop();
        // Before it goes: whoever wants the owner's thread from now on waits for it at the new one; see onOwner.
        owner = handler;
        if (moving == null) {
            handler.execute(() -> arrived(handler));
            return;
        }
        from.connectionGone(channel);
        if (!from.thread().moveConnection(moving, handler.thread(), () -> arrived(handler))) {
            // The new loop has ended, and the channel with it. The connection dies here.
            from.connectionOpened(channel);
            owner = from;
            movingTo = null;
        }
    }

    /** The owner has the connection, or what is left of it. In the middle of a batch perhaps: nothing for users here. */
    private void arrived(IxIoHandler handler) {
        movingTo = null;
        if (tcb != null) {
            handler.connectionOpened(channel);
        }
        handler.execute(this::registrationArrived);
    }

    private void registrationArrived() {
        Registering registering = this.registering;
        if (registering == null) {
            return; // the loop has ended meanwhile
        }
        this.registering = null;
        if (channel.isOpen()) {
            registrationComplete(registering.promise());
        } else {
            registering.promise().setFailure(new ClosedChannelException());
        }
        registering.runAfterwards();
    }

    /** The channel's loop ends: it cannot wait for the connection. Thread rule: that loop's. */
    void registerAtOnce() {
        Registering registering = this.registering;
        if (registering != null) {
            this.registering = null;
            registering.promise().setSuccess();
            registering.runAfterwards();
        }
    }

    /** Whether the channel has joined a loop that does not have the connection yet. Any thread. */
    boolean isRegistering() {
        return registering != null;
    }

    /** Runs {@code action} once the channel's loop has the connection: now or soon. Thread rule: that loop's. */
    void onceRegistered(Runnable action) {
        Registering registering = this.registering;
        if (registering == null) {
            action.run();
        } else {
            registering.afterwards(action);
        }
    }

    private void registrationComplete(ChannelPromise promise) {
        onLoop = true;
        promise.setSuccess();
        // What happened while no loop had the channel is told now, and what could not be sent is.
        Tcb connected = tcb;
        if (unreportedConnect && connected != null && !released) {
            unreportedConnect = false;
            channel.connected(connected);
        }
        channel.timeoutsFollow();
        Linger closing = linger;
        if (closing != null) {
            closing.moved();
        }
        writer.restart();
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
        IxIoHandler moving = movingTo;
        IxIoHandler handler = moving == null ? handler() : moving;
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
        if (!released && onLoop) {
            channel.connected(tcb);
        } else {
            unreportedConnect = true;
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
        checkConnected();
        onOwner(reader::shutdown);
    }

    void shutdownOutput() throws IOException {
        checkConnected();
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

    /** Completes {@code promise} on the thread that has the connection: at once if this is it. Any thread. */
    void info(Promise<IxTcpInfo> promise) {
        try {
            checkConnected();
        } catch (IOException | NotYetConnectedException e) {
            promise.tryFailure(e);
            return;
        }
        onOwner(() -> {
            Tcb tcb = this.tcb;
            if (tcb == null) {
                promise.tryFailure(new ClosedChannelException());
            } else {
                promise.trySuccess(new IxTcpInfo(thread().tcp().info(tcb)));
            }
        });
    }

    private void checkConnected() throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        if (owner == null || !channel.isActive()) {
            throw new NotYetConnectedException();
        }
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
                linger = new Linger(channel, this, task, seconds);
            }
        };
    }

    private void endLinger() {
        Linger closing = linger;
        if (closing != null) {
            linger = null;
            closing.end();
        }
    }

    /** Whether this is the thread of {@code owner}, and the connection is not on its way there. */
    private boolean isHere(IxIoHandler owner) {
        return owner.isHere() && owner != movingTo;
    }

    /**
     * Runs {@code action} on the thread that has the connection: at once if this is it, and the connection is not on its way
     * there; otherwise soon. Where the connection has moved on meanwhile, the action follows it. Any thread.
     */
    void onOwner(Runnable action) {
        IxIoHandler owner = handler();
        if (isHere(owner)) {
            action.run();
        } else {
            owner.execute(() -> onOwner(action));
        }
    }
}
