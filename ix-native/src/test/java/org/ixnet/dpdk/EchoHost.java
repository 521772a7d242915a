package org.ixnet.dpdk;

import java.lang.foreign.Arena;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.Sleeper;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;
import org.jspecify.annotations.Nullable;

/**
 * The smallest host that a kernel can talk to: answers ARP for one address and sends UDP datagrams back, in place. One
 * thread of its own polls one queue, or sleeps until the queue has a frame. Frames for others are freed.
 */
final class EchoHost implements AutoCloseable {
    private static final int ARP = 0x0806;
    private static final int IPV4 = 0x0800;
    private static final int UDP = 17;
    /** Longer than any test waits: only a frame or a wakeup can end such a sleep in time. */
    private static final long SLEEP_NANOS = 3_600_000_000_000L;

    private final Device device;
    private final int address;
    private final int txFlags;
    private final int queueIndex;
    /** Null: polls without a pause. */
    private final @Nullable Sleeper sleeper;

    private final Thread thread;
    private volatile boolean stop;
    private volatile long echoed;
    private volatile Throwable failure;

    /** One that polls queue 0. */
    EchoHost(Device device, int address, int txFlags) {
        this(device, address, txFlags, 0, null);
    }

    /** @param sleeper closed with this host */
    EchoHost(Device device, int address, int txFlags, int queueIndex, @Nullable Sleeper sleeper) {
        this.device = device;
        this.address = address;
        this.txFlags = txFlags;
        this.queueIndex = queueIndex;
        this.sleeper = sleeper;
        this.thread = Thread.ofPlatform().name("echo-host").start(this::run);
    }

    long echoed() {
        return echoed;
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            PacketBurst rx = new PacketBurst(arena, 64);
            PacketBurst tx = new PacketBurst(arena, 64);
            Mempool pool = new Mempool(arena, device.mbufStore());
            DeviceQueue queue = device.queue(queueIndex);
            if (sleeper != null) {
                sleeper.watch(new int[] {queueIndex});
            }
            while (!stop) {
                int received = queue.rxBurst(rx, 64);
                if (received == 0 && sleeper != null) {
                    sleeper.sleep(SLEEP_NANOS);
                }
                int replies = 0;
                for (int i = 0; i < received; i++) {
                    if (reply(rx, i)) {
                        tx.transmit(
                                replies++,
                                rx.mbuf(i),
                                rx.frameAddress(i),
                                rx.frameLengthBytes(i),
                                14 | 20 << 8 | 8 << 16,
                                Memory.getUnsignedShortBe(rx.frameAddress(i) + 12) == IPV4 ? txFlags : 0,
                                0);
                    } else {
                        pool.free(rx.mbuf(i));
                    }
                }
                int sent = queue.txBurst(tx, 0, replies);
                for (int i = sent; i < replies; i++) {
                    pool.free(tx.mbuf(i));
                }
            }
            pool.drain();
        } catch (Throwable e) {
            failure = e;
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    private boolean reply(PacketBurst rx, int i) {
        long frame = rx.frameAddress(i);
        int length = rx.frameLengthBytes(i);
        int type = Memory.getUnsignedShortBe(frame + 12);
        if (type == ARP && length >= 42 && Memory.getIntBe(frame + 38) == address) {
            Memory.copy(frame + 22, frame + 32, 10); // sender becomes target
            Memory.putShortBe(frame + 20, 2);
            putMac(frame + 22);
            Memory.putIntBe(frame + 28, address);
            answerTo(frame);
            return true;
        }
        if (type == IPV4
                && length >= 42
                && Memory.getIntBe(frame + 30) == address
                && Memory.getByte(frame + 23) == UDP) {
            int source = Memory.getIntBe(frame + 26);
            Memory.putIntBe(frame + 26, address);
            Memory.putIntBe(frame + 30, source);
            int port = Memory.getUnsignedShortBe(frame + 34);
            Memory.putShortBe(frame + 34, Memory.getUnsignedShortBe(frame + 36));
            Memory.putShortBe(frame + 36, port);
            if (txFlags != 0) {
                Memory.putShortBe(frame + 24, 0);
                Memory.putShortBe(frame + 40, pseudoHeaderSum(frame));
            }
            answerTo(frame);
            echoed = echoed + 1;
            return true;
        }
        return false;
    }

    /** What an engine that computes the UDP checksum wants to find in its field. */
    private static int pseudoHeaderSum(long frame) {
        int sum = UDP + Memory.getUnsignedShortBe(frame + 38);
        for (int offset = 26; offset < 34; offset += 2) {
            sum += Memory.getUnsignedShortBe(frame + offset);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (sum & 0xffff) + (sum >>> 16);
    }

    private void answerTo(long frame) {
        Memory.copy(frame + 6, frame, 6);
        putMac(frame + 6);
    }

    private void putMac(long at) {
        Memory.putShortBe(at, (int) (device.macAddress() >>> 32));
        Memory.putIntBe(at + 2, (int) device.macAddress());
    }

    @Override
    public void close() {
        stop = true;
        if (sleeper != null) {
            sleeper.wakeup();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (sleeper != null) {
            sleeper.close();
            sleeper.wakeup(); // does nothing any more
        }
        if (failure != null) {
            throw new AssertionError("echo host failed", failure);
        }
    }
}
