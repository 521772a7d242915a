package org.ixnet.netty;

import io.netty.buffer.AbstractReferenceCountedByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.jspecify.annotations.Nullable;

/**
 * Received data where the device put it: the buffer is the mbuf, from the first byte of the transport payload to the end of
 * the mbuf's data room. {@link #release} is recv_done of the IX paper: the mbuf goes back to its pool and the receive window
 * of the connection opens.
 *
 * <p>Slices and duplicates are Netty's and share this buffer's reference count. A handler that makes it grow past the data
 * room gets a copy in an ordinary buffer behind the same object. The object itself is pooled by {@link ReceiveBuffers}. Thread rule: as every {@link ByteBuf}; the last release may come from any thread, also after the
 * channel closed and after its loop ended.
 */
final class MbufByteBuf extends AbstractReferenceCountedByteBuf {
    /** Who takes the mbuf, and the object, back. */
    interface Owner {
        /** The last reference of {@code buffer} is gone. Any thread. */
        void released(MbufByteBuf buffer);
    }

    /** Next in the pool's stack of returned buffers; owned by the pool. */
    @Nullable
    MbufByteBuf nextReturned;

    private final Owner owner;
    private @Nullable IxSocketChannel channel;
    private ByteBufAllocator allocator;
    private long mbuf;
    private long address;
    private int capacity;
    /** What {@link #address} has room for. */
    private int roomBytes;

    /** Holds the content of a copy, or once it has grown out of the mbuf. */
    private @Nullable ByteBuf grown;

    private int receivedBytes;
    private @Nullable ByteBuffer internal;

    MbufByteBuf(Owner owner, ByteBufAllocator allocator) {
        super(0);
        this.owner = owner;
        this.allocator = allocator;
    }

    /** Takes over {@code mbuf}; the readable bytes are its payload. */
    MbufByteBuf wrap(long mbuf, @Nullable IxSocketChannel channel, ByteBufAllocator allocator) {
        return wrap(mbuf, channel, allocator, Integer.MAX_VALUE);
    }

    MbufByteBuf wrap(long mbuf, @Nullable IxSocketChannel channel, ByteBufAllocator allocator, int maxCapacity) {
        this.mbuf = mbuf;
        this.channel = channel;
        this.allocator = allocator;
        this.address = Mbuf.payloadAddress(mbuf);
        this.receivedBytes = Mbuf.payloadLengthBytes(mbuf);
        this.roomBytes = (int) (Mbuf.bufferAddress(mbuf) + Mbuf.bufferLengthBytes(mbuf) - address);
        return begin(maxCapacity);
    }

    /** Takes over {@code copy} of received data, all of it readable; there is no mbuf, but the window waits all the same. */
    MbufByteBuf wrapCopy(ByteBuf copy, IxSocketChannel channel, ByteBufAllocator allocator) {
        this.mbuf = 0;
        this.channel = channel;
        this.allocator = allocator;
        this.grown = copy;
        this.address = addressOf(copy);
        this.receivedBytes = copy.readableBytes();
        this.roomBytes = receivedBytes;
        return begin(Integer.MAX_VALUE);
    }

    private MbufByteBuf begin(int maxCapacity) {
        this.capacity = roomBytes;
        assert receivedBytes >= 0 && receivedBytes <= roomBytes;
        maxCapacity(maxCapacity);
        resetRefCnt();
        setIndex(0, 0);
        markReaderIndex();
        markWriterIndex();
        setIndex(0, receivedBytes);
        return this;
    }

    private static long addressOf(ByteBuf direct) {
        return direct.hasMemoryAddress()
                ? direct.memoryAddress()
                : MemorySegment.ofBuffer(direct.internalNioBuffer(0, direct.capacity()))
                        .address();
    }

    /** The mbuf, for the pool that takes it back; 0 for a copy. */
    long mbuf() {
        return mbuf;
    }

    /** Bytes that the receive window opens by when this buffer is released. */
    int receivedBytes() {
        return receivedBytes;
    }

    /** The connection that the data came on; null for a datagram. */
    @Nullable
    IxSocketChannel channel() {
        return channel;
    }

