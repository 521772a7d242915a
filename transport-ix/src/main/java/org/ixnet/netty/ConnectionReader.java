package org.ixnet.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayDeque;
import java.util.Queue;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.jspecify.annotations.Nullable;

/**
 * The read half of a {@link Connection}: Netty's read loop over what TCP has received in order. Thread rule: the
 * connection's owner.
 */
final class ConnectionReader {
    private final IxSocketChannel channel;
    private final Connection connection;
    private final Runnable task = this::runTask;

    /** In-order data or the end of input waits in TCP, as far as is known. */
    private boolean dataWaiting;

    private boolean scheduled;
    private boolean endSeen;
    private boolean shut;
    /** What had come and was not read when the connection ended; as on Linux it can be read first. */
    private final Queue<ByteBuf> leftOver = new ArrayDeque<>(0);
    /** The rest of an mbuf that was too long for one read; see {@link IxSocketChannelConfig#isReadSizeLimited}. */
    private @Nullable ByteBuf unread;

    ConnectionReader(IxSocketChannel channel, Connection connection) {
        this.channel = channel;
        this.connection = connection;
    }

    boolean isEndSeen() {
        return endSeen;
    }

    /** True the first time. */
    boolean markEndSeen() {
        boolean first = !endSeen;
        endSeen = true;
        return first;
    }

    /** TCP has data or the end of input. */
    void dataArrived() {
        dataWaiting = true;
    }

    /** {@code read()} was called, or a loop has the channel again. */
    void readWanted() {
        if (connection.onLoop && dataWaiting) {
            schedule();
        }
    }

    void schedule() {
        if (!scheduled) {
            scheduled = true;
            channel.executeOnLoop(task);
        }
    }

    private void runTask() {
        if (!channel.eventLoop().inEventLoop()) {
            channel.executeOnLoop(task); // the channel has moved since
            return;
        }
        scheduled = false;
        if (!connection.onLoop || connection.released) {
            return;
        }
        if (connection.unreportedDeath != null) {
            connection.reportDeath();
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
        IxIoHandler handler = connection.handler();
        boolean end = false;
        do {
            ByteBuf data =
                    nextRead(handler, allocator, config.isReadSizeLimited() ? handle.guess() : Integer.MAX_VALUE);
            if (data == null) {
                Tcb tcb = connection.tcb;
                end = tcb == null
                        ? connection.unreportedDeath == null
                        : shut || handler.thread().tcp().receiveFinished(tcb);
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
        if (end && !connection.released) {
            channel.endOfInput();
        }
        if (dataWaiting && !channel.isReadOver() && connection.onLoop && !unsafe.shouldStopReading(config)) {
            schedule();
        }
    }

    /** Only the end of input waits: as with epoll, it is told even to a channel that does not read now. */
    private boolean isAtEnd() {
        Tcb tcb = connection.tcb;
        if (unread != null) {
            return false;
        }
        return tcb == null
                ? leftOver.isEmpty()
                : shut || connection.thread().tcp().receiveFinished(tcb);
    }

    /** The connection has failed, and what came before is told even to a channel that does not read now. */
    boolean hasLeftOver() {
        return connection.unreportedDeath != null
                && connection.unreportedDeath != DeathReason.CLOSED
                && (unread != null || !leftOver.isEmpty());
    }

    /** The next data, in pieces of at most {@code limitBytes}; null when nothing waits. */
    private @Nullable ByteBuf nextRead(IxIoHandler handler, ByteBufAllocator allocator, int limitBytes) {
        ByteBuf data = unread;
        if (data == null) {
            Tcb tcb = connection.tcb;
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

    /** As on Linux TCP goes on: what comes can still be read, and what nobody has read makes the close a reset. */
    void shutdown() {
        shut = true;
        // When nothing waits, it looks to the read loop like the end of input.
        dataWaiting = true;
        schedule();
    }

    /** The connection is about to end: what it has received comes over here. */
    void takeLeftOver(Tcb tcb) {
        IxIoHandler handler = connection.handler();
        long mbuf;
        while ((mbuf = handler.thread().tcp().receive(tcb)) != 0) {
            leftOver.add(lasting(handler.receiveBuffers().wrap(mbuf, channel, channel.alloc())));
        }
        ByteBuf rest = unread;
        if (rest != null) {
            unread = lasting(rest);
        }
    }

    /** Perhaps no loop will ever have the channel again, and nobody reads it: the device's memory is not to wait for that. */
    private ByteBuf lasting(ByteBuf data) {
        if (connection.onLoop) {
            return data;
        }
        ByteBuf copy = Unpooled.copiedBuffer(data);
        data.release();
        return copy;
    }

    /** The end of input, unless it has been told. */
    void tellEnd() {
        if (!endSeen) {
            dataWaiting = true;
            readReady();
        }
    }

    /** Nobody reads any more. True if a part of a message was left, which makes the close a reset. */
    boolean release() {
        leftOver.forEach(ByteBuf::release);
        leftOver.clear();
        ByteBuf rest = unread;
        unread = null;
        if (rest != null) {
            rest.release();
        }
        return rest != null;
    }
}
