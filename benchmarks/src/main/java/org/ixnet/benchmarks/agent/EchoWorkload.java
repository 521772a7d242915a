package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Messages of one size that come back as they are. Thread rule: one event loop. */
public final class EchoWorkload implements Workload {
    private static final byte FILL = 'x';

    private final ByteBuf message;

    /** @param messageBytes 1..1 MiB */
    public EchoWorkload(int messageBytes) {
        this(UnpooledByteBufAllocator.DEFAULT, messageBytes);
    }

    EchoWorkload(ByteBufAllocator allocator, int messageBytes) {
        if (messageBytes < 1 || messageBytes > 1 << 20) {
            throw new IllegalArgumentException("size is " + messageBytes + "; must be 1..1048576");
        }
        message = allocator.directBuffer(messageBytes, messageBytes);
        for (int i = 0; i < messageBytes; i++) {
            message.writeByte(FILL);
        }
    }

    @Override
    public int next() {
        return 0;
    }

    @Override
    public ByteBuf encode(int request) {
        return message.retainedDuplicate();
    }

    /** Without a reference count, whose locked instructions would be a tenth of what a request costs the generator. */
    @Override
    public ByteBuf reusable() {
        return Unpooled.unreleasableBuffer(message.duplicate());
    }

    @Override
    public int requests() {
        return 1;
    }

    @Override
    public int requestBytes(int request) {
        return message.readableBytes();
    }

    @Override
    public void copy(int request, byte[] into) {
        message.getBytes(message.readerIndex(), into, 0, message.readableBytes());
    }

    @Override
    public int responseBytes(int request) {
        return message.readableBytes();
    }

    @Override
    public int responseFirstByte(int request) {
        return FILL;
    }

    @Override
    public void release() {
        message.release();
    }
}
