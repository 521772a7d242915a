package org.ixnet.dpdk;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.dpdk.ffi.PortCalls;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;

/**
 * {@code ring}: a wire between two devices of this process, over a pair of DPDK rings for each queue. The ends of wire
 * {@code X} are named {@code X.0} and {@code X.1}; what one sends in queue i the other receives in queue i. Frames wait in
 * the wire while an end is closed, until both are.
 */
final class RingPorts extends PortKind {
    private static final AtomicInteger NEXT_PORT = new AtomicInteger();
    private static final Map<String, Wire> WIRES = new HashMap<>();

    RingPorts() {
        super("ring", "net_ring");
    }

    /** Two directions: {@code rings[end]} holds the frames that {@code end} receives. Guarded by {@link #WIRES}. */
    private static final class Wire {
        final long[][] rings;
        final boolean[] open = new boolean[2];
        final int bufferBytes;

        Wire(long[][] rings, int bufferBytes) {
            this.rings = rings;
            this.bufferBytes = bufferBytes;
        }
    }

    @Override
    void check(DeviceConfig config) {
        trustsChecksums(config);
        String name = config.name();
        if (!name.matches(".+\\.[01]")) {
            throw new DeviceException("ring end is '" + name + "'; must be NAME.0 or NAME.1, the two ends of wire NAME;"
                    + " remedy: set ix.iface");
        }
    }

    @Override
    Attachment attach(DeviceConfig config) {
        String wireName = config.name().substring(0, config.name().length() - 2);
        int end = config.name().endsWith(".0") ? 0 : 1;
        synchronized (WIRES) {
            Wire wire = WIRES.get(wireName);
            if (wire == null) {
                wire = new Wire(createRings(config), config.mbufDataRoomBytes());
                WIRES.put(wireName, wire);
            }
            EthernetPort port;
            try {
                checkFits(config, wire, end);
                port = openEnd(config, wire, end);
            } catch (RuntimeException e) {
                release(wireName, wire);
                throw e;
            }
            wire.open[end] = true;
            Wire opened = wire;
            return new Attachment(
                    port,
                    macOrDerived(config, "ring " + config.name()),
                    Integer.MAX_VALUE,
                    Set.of(),
                    trustsChecksums(config),
                    false,
                    () -> PortCalls.trustChecksums(port.number(), trustsChecksums(config)),
                    () -> {},
                    () -> closeEnd(wireName, opened, end),
                    ReceiveDescriptors.NONE);
        }
    }

    private static void checkFits(DeviceConfig config, Wire wire, int end) {
        if (wire.open[end]) {
            throw new DeviceException("ring end '" + config.name()
                    + "' is open already in this process; remedy: open the" + " other end, or close it first");
        }
        if (wire.rings[end].length != config.queues()) {
            throw new DeviceException("queues is " + config.queues() + "; the other end of ring '" + config.name()
                    + "' has " + wire.rings[end].length + "; remedy: open both with the same number");
        }
        if (wire.bufferBytes != config.mbufDataRoomBytes()) {
            throw new DeviceException(
                    "mbufDataRoomBytes is " + config.mbufDataRoomBytes() + "; the other end of ring '" + config.name()
                            + "' has " + wire.bufferBytes + ", and mbufs cross the wire; remedy: open both alike");
        }
    }

    private static long[][] createRings(DeviceConfig config) {
        long[][] rings = new long[2][config.queues()];
        for (int end = 0; end < 2; end++) {
            for (int queue = 0; queue < config.queues(); queue++) {
                rings[end][queue] =
                        EalCalls.createRing("ix_ring" + NEXT_PORT.getAndIncrement(), config.rxDescriptors());
                if (rings[end][queue] == 0) {
                    int error = EalCalls.errno();
                    free(rings);
                    throw DpdkException.of(
                            "cannot create ring '" + config.name() + "'",
                            "rte_ring_create",
                            error,
                            "use fewer queues or descriptors, or reserve more memory");
                }
            }
        }
        return rings;
    }

    private static EthernetPort openEnd(DeviceConfig config, Wire wire, int end) {
        EalLog.mark();
        int port = EalCalls.portFromRings("ix" + NEXT_PORT.getAndIncrement(), wire.rings[end], wire.rings[1 - end]);
        if (port < 0) {
            throw DpdkException.of(
                    "cannot open ring '" + config.name() + "'",
                    "rte_eth_from_rings",
                    -port,
                    "close other devices first");
        }
        return EthernetPort.adopt(port);
    }

    private static void closeEnd(String wireName, Wire wire, int end) {
        synchronized (WIRES) {
            wire.open[end] = false;
            release(wireName, wire);
        }
    }

    /** Frees the wire once neither end is open. */
    private static void release(String wireName, Wire wire) {
        if (!wire.open[0] && !wire.open[1] && WIRES.remove(wireName, wire)) {
            free(wire.rings);
        }
    }

    private static void free(long[][] rings) {
        for (long[] direction : rings) {
            for (long ring : direction) {
                if (ring != 0) {
                    EalCalls.freeRing(ring);
                }
            }
        }
    }
}
