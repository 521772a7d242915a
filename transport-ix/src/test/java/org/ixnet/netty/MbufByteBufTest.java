package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.AbstractByteBufTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;
import org.ixnet.stack.memory.LargeMbufs;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Netty's own tests of a {@link ByteBuf}, and what is peculiar to one that is an mbuf. */
class MbufByteBufTest extends AbstractByteBufTest {
    private static final LargeMbufs MBUFS = new LargeMbufs(512);

    @AfterAll
    static void free() {
        MBUFS.close();
    }

    @Override
    protected ByteBuf newBuffer(int capacity, int maxCapacity) {
        Assumptions.assumeTrue(capacity <= LargeMbufs.BUFFER_BYTES, "an mbuf holds at most 64 KB");
        ByteBuf buffer = wrap(MBUFS, capacity, capacity, maxCapacity);
        buffer.writerIndex(0);
        return buffer;
    }

    private static MbufByteBuf wrap(int roomBytes, int payloadBytes) {
        return wrap(MBUFS, roomBytes, payloadBytes, Integer.MAX_VALUE);
    }

    private static MbufByteBuf wrap(LargeMbufs mbufs, int roomBytes, int payloadBytes, int maxCapacity) {
        long mbuf = mbufs.allocate();
        assertThat(mbuf).isNotZero();
        long payload = Mbuf.bufferAddress(mbuf) + Mbuf.bufferLengthBytes(mbuf) - roomBytes;
        Mbuf.payloadAddress(mbuf, payload);
        Mbuf.payloadLengthBytes(mbuf, payloadBytes);
        Memory.fill(payload, roomBytes, (byte) 0);
        return new MbufByteBuf(buffer -> mbufs.free(buffer.mbuf()), ByteBufAllocator.DEFAULT)
                .wrap(mbuf, null, ByteBufAllocator.DEFAULT, maxCapacity);
    }

    @Test
    void readableBytesAreThePayloadAndTheRestOfTheRoomIsWritable() {
        MbufByteBuf buffer = wrap(2000, 1448);
        assertThat(buffer.readableBytes()).isEqualTo(1448);
        assertThat(buffer.writableBytes()).isEqualTo(552);
        assertThat(buffer.receivedBytes()).isEqualTo(1448);
        buffer.release();
    }

    @Test
    void growsPastTheMbufAndKeepsItsContent() {
        LargeMbufs mbufs = new LargeMbufs(2);
        MbufByteBuf buffer = wrap(mbufs, 100, 100, Integer.MAX_VALUE);
        buffer.setLong(92, 0x0102030405060708L);
        buffer.writeBytes(new byte[100_000]).writeInt(42);
        buffer.ensureWritable(1_000_000);
        assertThat(buffer.getLong(92)).isEqualTo(0x0102030405060708L);
        assertThat(buffer.getInt(100_100)).isEqualTo(42);
        assertThat(Memory.getIntBe(buffer.memoryAddress() + 100_100)).isEqualTo(42);
        buffer.release();
        assertThat(mbufs.available()).isEqualTo(2);
        mbufs.close();
    }

    @Test
    void memoryAddressAndNioBufferShowTheMbuf() {
        MbufByteBuf buffer = wrap(100, 100);
        buffer.setInt(10, 0x01020304);
        assertThat(Memory.getIntBe(buffer.memoryAddress() + 10)).isEqualTo(0x01020304);
        ByteBuffer nio = buffer.nioBuffer(10, 4);
        assertThat(nio.isDirect()).isTrue();
        assertThat(nio.getInt(0)).isEqualTo(0x01020304);
        nio.putInt(0, 0x0a0b0c0d);
        assertThat(buffer.getInt(10)).isEqualTo(0x0a0b0c0d);
        buffer.release();
    }

    @Test
    void mbufGoesBackOnceAtTheLastReferenceAndUseAfterReleaseIsRefused() {
        LargeMbufs mbufs = new LargeMbufs(2);
        MbufByteBuf buffer = wrap(mbufs, 100, 100, Integer.MAX_VALUE);
        ByteBuf slice = buffer.retainedSlice(10, 20);
        ByteBuf duplicate = buffer.retainedDuplicate();
        buffer.release();
        assertThat(slice.getByte(0)).isZero();
        slice.release();
        assertThat(mbufs.available()).isEqualTo(1);
        duplicate.release();
        assertThat(mbufs.available()).isEqualTo(2);
        mbufs.close();
        assertThatThrownBy(() -> buffer.getByte(0)).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(buffer::memoryAddress).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(buffer::release).isInstanceOf(IllegalReferenceCountException.class);
    }

    @Test
    void compositesOfMbufsHoldThemUntilTheirLastReference() {
        LargeMbufs mbufs = new LargeMbufs(2);
        MbufByteBuf first = wrap(mbufs, 100, 100, Integer.MAX_VALUE);
        MbufByteBuf second = wrap(mbufs, 200, 200, Integer.MAX_VALUE);
        first.setInt(96, 0x01020304);
        second.setInt(10, 0x05060708);
        CompositeByteBuf composite =
                ByteBufAllocator.DEFAULT.compositeBuffer().addComponents(true, first, second.retainedSlice(10, 20));
        second.release();
        assertThat(composite.readableBytes()).isEqualTo(120);
        assertThat(composite.getLong(96)).isEqualTo(0x0102030405060708L);
        assertThat(composite.nioBufferCount()).isEqualTo(2);
        ByteBuffer[] nio = composite.nioBuffers(96, 8);
        assertThat(nio).hasSize(2).allMatch(ByteBuffer::isDirect);
        assertThat(nio[1].getInt(0)).isEqualTo(0x05060708);
        nio[0].putInt(nio[0].position(), 0x0a0b0c0d);
        assertThat(first.getInt(96)).as("no copy").isEqualTo(0x0a0b0c0d);
        ByteBuf duplicate = composite.retainedDuplicate();
        ByteBuf slice = composite.readRetainedSlice(100);
        composite.release();
        duplicate.release();
        assertThat(slice.getInt(96)).isEqualTo(0x0a0b0c0d);
        assertThat(mbufs.available()).isZero();
        slice.release();
        assertThat(mbufs.available()).isEqualTo(2);
        mbufs.close();
        assertThatThrownBy(() -> slice.getByte(0)).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(() -> duplicate.getByte(0)).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(() -> composite.getByte(0)).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(() -> second.nioBuffer(0, 1)).isInstanceOf(IllegalReferenceCountException.class);
    }
}
