package org.ixnet.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.UserCalls;
import org.jspecify.annotations.Nullable;

/**
 * The write half of a {@link Connection}: from the channel's outbound buffer into TCP's send buffer, and what was written
 * until the peer has it. Thread rule: the connection's owner.
 */
final class ConnectionWriter {
    /** Longest write that is copied: up to here that costs less than keeping its buffer until the acknowledgement. */
    static final int SMALL_BYTES = 1024;

    /** Messages that count as one round of {@code writeSpinCount}. */
    private static final int MESSAGES_A_SPIN = 256;

    private final IxSocketChannel channel;
    private final Connection connection;
    private final InFlight inFlight = new InFlight();
    private final Runnable flushTask = this::flushAgain;
    /** Takes small writes while others are in flight, so that those of a slow peer do not keep every {@link Slab} in use. */
    private @Nullable Slab own;

    /** The send buffer was full; {@link #sent} tells when to go on. */
    private boolean blocked;

    private boolean shut;
    private @Nullable FileSink fileSink;

    ConnectionWriter(IxSocketChannel channel, Connection connection) {
        this.channel = channel;
        this.connection = connection;
    }

    boolean isBlocked() {
        return blocked;
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
            Tcb tcb = connection.tcb;
            if (tcb == null || shut) {
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
                if (message instanceof FileRegion && connection.thread().tcp().sendSpaceBytes(tcb) > 0) {
                    // The region has nothing to give right now.
                    break;
                }
                // sent() goes on.
                blocked = true;
                return;
            }
        }
        channel.eventLoop().execute(flushTask);
    }

    private void flushAgain() {
        if (!channel.eventLoop().inEventLoop()) {
            channel.executeOnLoop(flushTask); // the channel has moved since
        } else if (channel.isOpen() && !blocked && connection.onLoop) {
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
        UserCalls calls = connection.thread().tcp();
        if (lengthBytes <= SMALL_BYTES) {
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

    /** Copied, the writer gets its buffer back at once, and TCP sees one region instead of many. */
    private int writeSmall(UserCalls calls, Tcb tcb, ByteBuf buffer, int lengthBytes) {
        IxIoHandler handler = connection.handler();
        Slab slab = slab(handler.slabs(), lengthBytes);
        int accepted = calls.send(tcb, slab.append(buffer, lengthBytes), lengthBytes);
        slab.takeBack(lengthBytes - accepted);
        if (accepted > 0) {
            inFlight.addPiece(slab, accepted);
            handler.copiedWrite(accepted);
        }
        return accepted;
    }

    private Slab slab(SlabPool pool, int lengthBytes) {
        Slab shared = pool.shared(lengthBytes);
        Object newest = inFlight.newest();
        if (newest == null || newest == shared) {
            return shared;
        }
        Slab slab = own;
        if (slab == null || !slab.hasRoom(lengthBytes)) {
            if (slab != null) {
                slab.release();
            }
            own = slab = pool.take();
        }
        return slab;
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
        UserCalls calls = connection.thread().tcp();
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
        Tcb tcb = connection.tcb;
        if (tcb == null) {
            throw new ClosedChannelException();
        }
        UserCalls calls = connection.thread().tcp();
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
        IxIoHandler handler = connection.owner();
        if (handler != null && handler.isStarted() && handler.thread().inThread()) {
            handler.copiedWrite(lengthBytes);
        }
    }

    /** The peer has {@code ackedBytes} more. */
    void sent(long ackedBytes) {
        inFlight.acked(ackedBytes);
        Slab slab = own;
        if (slab != null && inFlight.isEmpty()) {
            own = null;
            connection.handler().slabs().give(slab);
        }
    }

    /** Goes on where a full send buffer stopped it. */
    void resume() {
        if (blocked) {
            restart();
        }
    }

    /** Sends what was flushed while no loop had the channel, or while the send buffer was full. */
    void restart() {
        blocked = false;
        channel.socketUnsafe().flushNow();
    }

    /** Nothing is written any more. */
    void shutdown() {
        shut = true;
        blocked = false;
    }

    /** The connection leaves its loop, and the loop's slabs. */
    void leaveLoop() {
        inFlight.detachSlabs();
        releaseOwn();
    }

    /** TCP reads nothing any more. */
    void end() {
        blocked = false;
        inFlight.releaseAll();
        releaseOwn();
    }

    private void releaseOwn() {
        Slab slab = own;
        if (slab != null) {
            own = null;
            slab.release();
        }
    }
}
