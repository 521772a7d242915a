package org.ixnet.stack.tcp.script;

import java.lang.foreign.Arena;
import java.util.List;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.flow.FlowGroups;
import org.ixnet.stack.flow.PortAllocator;
import org.ixnet.stack.flow.Toeplitz;
import org.ixnet.stack.ip.IpHost;
import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.ip.LoopbackQueue;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.tcp.InitialSequenceNumbers;
import org.ixnet.stack.tcp.TcpConfig;
import org.ixnet.stack.tcp.TcpLayer;
import org.ixnet.stack.tcp.UserCalls;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;

/** One host with one thread's stack over one device, driven by a test's clock. */
public final class TestHost implements AutoCloseable {
    private static final int BURST = 64;

    public final Arena arena = Arena.ofShared();
    public final Mempool mempool;
    public final IpLayer ip;
    public final TcpLayer tcp;
    public final TimingWheel timers;
    private final DeviceQueue queue;
    private final TransmitQueue transmitQueue;
    private final LoopbackQueue loopback;
    private final IpHost host;
    private final PacketBurst burst;
    private final int capacityMbufs;

    public TestHost(Device device, String address, TcpConfig config, long seed, long nowNanos) {
        RandomSource random = new RandomSource(seed);
        KeyedHash hash = KeyedHash.of(random);
        queue = device.queue(0);
        mempool = new Mempool(arena, device.mbufStore());
        capacityMbufs = device.mbufStore().capacityMbufs();
        transmitQueue = new TransmitQueue(arena, queue, mempool, 1024);
        loopback = new LoopbackQueue(mempool, 1024);
        timers = new TimingWheel(nowNanos);
        host = new IpHost(
                device.macAddress(), device.mtuBytes(), List.of(IpHost.OwnAddress.ipv4(address, 24)), List.of());
        ip = new IpLayer(arena, host, device.capabilities(), mempool, transmitQueue, loopback, timers, hash, random);
        Toeplitz toeplitz = new Toeplitz(new byte[40]);
        PortAllocator ports = new PortAllocator(toeplitz, new FlowGroups(FlowGroups.DEFAULT_COUNT), 0, hash, random);
        tcp = new TcpLayer(ip, timers, ports, new InitialSequenceNumbers(hash), hash, config, nowNanos);
        burst = new PacketBurst(arena, BURST);
    }

    public UserCalls calls() {
        return tcp.userCalls();
    }

    /** One cycle of the dataplane; returns the work done. */
    public int poll(long nowNanos) {
        int work = ip.poll(nowNanos);
        int received = queue.rxBurst(burst, BURST);
        for (int i = 0; i < received; i++) {
            ip.input(burst.mbuf(i), burst.frameAddress(i), burst.frameLengthBytes(i), burst.flags(i), nowNanos);
        }
        work += received + loopback.drain(ip, nowNanos);
        work += tcp.dispatchEvents();
        work += tcp.flushOutput(nowNanos);
        work += timers.advance(nowNanos);
        return work + transmitQueue.flush();
    }

    /** Mbufs that are neither in the store nor on the thread's free list. */
    public int mbufsOut() {
        return capacityMbufs - mempool.store().availableMbufs() - mempool.cachedMbufs();
    }

    @Override
    public void close() {
        arena.close();
        host.close();
    }
}
