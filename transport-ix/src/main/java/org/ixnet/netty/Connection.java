package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.Queue;
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
 *   readable --> readReady: receive --> MbufByteBuf --> pipeline
 *   write    --> send, and InFlight keeps the buffer --> sent --> released
 * </pre>
 *
 * <p>Thread rule: the thread of {@link #owner}, where not said otherwise.
 */
final class Connection implements ConnectionUser {
    /** Messages that count as one round of {@code writeSpinCount}. */
    private static final int MESSAGES_A_SPIN = 256;

    private final IxSocketChannel channel;
    private final InFlight inFlight = new InFlight();
    private final Runnable readTask = this::runReadTask;
    private final Runnable flushTask = this::flushAgain;

    private volatile @Nullable IxIoHandler owner;
    private @Nullable Tcb tcb;
    private PortTable.@Nullable Reservation bound;

    /** In-order data or the end of input waits in TCP, as far as is known. */
    private boolean dataWaiting;

    private boolean readTaskScheduled;
    /** The channel is registered with the owner's loop. Not before a move is complete: upcalls still come on the old one. */
    private boolean onLoop;

    private boolean endSeen;
    /** The send buffer was full; {@link #sent} tells when to go on. */
    private boolean writeBlocked;

    private boolean inputShut;
    private boolean outputShut;
    /** The channel has closed; only {@link #sent} and {@link #dead} matter. */
    private boolean released;
    /** How the connection ended while no loop had the channel. */
    private @Nullable DeathReason unreportedDeath;

    private @Nullable Runnable lingering;
    /** What waits for the first data of an accepted connection, and what is done if it ends before. */
    private @Nullable Runnable firstData;

    private @Nullable Runnable endWithoutData;
    private @Nullable FileSink fileSink;
    private final SmallWrites smallWrites = new SmallWrites();
    /** What had come and was not read when the connection ended; as on Linux it can be read first. */
    private final Queue<ByteBuf> leftOver = new ArrayDeque<>(0);
    /** The rest of an mbuf that was too long for one read; see {@link IxSocketChannelConfig#isReadSizeLimited}. */
    private @Nullable ByteBuf unread;

    Connection(IxSocketChannel channel) {
        this.channel = channel;
    }

    /** Any thread. */
    @Nullable
    IxIoHandler owner() {
        return owner;
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

    /** The channel has joined {@code handler}'s loop; the connection follows it there. */
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
        if (!from.thread().execute(() -> moveTo(handler, promise))) {
            promise.setFailure(new RejectedExecutionException("the loop that owns the connection has ended"));
        }
    }

    /** On the old owner's thread. */
    private void moveTo(IxIoHandler handler, ChannelPromise promise) {
        Tcb moving = tcb;
        IxIoHandler from = requireNonNull(owner);
        Runnable arrived = () -> {
            owner = handler;
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
        }
    }

    private void registrationComplete(ChannelPromise promise) {
        onLoop = true;
        promise.setSuccess();
        // What happened while no loop had the channel is told now, and what could not be sent is.
        if (channel.isActive()) {
            writeBlocked = false;
            channel.socketUnsafe().flushNow();
        }
        if (dataWaiting || unreportedDeath != null) {
            scheduleRead();
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
        IxIoHandler handler = requireNonNull(owner, "not registered");
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
        IxIoHandler handler = requireNonNull(owner, "not registered");
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
            requireNonNull(owner).dataplane().ports().release(reservation);
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
        dataWaiting = true;
        if (!released && onLoop) {
            readReady();
        } else if (firstData != null) {
            firstData.run();
        }
    }

    @Override
    public void sent(Tcb tcb, long ackedBytes) {
        inFlight.acked(ackedBytes);
        if (inFlight.isEmpty()) {
            smallWrites.idle(requireNonNull(owner).spareSlabs());
            endLinger();
        }
        if (writeBlocked && !released && onLoop) {
            writeBlocked = false;
            channel.socketUnsafe().flushNow();
        }
    }

    @Override
    public void dead(Tcb tcb, DeathReason reason) {
        if (!released) {
            IxIoHandler handler = requireNonNull(owner);
            long mbuf;
            while ((mbuf = handler.thread().tcp().receive(tcb)) != 0) {
                leftOver.add(handler.receiveBuffers().wrap(mbuf, channel, channel.alloc()));
            }
        }
        lost(reason);
    }

    /** No upcall follows any more. */
    void lost(DeathReason reason) {
        if (tcb == null) {
            return;
        }
        tcb = null;
        writeBlocked = false;
        inFlight.releaseAll();
        smallWrites.end();
        requireNonNull(owner).connectionGone(channel);
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

    private void reportDeath() {
        DeathReason reason = unreportedDeath;
        if (reason == null || released) {
            return;
        }
        while (hasLeftOver() && !channel.isReadOver()) {
            readReady();
        }
        if (released) {
            return;
        }
        unreportedDeath = null;
        if (reason == DeathReason.CLOSED) {
            // Both sides have shut down in order: the channel stays until its user closes it, as a kernel's socket
            // would.
            if (!endSeen) {
                dataWaiting = true;
                readReady();
            }
        } else {
            channel.died(reason);
        }
    }

    // ---- reading

    boolean isEndSeen() {
        return endSeen;
    }

    /** True the first time. */
    boolean markEndSeen() {
        boolean first = !endSeen;
        endSeen = true;
        return first;
    }

    /** {@code read()} was called. */
    void readWanted() {
        if (dataWaiting) {
            scheduleRead();
        }
    }

    private void scheduleRead() {
        if (!readTaskScheduled) {
            readTaskScheduled = true;
            channel.eventLoop().execute(readTask);
        }
    }

    private void runReadTask() {
        if (!channel.eventLoop().inEventLoop()) {
            channel.eventLoop().execute(readTask); // the channel has moved since
            return;
        }
        readTaskScheduled = false;
        if (!onLoop || released) {
            return;
        }
        if (unreportedDeath != null) {
            reportDeath();
        } else {
            readReady();
        }
    }

    /** Netty's read loop. */
    void readReady() {
        IxSocketChannelConfig config = channel.config();
        IxSocketChannel.SocketUnsafe unsafe = channel.socketUnsafe();
        if (channel.isReadOver() || (unsafe.shouldStopReading(config) && !isAtEnd() && !hasLeftOver())) {
            return;
        }
        var handle = unsafe.recvBufAllocHandle();
        handle.reset(config);
        ChannelPipeline pipeline = channel.pipeline();
        ByteBufAllocator allocator = config.getAllocator();
        IxIoHandler handler = requireNonNull(owner);
        boolean end = false;
        do {
            ByteBuf data =
                    nextRead(handler, allocator, config.isReadSizeLimited() ? handle.guess() : Integer.MAX_VALUE);
            if (data == null) {
                Tcb tcb = this.tcb;
                end = tcb == null
                        ? unreportedDeath == null
                        : inputShut || handler.thread().tcp().receiveFinished(tcb);
                handle.attemptedBytesRead(1);
                handle.lastBytesRead(end ? -1 : 0);
                dataWaiting = false;
                if (end) {
                    unsafe.readPending = false;
                }
                break;
            }
            int lengthBytes = data.readableBytes();
            handle.attemptedBytesRead(lengthBytes);
            handle.lastBytesRead(lengthBytes);
            handle.incMessagesRead(1);
            unsafe.readPending = false;
            pipeline.fireChannelRead(data);
        } while (!channel.isReadOver() && handle.continueReading());
        handle.readComplete();
        pipeline.fireChannelReadComplete();
        if (end && !released) {
            channel.endOfInput();
        }
        if (dataWaiting && !channel.isReadOver() && onLoop && !unsafe.shouldStopReading(config)) {
            scheduleRead();
        }
    }

    /** Only the end of input waits: as with epoll, it is told even to a channel that does not read now. */
    private boolean isAtEnd() {
        Tcb tcb = this.tcb;
        if (unread != null) {
            return false;
        }
        return tcb == null
                ? leftOver.isEmpty()
                : inputShut || requireNonNull(owner).thread().tcp().receiveFinished(tcb);
    }

    /** The connection has failed, and what came before is told even to a channel that does not read now. */
    private boolean hasLeftOver() {
        return unreportedDeath != null
                && unreportedDeath != DeathReason.CLOSED
                && (unread != null || !leftOver.isEmpty());
    }

    /** The next data, in pieces of at most {@code limitBytes}; null when nothing waits. */
    private @Nullable ByteBuf nextRead(IxIoHandler handler, ByteBufAllocator allocator, int limitBytes) {
        ByteBuf data = unread;
        if (data == null) {
            Tcb tcb = this.tcb;
            long mbuf = tcb == null ? 0 : handler.thread().tcp().receive(tcb);
            data = mbuf == 0 ? leftOver.poll() : handler.receiveBuffers().wrap(mbuf, channel, allocator);
            if (data == null) {
                return null;
            }
        }
        if (data.readableBytes() <= limitBytes) {
            unread = null;
            return data;
        }
        unread = data;
        return data.readRetainedSlice(limitBytes);
    }

    /** recv_done. On the thread of the loop that received it, which may no longer have the connection. */
    void receiveDone(int lengthBytes) {
        IxIoHandler owner = requireNonNull(this.owner);
        ElasticThread thread = owner.thread();
        if (thread.inThread()) {
            Tcb tcb = this.tcb;
            if (tcb != null) {
                thread.tcp().receiveDone(tcb, lengthBytes);
            }
        } else {
            thread.execute(() -> receiveDone(lengthBytes));
        }
    }

    void shutdownInput() throws IOException {
        calls();
        // As on Linux TCP goes on: what comes can still be read, and what nobody has read makes the close a reset. When
        // nothing waits, it looks to the read loop like the end of input.
        inputShut = true;
        dataWaiting = true;
        scheduleRead();
    }

    // ---- writing

    boolean isWriteBlocked() {
        return writeBlocked;
    }

    boolean hasUnacknowledged() {
        return !inFlight.isEmpty();
    }

    /** An off-heap copy of {@code buffer}, which is released. */
    ByteBuf copyToDirect(ByteBuf buffer) {
        int lengthBytes = buffer.readableBytes();
        if (lengthBytes == 0) {
            ReferenceCountUtil.release(buffer);
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBufAllocator allocator = channel.alloc();
        ByteBuf copy = allocator.isDirectBufferPooled() ? null : ByteBufUtil.threadLocalDirectBuffer();
        if (copy == null) {
            copy = allocator.directBuffer(lengthBytes);
        }
        copy.writeBytes(buffer, buffer.readerIndex(), lengthBytes);
        ReferenceCountUtil.safeRelease(buffer);
        countCopied(lengthBytes);
        return copy;
    }

    /** Hands flushed messages to TCP until they end, the send buffer is full, or the write quantum is used up. */
    void write(ChannelOutboundBuffer in) throws IOException {
        int messages = channel.config().getWriteSpinCount() * MESSAGES_A_SPIN;
        while (messages > 0) {
            Object message = in.current();
            if (message == null) {
                return;
            }
            Tcb tcb = this.tcb;
            if (tcb == null || outputShut) {
                throw new IOException("Broken pipe");
            }
            boolean whole;
            if (message instanceof ByteBuf buffer) {
                whole = writeBuffer(in, tcb, buffer);
                messages--;
            } else {
                whole = writeRegion(in, tcb, (FileRegion) message);
                messages -= MESSAGES_A_SPIN;
            }
            if (!whole) {
                if (message instanceof FileRegion
                        && requireNonNull(owner).thread().tcp().sendSpaceBytes(tcb) > 0) {
                    // The region has nothing to give right now.
                    break;
                }
                // sent() goes on.
                writeBlocked = true;
                return;
            }
        }
        channel.eventLoop().execute(flushTask);
    }

    private void flushAgain() {
        if (!channel.eventLoop().inEventLoop()) {
            channel.eventLoop().execute(flushTask); // the channel has moved since
        } else if (channel.isOpen() && !writeBlocked && onLoop) {
            channel.socketUnsafe().flushNow();
        }
    }

    /** True when all of it was accepted. */
    private boolean writeBuffer(ChannelOutboundBuffer in, Tcb tcb, ByteBuf buffer) {
        int lengthBytes = buffer.readableBytes();
        if (lengthBytes == 0) {
            in.remove();
            return true;
        }
        UserCalls calls = requireNonNull(owner).thread().tcp();
        if (lengthBytes <= SmallWrites.MAX_BYTES) {
            int accepted = writeSmall(calls, tcb, buffer, lengthBytes);
            if (accepted > 0) {
                in.removeBytes(accepted);
            }
            return accepted == lengthBytes;
        }
        int accepted;
        if (buffer.hasMemoryAddress()) {
            accepted = calls.send(tcb, buffer.memoryAddress() + buffer.readerIndex(), lengthBytes);
        } else if (buffer.nioBufferCount() == 1) {
            ByteBuffer memory = buffer.internalNioBuffer(buffer.readerIndex(), lengthBytes);
            accepted = calls.send(tcb, MemorySegment.ofBuffer(memory).address(), lengthBytes);
        } else {
            accepted = gather(calls, tcb, buffer.nioBuffers());
        }
        if (accepted > 0) {
            // The reference that keeps the memory as it is until the peer has it all.
            inFlight.add(buffer.retain(), accepted);
            in.removeBytes(accepted);
        }
        return accepted == lengthBytes;
    }

    private int writeSmall(UserCalls calls, Tcb tcb, ByteBuf buffer, int lengthBytes) {
        IxIoHandler handler = requireNonNull(owner);
        long address = smallWrites.append(buffer, lengthBytes, handler.spareSlabs());
        int accepted = calls.send(tcb, address, lengthBytes);
        ByteBuf copy = smallWrites.accepted(lengthBytes, accepted);
        if (accepted > 0) {
            inFlight.addPiece(copy, accepted);
            handler.copiedWrite(accepted);
        }
        return accepted;
    }

    private static int gather(UserCalls calls, Tcb tcb, ByteBuffer[] parts) {
        int total = 0;
        for (ByteBuffer part : parts) {
            int lengthBytes = part.remaining();
            if (lengthBytes > 0) {
                int accepted = calls.send(tcb, MemorySegment.ofBuffer(part).address(), lengthBytes);
                total += accepted;
                if (accepted < lengthBytes) {
                    break;
                }
            }
        }
        return total;
    }

    /** Copies as much of a file as the send buffer takes. */
    private boolean writeRegion(ChannelOutboundBuffer in, Tcb tcb, FileRegion region) throws IOException {
        UserCalls calls = requireNonNull(owner).thread().tcp();
        while (region.transferred() < region.count()) {
            if (calls.sendSpaceBytes(tcb) == 0) {
                return false;
            }
            FileSink sink = fileSink;
            if (sink == null) {
                fileSink = sink = new FileSink(this);
            }
            long transferred = region.transferTo(sink, region.transferred());
            if (transferred <= 0) {
                return false;
            }
            in.progress(transferred);
        }
        in.remove();
        return true;
    }

    /** Sends a copy of as much of {@code source} as the send buffer takes; returns how much. */
    int writeCopy(ByteBuffer source) throws IOException {
        Tcb tcb = this.tcb;
        if (tcb == null) {
            throw new ClosedChannelException();
        }
        UserCalls calls = requireNonNull(owner).thread().tcp();
        int lengthBytes = Math.min(source.remaining(), calls.sendSpaceBytes(tcb));
        if (lengthBytes == 0) {
            return 0;
        }
        int limit = source.limit();
        ByteBuf copy = channel.alloc().directBuffer(lengthBytes);
        copy.writeBytes(source.limit(source.position() + lengthBytes));
        source.limit(limit);
        countCopied(lengthBytes);
        int accepted = calls.send(
                tcb,
                MemorySegment.ofBuffer(copy.internalNioBuffer(0, lengthBytes)).address(),
                lengthBytes);
        assert accepted == lengthBytes : accepted + " of " + lengthBytes + " bytes of announced space";
        inFlight.add(copy, accepted);
        return accepted;
    }

    private void countCopied(int lengthBytes) {
        IxIoHandler handler = owner;
        if (handler != null && handler.isStarted() && handler.thread().inThread()) {
            handler.copiedWrite(lengthBytes);
        }
    }

    void shutdownOutput() throws IOException {
        UserCalls calls = calls();
        outputShut = true;
        writeBlocked = false;
        Tcb tcb = this.tcb;
        if (tcb != null) {
            calls.shutdownOutput(tcb);
        }
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
            onOwner(owner, this::applyOptions);
        }
    }

    private void applyOptions() {
        Tcb tcb = this.tcb;
        if (tcb != null) {
            channel.config().copyTo(tcb.options());
            requireNonNull(owner).thread().tcp().optionsChanged(tcb);
        }
    }

    IxTcpInfo info() throws IOException {
        UserCalls calls = calls();
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
            onOwner(owner, () -> closeOnThread(lingerSeconds));
        }
    }

    private void closeOnThread(int lingerSeconds) {
        if (released) {
            return;
        }
        released = true;
        releasePort();
        ByteBuf unread = this.unread;
        if (unread != null) {
            this.unread = null;
            unread.release();
        }
        leftOver.forEach(ByteBuf::release);
        leftOver.clear();
        Tcb tcb = this.tcb;
        if (tcb != null) {
            UserCalls calls = requireNonNull(owner).thread().tcp();
            if (lingerSeconds == 0 || unread != null) {
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
            if (tcb == null || inFlight.isEmpty()) {
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

    private static void onOwner(IxIoHandler owner, Runnable action) {
        ElasticThread thread = owner.thread();
        if (thread.inThread()) {
            action.run();
        } else {
            // When the thread has ended, so has the connection.
            thread.execute(action);
        }
    }
}