    /** Forgets everything that a later reader must not find here. */
    void clearReferences() {
        mbuf = 0;
        address = 0;
        channel = null;
        internal = null;
    }

    @Override
    protected void deallocate() {
        ByteBuf grown = this.grown;
        if (grown != null) {
            this.grown = null;
            grown.release();
        }
        owner.released(this);
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        if (newCapacity < capacity) {
            trimIndicesToCapacity(newCapacity);
        } else if (newCapacity > roomBytes) {
            growOutOfMbuf(newCapacity);
        }
        capacity = newCapacity;
        return this;
    }

    /** Moves the content to an ordinary buffer. The mbuf stays until release, because only its loop can take it back. */
    private void growOutOfMbuf(int newCapacity) {
        ByteBuf larger = allocator.directBuffer(newCapacity, newCapacity);
        long to = addressOf(larger);
        Memory.copy(address, to, capacity);
        ByteBuf before = grown;
        grown = larger;
        address = to;
        roomBytes = newCapacity;
        internal = null;
        if (before != null) {
            before.release();
        }
    }

    @Override
    public ByteBufAllocator alloc() {
        return allocator;
    }

    @Override
    @Deprecated
    public ByteOrder order() {
        return ByteOrder.BIG_ENDIAN;
    }

    @Override
    public @Nullable ByteBuf unwrap() {
        return null;
    }

    @Override
    public boolean isDirect() {
        return true;
    }

    @Override
    public boolean isContiguous() {
        return true;
    }

    @Override
    public boolean hasArray() {
        return false;
    }

    @Override
    public byte[] array() {
        throw new UnsupportedOperationException("direct buffer");
    }

    @Override
    public int arrayOffset() {
        throw new UnsupportedOperationException("direct buffer");
    }

    @Override
    public boolean hasMemoryAddress() {
        return true;
    }

    @Override
    public long memoryAddress() {
        ensureAccessible();
        return address;
    }

    @Override
    public int nioBufferCount() {
        return 1;
    }

    @Override
    public ByteBuffer nioBuffer(int index, int length) {
        checkIndex(index, length);
        return Memory.segment(address + index, length).asByteBuffer();
    }

    @Override
    public ByteBuffer[] nioBuffers(int index, int length) {
        return new ByteBuffer[] {nioBuffer(index, length)};
    }

    @Override
    public ByteBuffer internalNioBuffer(int index, int length) {
        checkIndex(index, length);
        ByteBuffer buffer = internal;
        if (buffer == null || buffer.capacity() != capacity) {
            internal = buffer = Memory.segment(address, capacity).asByteBuffer();
        }
        return buffer.clear().position(index).limit(index + length);
    }

    @Override
    public ByteBuf copy(int index, int length) {
        checkIndex(index, length);
        ByteBuf copy = alloc().directBuffer(length, maxCapacity());
        return copy.writeBytes(this, index, length);
    }

    @Override
    protected byte _getByte(int index) {
        return Memory.getByte(address + index);
    }

    @Override
    protected short _getShort(int index) {
        return (short) Memory.getUnsignedShortBe(address + index);
    }

    @Override
    protected short _getShortLE(int index) {
        return Short.reverseBytes(_getShort(index));
    }

    @Override
    protected int _getUnsignedMedium(int index) {
        return Memory.getUnsignedByte(address + index) << 16 | Memory.getUnsignedShortBe(address + index + 1);
    }

    @Override
    protected int _getUnsignedMediumLE(int index) {
        return Memory.getUnsignedByte(address + index)
                | Memory.getUnsignedByte(address + index + 1) << 8
                | Memory.getUnsignedByte(address + index + 2) << 16;
    }

    @Override
    protected int _getInt(int index) {
        return Memory.getIntBe(address + index);
    }

    @Override
    protected int _getIntLE(int index) {
        return Integer.reverseBytes(_getInt(index));
    }

    @Override
    protected long _getLong(int index) {
        return Memory.getLongBe(address + index);
    }

    @Override
    protected long _getLongLE(int index) {
        return Long.reverseBytes(_getLong(index));
    }

    @Override
    protected void _setByte(int index, int value) {
        Memory.putByte(address + index, value);
    }

    @Override
    protected void _setShort(int index, int value) {
        Memory.putShortBe(address + index, value);
    }

