package org.ixnet.benchmarks.raw;

import java.lang.foreign.Arena;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;

/**
 * Keeps a fixed number of frames under way through a reflector, and counts those that come back. What is lost is made up for
 * after a tenth of a second without any frame. Thread rule: the thread that polls.
 */
public final class L2Generator {
    private static final int BURST = 32;
    private static final long LOST_NANOS = 100_000_000;
    /** IEEE Std 802, local experimental EtherType 1. */
    private static final short EXPERIMENTAL = (short) 0xb588;

    private final Arena arena = Arena.ofShared();
    private final PacketBurst burst = new PacketBurst(arena, BURST);
    private final DeviceQueue queue;
    private final Mempool mempool;
    private final int inFlight;
    private final int frameBytes;
    private int underWay;
    private long lastFrameNanos;
    private long frames;

    /**
     * @param inFlight frames under way at once
     * @param frameBytes length of each, without FCS, at least 14
     */
    public L2Generator(Device device, int inFlight, int frameBytes) {
        this.queue = device.queue(0);
        this.mempool = new Mempool(arena, device.mbufStore());
        this.inFlight = inFlight;
        this.frameBytes = frameBytes;
    }

    /** Frames that came back. */
    public long frames() {
        return frames;
    }

    /** Takes what came back and sends as much again; fills up to the number under way. */
    public void poll(long nowNanos) {
        int count = queue.rxBurst(burst, BURST);
        if (count > 0) {
            frames += count;
            lastFrameNanos = nowNanos;
            send(count); // The same mbufs go round, so that nothing but the wire is measured.
            underWay -= count;
        } else if (underWay > 0 && nowNanos - lastFrameNanos > LOST_NANOS) {
            underWay = 0;
            lastFrameNanos = nowNanos;
        }
        while (underWay < inFlight && fill()) {
            // Fills in bursts until as many are under way as shall be, or the wire takes no more.
        }
    }

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            burst.transmit(i, burst.mbuf(i), burst.frameAddress(i), burst.frameLengthBytes(i), 0, 0, 0);
        }
        underWay += transmit(count);
    }

    private boolean fill() {
        int count = 0;
        while (count < BURST && underWay + count < inFlight) {
            long mbuf = mempool.allocate();
            if (mbuf == 0) {
                break;
            }
            long frame = Mbuf.bufferAddress(mbuf) + Mbuf.HEADROOM_BYTES;
            Memory.fill(frame, frameBytes, (byte) 0x02);
            Memory.putShort(frame + 12, EXPERIMENTAL);
            burst.transmit(count++, mbuf, frame, frameBytes, 0, 0, 0);
        }
        int taken = transmit(count);
        underWay += taken;
        return taken > 0;
    }

    private int transmit(int count) {
        int taken = queue.txBurst(burst, 0, count);
        for (int i = taken; i < count; i++) {
            mempool.free(burst.mbuf(i));
        }
        return taken;
    }

    /** Gives its mbufs back and frees its own memory; those under way stay with the device. */
    public void close() {
        mempool.drain();
        arena.close();
    }
}
