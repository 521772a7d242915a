package org.ixnet.stack.device;

import org.ixnet.stack.memory.HeapMbufStore;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.MbufStore;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.util.RandomSource;
import org.jspecify.annotations.Nullable;

/** One end of a {@link VirtualLink}. Thread rule: as {@link Device}; the link's lock guards everything. */
final class VirtualDevice implements Device {
    private static final int ETHERNET_BYTES = 14;
    private static final int VLAN_BYTES = 4;
    private static final int WIRE_FRAMES = 8192;

    private final VirtualLink link;
    private final VirtualLink.End end;
    private final HeapMbufStore store;
    private final VirtualWire incoming;
    private final Queue[] queues;
    private @Nullable VirtualDevice peer;
    private @Nullable VirtualRss rss;
    private boolean closed;

    private long rxPackets;
    private long rxBytes;
    private long rxMissed;
    private long txPackets;
    private long txBytes;

    VirtualDevice(VirtualLink link, VirtualLink.End end, RandomSource random) {
        this.link = link;
        this.end = end;
        this.store = new HeapMbufStore(end.mbufs(), end.bufferBytes());
        int longest = end.mtuBytes() + ETHERNET_BYTES + VLAN_BYTES;
        if (longest + Mbuf.HEADROOM_BYTES > end.bufferBytes()) {
            throw new DeviceException("MTU of " + end.name() + " is " + end.mtuBytes() + "; its frames need mbufs of "
                    + (longest + Mbuf.HEADROOM_BYTES) + " bytes, but bufferBytes is " + end.bufferBytes());
        }
        this.incoming = new VirtualWire(store, WIRE_FRAMES, longest, random);
        this.queues = new Queue[end.queues()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new Queue(end.queueFrames());
        }
    }

    void connect(VirtualDevice to) {
        peer = to;
    }

    VirtualWire incoming() {
        return incoming;
    }

    @Override
    public String name() {
        return end.name();
    }

    @Override
    public Capabilities capabilities() {
        boolean offload = end.checksumOffload();
        return new Capabilities(
                "virtual",
                queues.length,
                end.retaEntries() == 0 ? 0 : 40,
                end.retaEntries(),
                false,
                offload,
                offload,
                false,
                end.mtuBytes() + ETHERNET_BYTES + VLAN_BYTES);
    }

    @Override
    public long macAddress() {
        return end.macAddress();
    }

    @Override
    public int mtuBytes() {
        return end.mtuBytes();
    }

    @Override
    public int queueCount() {
        return queues.length;
    }

    @Override
    public DeviceQueue queue(int index) {
        return queues[index];
    }

    @Override
    public MbufStore mbufStore() {
        return store;
    }

    @Override
    public boolean linkUp() {
        synchronized (link) {
            VirtualDevice to = peer;
            return !closed && to != null && !to.closed;
        }
    }

    @Override
    public DeviceStatistics statistics() {
        synchronized (link) {
            return new DeviceStatistics(
                    rxPackets,
                    txPackets,
                    rxBytes,
                    txBytes,
                    rxMissed + incoming.full,
                    incoming.tooLong,
                    incoming.noMbuf,
                    0);
        }
    }

    @Override
    public RssState programRss(byte[] key, int[] reta) {
        if (end.retaEntries() == 0) {
            throw new DeviceException(name() + " has no RSS; hash in software");
        }
        if (key.length != 40 || reta.length != end.retaEntries()) {
            throw new DeviceException("RSS of " + name() + " takes a key of 40 bytes and a table of "
                    + end.retaEntries() + " entries; given " + key.length + " and " + reta.length);
        }
        for (int queue : reta) {
            if (queue < 0 || queue >= queues.length) {
                throw new DeviceException(
                        "RSS table of " + name() + " names queue " + queue + "; must be 0.." + (queues.length - 1));
            }
        }
        synchronized (link) {
            VirtualRss state = new VirtualRss(key, reta);
            rss = state;
            return new RssState(state.key(), state.reta());
        }
    }

    /** Loses what is in flight to it and waits in it, and frees its store; the second time does nothing. */
    @Override
    public void close() {
        synchronized (link) {
            if (closed) {
                return;
            }
            closed = true;
            incoming.clear();
            for (Queue queue : queues) {
                queue.clear();
            }
            store.close();
        }
    }

