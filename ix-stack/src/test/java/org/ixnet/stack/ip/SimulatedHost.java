package org.ixnet.stack.ip;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.udp.UdpForward;
import org.ixnet.stack.udp.UdpLayer;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;

/** One thread's stack on a device, without TCP: the composition that the dataplane makes, small enough for tests. */
public final class SimulatedHost implements AutoCloseable {
    public final IpHost host;
    public final IpLayer ip;
    public final UdpLayer udp;
    public final Mempool mempool;
    public final TimingWheel timers;
    public final LoopbackQueue loopback;
    /** Packets for TCP, which nobody is: freed, their count is what tests look at. */
    public final List<Integer> tcpPayloadBytes = new ArrayList<>();

    public final List<IcmpError.Kind> tcpErrors = new ArrayList<>();
    public int lastTcpErrorMtuBytes;
    public int lastTcpErrorSequence;

    private final Arena arena = Arena.ofShared();
    private final Device device;
    private final DeviceQueue queue;
    private final TransmitQueue transmit;
    private final PacketBurst burst = new PacketBurst(arena, 64);
    private final boolean ownsHost;

    public SimulatedHost(Device device, IpHost host, int queueIndex, PortTable ports, long nowNanos) {
        this(device, host, queueIndex, ports, UdpForward.NONE, nowNanos);
    }

    public SimulatedHost(
            Device device, IpHost host, int queueIndex, PortTable ports, UdpForward forward, long nowNanos) {
        this.device = device;
        this.host = host;
        this.ownsHost = queueIndex == 0;
        this.queue = device.queue(queueIndex);
        this.mempool = new Mempool(arena, device.mbufStore());
        this.transmit = new TransmitQueue(arena, queue, mempool, 256);
        this.timers = new TimingWheel(nowNanos);
        this.loopback = new LoopbackQueue(mempool, 1024);
        RandomSource random = new RandomSource(queueIndex + 1);
        this.ip = new IpLayer(
                arena, host, device.capabilities(), mempool, transmit, loopback, timers, KeyedHash.of(random), random);
        this.udp = new UdpLayer(ip, ports, queueIndex, forward);
        ip.protocol(IpProtocol.TCP, new IpProtocol() {
            @Override
            public void input(IpPacket packet, long now) {
                tcpPayloadBytes.add(packet.payloadLengthBytes());
                mempool.free(packet.mbuf());
            }

            @Override
            public void icmpError(IcmpError error, long now) {
                tcpErrors.add(error.kind());
                lastTcpErrorMtuBytes = error.nextHopMtuBytes();
                lastTcpErrorSequence = error.quotedSequence();
            }
        });
    }

    /** One cycle; returns the work done. */
    public int pollOnce(long nowNanos) {
        int work = ip.poll(nowNanos);
        int count = queue.rxBurst(burst, 64);
        for (int i = 0; i < count; i++) {
            ip.input(burst.mbuf(i), burst.frameAddress(i), burst.frameLengthBytes(i), burst.flags(i), nowNanos);
        }
        work += count;
        work += loopback.drain(ip, nowNanos);
        work += udp.dispatchEvents();
        work += timers.advance(nowNanos);
        work += transmit.flush();
        return work;
    }

    public long count(IpCounter counter) {
        return ip.counters().get(counter);
    }

    /** Mbufs that are neither in the pool nor in the store: leaked, or held by someone. */
    public int mbufsOut() {
        return device.mbufStore().capacityMbufs() - device.mbufStore().availableMbufs() - mempool.cachedMbufs();
    }

    /** Gives everything back, so that what is still out has been lost. */
    @Override
    public void close() {
        udp.closeAll();
        ip.drain();
        loopback.clear();
        transmit.drain();
        mempool.drain();
        if (ownsHost) {
            int largeOut = host.largeMbufs().count() - host.largeMbufs().available();
            host.close();
            if (largeOut != 0) {
                throw new AssertionError(largeOut + " large mbufs lost");
            }
        }
        arena.close();
    }
}
