package org.ixnet.stack.dataplane;

import java.lang.foreign.Arena;
import org.ixnet.stack.device.TransmitQueue;
import org.ixnet.stack.flow.PortAllocator;
import org.ixnet.stack.ip.IpLayer;
import org.ixnet.stack.ip.Loopback;
import org.ixnet.stack.memory.Mempool;
import org.ixnet.stack.tcp.TcpLayer;
import org.ixnet.stack.timer.TimingWheel;
import org.ixnet.stack.udp.UdpForward;
import org.ixnet.stack.udp.UdpLayer;
import org.ixnet.stack.util.KeyedHash;
import org.ixnet.stack.util.RandomSource;

/** Puts the protocol layers of one elastic thread together. Thread rule: the attaching thread, once. */
final class ThreadLayers {
    private final Dataplane dataplane;
    private final int index;
    private final RandomSource random;
    private final KeyedHash hash;

    ThreadLayers(Dataplane dataplane, int index) {
        this.dataplane = dataplane;
        this.index = index;
        long seed = dataplane.config().seed();
        this.random = seed == 0 ? RandomSource.secure() : new RandomSource(seed * 64 + index);
        this.hash = seed == 0 ? KeyedHash.secure() : KeyedHash.of(random);
    }

    KeyedHash hash() {
        return hash;
    }

    IpLayer ip(Arena arena, Mempool mempool, TransmitQueue transmit, Loopback loopback, TimingWheel timers) {
        return new IpLayer(
                arena,
                dataplane.host(),
                dataplane.device().capabilities(),
                mempool,
                transmit,
                loopback,
                timers,
                hash,
                random);
    }

    UdpLayer udp(IpLayer ip, UdpForward forward) {
        return new UdpLayer(ip, dataplane.ports(), index, forward);
    }

    TcpLayer tcp(IpLayer ip, TimingWheel timers, long nowNanos) {
        PortAllocator ports = new PortAllocator(dataplane.toeplitz(), dataplane.flowGroups(), index, hash, random);
        return new TcpLayer(
                ip,
                timers,
                ports,
                dataplane.initialSequenceNumbers(),
                dataplane.hash(),
                dataplane.config().tcp().tcpConfig(),
                nowNanos);
    }
}