    @Override
    protected void _setShortLE(int index, int value) {
        Memory.putShortBe(address + index, Short.reverseBytes((short) value));
    }

    @Override
    protected void _setMedium(int index, int value) {
        Memory.putByte(address + index, value >>> 16);
        Memory.putShortBe(address + index + 1, value);
    }

    @Override
    protected void _setMediumLE(int index, int value) {
        Memory.putByte(address + index, value);
        Memory.putByte(address + index + 1, value >>> 8);
        Memory.putByte(address + index + 2, value >>> 16);
    }

    @Override
    protected void _setInt(int index, int value) {
        Memory.putIntBe(address + index, value);
    }

    @Override
    protected void _setIntLE(int index, int value) {
        Memory.putIntBe(address + index, Integer.reverseBytes(value));
    }

    @Override
    protected void _setLong(int index, long value) {
        Memory.putLongBe(address + index, value);
    }

    @Override
    protected void _setLongLE(int index, long value) {
        Memory.putLongBe(address + index, Long.reverseBytes(value));
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuf target, int targetIndex, int length) {
        checkDstIndex(index, length, targetIndex, target.capacity());
        if (target.hasArray()) {
            Memory.copyToArray(address + index, target.array(), target.arrayOffset() + targetIndex, length);
        } else if (target.hasMemoryAddress() && !target.isReadOnly()) {
            Memory.copy(address + index, target.memoryAddress() + targetIndex, length);
        } else {
            target.setBytes(targetIndex, nioBuffer(index, length));
        }
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, byte[] target, int targetIndex, int length) {
        checkDstIndex(index, length, targetIndex, target.length);
        Memory.copyToArray(address + index, target, targetIndex, length);
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, ByteBuffer target) {
        checkIndex(index, target.remaining());
        target.put(nioBuffer(index, target.remaining()));
        return this;
    }

    @Override
    public ByteBuf getBytes(int index, OutputStream out, int length) throws IOException {
        checkIndex(index, length);
        if (length > 0) {
            byte[] bytes = new byte[length];
            Memory.copyToArray(address + index, bytes, 0, length);
            out.write(bytes);
        }
        return this;
    }

    @Override
    public int getBytes(int index, GatheringByteChannel out, int length) throws IOException {
        return length == 0 ? 0 : out.write(nioBuffer(index, length));
    }

    @Override
    public int getBytes(int index, FileChannel out, long position, int length) throws IOException {
        return length == 0 ? 0 : out.write(nioBuffer(index, length), position);
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuf source, int sourceIndex, int length) {
        checkSrcIndex(index, length, sourceIndex, source.capacity());
        if (source.hasArray()) {
            Memory.copyFromArray(source.array(), source.arrayOffset() + sourceIndex, address + index, length);
        } else if (source.hasMemoryAddress()) {
            Memory.copy(source.memoryAddress() + sourceIndex, address + index, length);
        } else {
            source.getBytes(sourceIndex, nioBuffer(index, length));
        }
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, byte[] source, int sourceIndex, int length) {
        checkSrcIndex(index, length, sourceIndex, source.length);
        Memory.copyFromArray(source, sourceIndex, address + index, length);
        return this;
    }

    @Override
    public ByteBuf setBytes(int index, ByteBuffer source) {
        checkIndex(index, source.remaining());
        nioBuffer(index, source.remaining()).put(source);
        return this;
    }

    @Override
    public int setBytes(int index, InputStream in, int length) throws IOException {
        checkIndex(index, length);
        byte[] bytes = new byte[length];
        int read = in.read(bytes);
        if (read > 0) {
            Memory.copyFromArray(bytes, 0, address + index, read);
        }
        return read;
    }

    @Override
    public int setBytes(int index, ScatteringByteChannel in, int length) throws IOException {
        try {
            return in.read(nioBuffer(index, length));
        } catch (java.nio.channels.ClosedChannelException closed) {
            return -1;
        }
    }

    @Override
    public int setBytes(int index, FileChannel in, long position, int length) throws IOException {
        try {
            return in.read(nioBuffer(index, length), position);
        } catch (java.nio.channels.ClosedChannelException closed) {
            return -1;
        }
    }
}
