package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.jspecify.annotations.Nullable;

/**
 * The received buffers of one loop: turns mbufs into {@link ByteBuf}s and takes them back.
 *
 * <pre>
 *  receive(tcb) --> wrap --> handler ... release() on the loop ---------> mempool, recv_done
 *                                    ... release() elsewhere --> returned, drained once a cycle
 *                                    ... after the loop ended ----------> the dataplane's store, at once
 * </pre>
 *
 * <p>While the thread is {@link ElasticThread#underPressure}, data is handed up as copies, so that a handler that keeps
 * buffers cannot starve the device. Thread rule: the loop, except {@link #released}.
 */
final class ReceiveBuffers implements MbufByteBuf.Owner {
    private static final VarHandle RETURNED;

    static {
        try {
            RETURNED = MethodHandles.lookup().findVarHandle(ReceiveBuffers.class, "returned", MbufByteBuf.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int MAX_POOLED_WRAPPERS = 4096;

    private final IxIoHandler handler;
    private final ElasticThread thread;
    /** Stands in {@link #returned} once the loop has ended. */
    private final MbufByteBuf ended;

    private @Nullable MbufByteBuf[] wrappers = new MbufByteBuf[64];
    private int wrapperCount;

    private long copiedReads;
    private long zeroCopyReads;

    /** Buffers released by other threads, newest first; compare-and-set by any thread, taken whole by the loop. */
    @SuppressWarnings("unused") // by the VarHandle
    private @Nullable MbufByteBuf returned;

    ReceiveBuffers(IxIoHandler handler, ElasticThread thread) {
        this.handler = handler;
        this.thread = thread;
        this.ended = new MbufByteBuf(this, ByteBufAllocator.DEFAULT);
    }

    /**
     * A buffer of the payload of {@code mbuf}, which it takes over, or of a copy. The receive window opens when it is
     * released: a handler that keeps copies meets a closed window just as one that keeps mbufs.
     */
    ByteBuf wrap(long mbuf, IxSocketChannel channel, ByteBufAllocator allocator) {
        MbufByteBuf buffer = thread.underPressure()
                ? wrapper(allocator).wrapCopy(copy(mbuf, allocator), channel, allocator)
                : wrapOwned(mbuf, channel, allocator);
        return LeakTracking.track(buffer);
    }

    /** As {@link #wrap}, for a datagram: no window depends on it. */
    ByteBuf wrapDatagram(long mbuf, ByteBufAllocator allocator) {
        return thread.underPressure() ? copy(mbuf, allocator) : LeakTracking.track(wrapOwned(mbuf, null, allocator));
    }

    @Override
    public void released(MbufByteBuf buffer) {
        if (thread.inThread() && !isEnded(returned())) {
            takeBack(buffer);
            return;
        }
        while (true) {
            MbufByteBuf head = returned();
            if (isEnded(head)) {
                takeBackAfterEnd(buffer);
                return;
            }
            buffer.nextReturned = head;
            if (RETURNED.compareAndSet(this, head, buffer)) {
                if (head == null) {
                    // A closed window may wait for this, so do not leave it to the next packet.
                    handler.wakeup();
                }
                return;
            }
        }
    }

    /** Takes back what other threads released; returns how many. */
    int drainReturned() {
        if (returned() == null) {
            return 0;
        }
        int count = 0;
        MbufByteBuf buffer = (MbufByteBuf) RETURNED.getAndSet(this, (MbufByteBuf) null);
        while (buffer != null) {
            MbufByteBuf next = buffer.nextReturned;
            buffer.nextReturned = null;
            takeBack(buffer);
            buffer = next;
            count++;
        }
        return count;
    }

    boolean hasReturned() {
        return returned() != null;
    }

    /** Reads that were handed up as copies because mbufs were scarce. */
    long copiedReads() {
        return copiedReads;
    }

    /** Reads that were handed up without a copy. */
    long zeroCopyReads() {
        return zeroCopyReads;
    }

    /** From now on the thread's mempool is not touched any more: what is released goes to the dataplane's store. */
    void end() {
        MbufByteBuf buffer = (MbufByteBuf) RETURNED.getAndSet(this, ended);
        while (buffer != null) {
            MbufByteBuf next = buffer.nextReturned;
            buffer.nextReturned = null;
            takeBackAfterEnd(buffer);
            buffer = next;
        }
    }

    @SuppressWarnings("ReferenceEquality") // it is this object, not its content
    private boolean isEnded(@Nullable MbufByteBuf head) {
        return head == ended;
    }

    private @Nullable MbufByteBuf returned() {
        return (MbufByteBuf) RETURNED.getAcquire(this);
    }

    private MbufByteBuf wrapOwned(long mbuf, @Nullable IxSocketChannel channel, ByteBufAllocator allocator) {
        zeroCopyReads++;
        thread.mbufTaken();
        return wrapper(allocator).wrap(mbuf, channel, allocator);
    }

    private MbufByteBuf wrapper(ByteBufAllocator allocator) {
        if (wrapperCount == 0) {
            return new MbufByteBuf(this, allocator);
        }
        MbufByteBuf wrapper = requireNonNull(wrappers[--wrapperCount]);
        wrappers[wrapperCount] = null;
        return wrapper;
    }

    private ByteBuf copy(long mbuf, ByteBufAllocator allocator) {
        int lengthBytes = Mbuf.payloadLengthBytes(mbuf);
        ByteBuf copy = allocator.directBuffer(lengthBytes);
        long from = Mbuf.payloadAddress(mbuf);
        if (copy.hasMemoryAddress()) {
            Memory.copy(from, copy.memoryAddress(), lengthBytes);
            copy.writerIndex(lengthBytes);
        } else {
            copy.writeBytes(Memory.segment(from, lengthBytes).asByteBuffer());
        }
        copiedReads++;
        thread.mempool().free(mbuf);
        return copy;
    }

    private void takeBack(MbufByteBuf buffer) {
        IxSocketChannel channel = buffer.channel();
        int lengthBytes = buffer.receivedBytes();
        if (buffer.mbuf() != 0) {
            thread.mbufReturned(buffer.mbuf());
        }
        recycle(buffer);
        if (channel != null) {
            channel.receiveDone(lengthBytes);
        }
    }

    private void recycle(MbufByteBuf buffer) {
        buffer.clearReferences();
        if (wrapperCount == wrappers.length) {
            if (wrapperCount >= MAX_POOLED_WRAPPERS) {
                return;
            }
            wrappers = Arrays.copyOf(wrappers, wrapperCount * 2);
        }
        wrappers[wrapperCount++] = buffer;
    }

    private void takeBackAfterEnd(MbufByteBuf buffer) {
        IxSocketChannel channel = buffer.channel();
        int lengthBytes = buffer.receivedBytes();
        if (buffer.mbuf() != 0) {
            thread.dataplane().returnMbuf(buffer.mbuf());
        }
        buffer.clearReferences();
        if (channel != null) {
            // The connection may live on with another loop.
            channel.receiveDone(lengthBytes);
        }
    }

    /** Reaches Netty's leak detector, which is open to allocators only. */
    abstract static class LeakTracking extends AbstractByteBufAllocator {
        private LeakTracking() {}

        /** {@code buffer}, wrapped when the leak detector samples it. */
        static ByteBuf track(ByteBuf buffer) {
            return toLeakAwareBuffer(buffer);
        }
    }
}
