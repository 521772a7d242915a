package org.ixnet.benchmarks.session;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import org.ixnet.dpdk.ThreadPinning;
import org.ixnet.stack.device.DeviceException;

/**
 * How far two cores are apart: the time that a cache line takes from one to the other and back. On a virtual machine it
 * changes while one looks, with the host's choice of cores, and whatever crosses cores goes with it. Thread rule: any thread;
 * it starts two of its own and waits for them.
 */
public final class CoreDistance {
    private static final int TURNS = 5_000;
    private static final int BATCHES = 50;
    /** Where the line lies; its neighbours, which are fetched with it, hold nothing else. */
    private static final int SLOT = 32;

    private static final long STOPPED = -1;

    private CoreDistance() {}

    /**
     * The least over a tenth of a second or so, nanoseconds; NaN when a core cannot be had or both are the same.
     *
     * @param core and {@code other}: numbers of CPUs that this process may use
     */
    public static double roundTripNanos(int core, int other) throws InterruptedException {
        if (core == other) {
            return Double.NaN;
        }
        AtomicLongArray line = new AtomicLongArray(2 * SLOT);
        double[] nanos = new double[BATCHES];
        Thread echo = pinned(other, line, () -> answer(line));
        Thread ask = pinned(core, line, () -> {
            for (int i = 0; i < BATCHES; i++) {
                nanos[i] = batch(line);
            }
        });
        ask.join();
        line.set(SLOT, STOPPED);
        echo.join();
        double least = Arrays.stream(nanos).min().orElse(0); // The first batches are interpreted.
        return least > 0 ? least : Double.NaN;
    }

    private static Thread pinned(int core, AtomicLongArray line, Runnable work) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                ThreadPinning.pin(core);
                work.run();
            } catch (DeviceException e) {
                line.set(SLOT, STOPPED); // The figure is a courtesy; whoever needs the core will fail with a reason.
            }
        });
    }

    private static double batch(AtomicLongArray line) {
        long begin = System.nanoTime();
        for (int i = 0; i < TURNS; i++) {
            long turn = line.getAcquire(SLOT);
            if (turn == STOPPED || !line.compareAndSet(SLOT, turn, turn + 1)) {
                return 0;
            }
            long seen;
            do {
                seen = line.getAcquire(SLOT);
                if (seen == STOPPED) {
                    return 0;
                }
            } while (seen == turn + 1);
        }
        return (double) (System.nanoTime() - begin) / TURNS;
    }

    /** Makes every odd number even. */
    private static void answer(AtomicLongArray line) {
        while (true) {
            long turn = line.getAcquire(SLOT);
            if (turn == STOPPED) {
                return;
            }
            if ((turn & 1) == 1) {
                line.compareAndSet(SLOT, turn, turn + 1);
            }
        }
    }
}