    /** Moves what has arrived from the wire to the receive queues. */
    private void arrive(long nowNanos) {
        long mbuf;
        while ((mbuf = incoming.receive(nowNanos)) != 0) {
            VirtualRss steering = rss;
            int index = 0;
            int flags = 0;
            int hash = 0;
            if (steering != null) {
                hash = steering.hash(Mbuf.frameAddress(mbuf), Mbuf.frameLengthBytes(mbuf));
                index = steering.queue(hash);
                flags = PacketBurst.RX_HASH_VALID;
            }
            Mbuf.frame(mbuf, Mbuf.frameAddress(mbuf), Mbuf.frameLengthBytes(mbuf), hash, flags);
            if (queues[index].offer(mbuf)) {
                rxPackets++;
                rxBytes += Mbuf.frameLengthBytes(mbuf);
            } else {
                rxMissed++;
                store.giveOne(mbuf);
            }
        }
    }

    /** A queue pair: a ring of received mbufs, and the way out. */
    private final class Queue implements DeviceQueue {
        private final long[] ring;
        private int head;
        private int size;

        Queue(int frames) {
            ring = new long[frames];
        }

        @Override
        public int rxBurst(PacketBurst burst, int maxPackets) {
            synchronized (link) {
                if (closed) {
                    return 0;
                }
                arrive(link.nowNanos());
                int count = Math.min(maxPackets, size);
                for (int i = 0; i < count; i++) {
                    long mbuf = poll();
                    burst.receive(
                            i,
                            mbuf,
                            Mbuf.frameAddress(mbuf),
                            Mbuf.frameLengthBytes(mbuf),
                            Mbuf.hash(mbuf),
                            Mbuf.flags(mbuf));
                }
                return count;
            }
        }

        @Override
        public int txBurst(PacketBurst burst, int first, int count) {
            synchronized (link) {
                if (closed) {
                    return 0;
                }
                long nowNanos = link.nowNanos();
                for (int i = first; i < first + count; i++) {
                    transmit(burst, i, nowNanos);
                }
                return count;
            }
        }

        private void transmit(PacketBurst burst, int index, long nowNanos) {
            long frame = burst.frameAddress(index);
            int lengthBytes = burst.frameLengthBytes(index);
            if (end.checksumOffload()) {
                VirtualOffload.checksums(frame, lengthBytes, burst.headerLengths(index), burst.flags(index));
            }
            txPackets++;
            txBytes += lengthBytes;
            link.show(VirtualDevice.this, nowNanos, frame, lengthBytes);
            VirtualDevice to = peer;
            if (to != null && !to.closed) {
                to.incoming.send(frame, lengthBytes, nowNanos);
            }
            store.giveOne(burst.mbuf(index));
        }

        private boolean offer(long mbuf) {
            if (size == ring.length) {
                return false;
            }
            ring[(head + size++) % ring.length] = mbuf;
            return true;
        }

        private long poll() {
            long mbuf = ring[head];
            head = (head + 1) % ring.length;
            size--;
            return mbuf;
        }

        private void clear() {
            while (size > 0) {
                store.giveOne(poll());
            }
        }
    }

    /** The transmit checksum engine of a NIC. */
    private static final class VirtualOffload {
        private static void checksums(long frame, int lengthBytes, int headerLengths, int flags) {
            long ip = frame + (headerLengths & 0xff);
            long l4 = ip + (headerLengths >>> 8 & 0xff);
            if ((flags & PacketBurst.TX_IP_CHECKSUM) != 0) {
                Memory.putShortBe(ip + 10, 0);
                Memory.putShortBe(ip + 10, ones(ip, (int) (l4 - ip)));
            }
            int field = (flags & PacketBurst.TX_TCP_CHECKSUM) != 0
                    ? 16
                    : (flags & PacketBurst.TX_UDP_CHECKSUM) != 0 ? 6 : -1;
            if (field >= 0) {
                // The field holds the sum of the pseudo header, so it is part of what is summed.
                int checksum = ones(l4, (int) (frame + lengthBytes - l4));
                Memory.putShortBe(l4 + field, checksum == 0 && field == 6 ? 0xffff : checksum);
            }
        }

        private static int ones(long address, int lengthBytes) {
            long sum = 0;
            for (int i = 0; i + 1 < lengthBytes; i += 2) {
                sum += Memory.getUnsignedShortBe(address + i);
            }
            if ((lengthBytes & 1) != 0) {
                sum += (long) Memory.getUnsignedByte(address + lengthBytes - 1) << 8;
            }
            while (sum > 0xffff) {
                sum = (sum & 0xffff) + (sum >>> 16);
            }
            return (int) ~sum & 0xffff;
        }
    }
}
