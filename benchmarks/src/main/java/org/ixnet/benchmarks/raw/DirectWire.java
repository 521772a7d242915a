package org.ixnet.benchmarks.raw;

import java.util.Arrays;
import org.ixnet.stack.device.Capabilities;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.DeviceStatistics;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.HeapMbufStore;
import org.ixnet.stack.memory.MbufStore;

/**
 * Two devices on one mbuf store: what one transmits the other receives, the same mbuf, without copy, lock or delay, so that a
 * profile shows the stack and nothing else. A full ring refuses frames, as a device does. Thread rule: one thread for both
 * ends.
 */
final class DirectWire {
    private static final int RING_FRAMES = 4096;

    private final HeapMbufStore store;
    private final End a;
    private final End b;

    /**
     * @param trustChecksums received frames are marked as verified, as on a memory wire whose ends agree
     * @param mbufs for both ends together
     */
    DirectWire(boolean trustChecksums, int mbufs, int bufferBytes, int mtuBytes) {
        store = new HeapMbufStore(mbufs, bufferBytes);
        a = new End("direct-a", 0x02_00_00_00_00_0aL, mtuBytes, trustChecksums, store);
        b = new End("direct-b", 0x02_00_00_00_00_0bL, mtuBytes, trustChecksums, store);
        a.peer = b;
        b.peer = a;
    }

    Device a() {
        return a;
    }

    Device b() {
        return b;
    }

    /** After both ends were closed. */
    void close() {
        store.close();
    }

    /** A device and its only queue; the ring holds what the peer sent. */
    private static final class End implements Device, DeviceQueue {
        private final String name;
        private final long macAddress;
        private final int mtuBytes;
        private final int rxFlags;
        private final boolean trustChecksums;
        private final MbufStore store;
        private final long[] mbufs = new long[RING_FRAMES];
        private final long[] frames = new long[RING_FRAMES];
        private final int[] lengths = new int[RING_FRAMES];
        private End peer = this;
        private long head;
        private long tail;
        private long rxPackets;
        private long rxBytes;

        End(String name, long macAddress, int mtuBytes, boolean trustChecksums, MbufStore store) {
            this.name = name;
            this.macAddress = macAddress;
            this.mtuBytes = mtuBytes;
            this.trustChecksums = trustChecksums;
            this.rxFlags = trustChecksums ? PacketBurst.RX_IP_CHECKSUM_GOOD | PacketBurst.RX_L4_CHECKSUM_GOOD : 0;
            this.store = store;
        }

        @Override
        public int rxBurst(PacketBurst burst, int maxPackets) {
            int count = (int) Math.min(maxPackets, tail - head);
            for (int i = 0; i < count; i++) {
                int slot = (int) (head++ & (RING_FRAMES - 1));
                burst.receive(i, mbufs[slot], frames[slot], lengths[slot], 0, rxFlags);
                rxBytes += lengths[slot];
            }
            rxPackets += count;
            return count;
        }

        @Override
        public int txBurst(PacketBurst burst, int first, int count) {
            End to = peer;
            int taken = (int) Math.min(count, RING_FRAMES - (to.tail - to.head));
            for (int i = first; i < first + taken; i++) {
                int slot = (int) (to.tail++ & (RING_FRAMES - 1));
                to.mbufs[slot] = burst.mbuf(i);
                to.frames[slot] = burst.frameAddress(i);
                to.lengths[slot] = burst.frameLengthBytes(i);
            }
            return taken;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Capabilities capabilities() {
            return new Capabilities("direct", 1, 0, 0, trustChecksums, false, false, trustChecksums, mtuBytes + 18);
        }

        @Override
        public long macAddress() {
            return macAddress;
        }

        @Override
        public int mtuBytes() {
            return mtuBytes;
        }

        @Override
        public int queueCount() {
            return 1;
        }

        @Override
        public DeviceQueue queue(int index) {
            return this;
        }

        @Override
        public MbufStore mbufStore() {
            return store;
        }

        @Override
        public boolean linkUp() {
            return true;
        }

        @Override
        public DeviceStatistics statistics() {
            return new DeviceStatistics(rxPackets, peer.rxPackets, rxBytes, peer.rxBytes, 0, 0, 0, 0);
        }

        @Override
        public RssState programRss(byte[] key, int[] reta) {
            throw new DeviceException(name + " has no RSS: " + Arrays.toString(reta));
        }

        @Override
        public void close() {}
    }

    /** Bytes of a buffer for frames of {@code mtuBytes}. */
    static int bufferBytes(int mtuBytes) {
        int needed = DeviceConfig.leastDataRoomBytes(mtuBytes);
        return Math.max(2048, Integer.highestOneBit(needed - 1) << 1);
    }
}
