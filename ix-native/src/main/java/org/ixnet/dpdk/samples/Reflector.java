package org.ixnet.dpdk.samples;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.TreeMap;
import org.ixnet.dpdk.DpdkDevice;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.memory.Mempool;
import org.jspecify.annotations.Nullable;

/**
 * An L2 reflector: sends every frame back with its MAC addresses swapped, and prints the rate once a second.
 *
 * <pre>
 *  java --enable-native-access=org.ixnet.dpdk -m org.ixnet.dpdk/org.ixnet.dpdk.samples.Reflector KIND NAME [KEY=VALUE...]
 *  for example: tap ix0 | af_xdp eth1 | memif /run/ix.sock role=server mtu=9000
 * </pre>
 */
public final class Reflector {
    private static final int BURST_PACKETS = 64;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final DeviceQueue queue;
    private final Mempool pool;
    private final PacketBurst burst;
    private long reflected;
    private long dropped;

    private Reflector(Arena arena, DpdkDevice device) {
        queue = device.queue(0);
        pool = new Mempool(arena, device.mbufStore());
        burst = new PacketBurst(arena, BURST_PACKETS);
    }

    public static void main(String[] args) {
        if (args.length < 2) {
            System.err.println("usage: Reflector KIND NAME [KEY=VALUE...]");
            System.exit(2);
        }
        Map<String, String> arguments = new TreeMap<>();
        for (int i = 2; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            arguments.put(pair[0], pair.length == 2 ? pair[1] : "");
        }
        int mtuBytes = mtuBytes(arguments.remove("mtu"));
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            main.interrupt();
            while (main.isAlive()) {
                Thread.onSpinWait(); // the device is being closed
            }
        }));
        try (Arena arena = Arena.ofConfined();
                DpdkDevice device = DpdkDevice.open(args[0], args[1], arguments, mtuBytes)) {
            System.out.println("reflecting on " + device.name() + " " + device.capabilities());
            new Reflector(arena, device).run();
        } catch (DeviceException | UnsatisfiedLinkError e) {
            System.err.println("Reflector: " + e.getMessage());
            Runtime.getRuntime().halt(1);
        }
    }

    private static int mtuBytes(@Nullable String value) {
        if (value != null && !value.matches("\\d{2,5}")) {
            System.err.println("Reflector: mtu is '" + value + "'; must be a number of bytes, 68 or more");
            System.exit(2);
        }
        return value == null ? 1500 : Integer.parseInt(value);
    }

    private void run() {
        long start = System.nanoTime();
        while (!Thread.interrupted()) {
            for (int i = 0; i < 1024; i++) {
                reflectOnce();
            }
            long now = System.nanoTime();
            if (now - start >= SECOND_NANOS) {
                System.out.printf("%,d frames/s, %,d dropped%n", reflected * SECOND_NANOS / (now - start), dropped);
                reflected = 0;
                start = now;
            }
        }
        pool.drain();
    }

    private void reflectOnce() {
        int received = queue.rxBurst(burst, BURST_PACKETS);
        for (int i = 0; i < received; i++) {
            long frame = burst.frameAddress(i);
            long destination = Memory.getLong(frame); // and the first two bytes of the source
            int sourceTail = Memory.getInt(frame + 8);
            Memory.putInt(frame, (int) (destination >>> 48) | sourceTail << 16);
            Memory.putShort(frame + 4, sourceTail >>> 16);
            Memory.putInt(frame + 6, (int) destination);
            Memory.putShort(frame + 10, (int) (destination >>> 32));
            burst.transmit(i, burst.mbuf(i), frame, burst.frameLengthBytes(i), 0, 0, 0);
        }
        int sent = queue.txBurst(burst, 0, received);
        reflected += sent;
        for (int i = sent; i < received; i++) {
            pool.free(burst.mbuf(i));
            dropped++;
        }
    }
}
