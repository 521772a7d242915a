package org.ixnet.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ixnet.dpdk.ffi.Libc;
import org.ixnet.stack.device.Sleeper;
import org.jspecify.annotations.Nullable;

/** Sleeps in ppoll(2) on the descriptors of device queues and on an eventfd, which other threads write to. */
final class DescriptorSleeper implements Sleeper {
    /** struct pollfd: int fd; short events, revents. */
    private static final int POLLFD_BYTES = 8;

    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_REVENTS = 6;
    private static final short POLLIN = 1;

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long COUNTER_BYTES = Long.BYTES;

    /** One for each queue of the device. */
    private final int[] descriptors;

    private final Arena arena = Arena.ofShared();
    /** The eventfd first, then the queues that are watched. */
    private final MemorySegment polled;

    private final MemorySegment timespec = arena.allocate(2 * COUNTER_BYTES, COUNTER_BYTES);
    /** What is read from the eventfd. */
    private final MemorySegment counter = arena.allocate(COUNTER_BYTES, COUNTER_BYTES);
    /** What is written to it: 1. */
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);

    private int watched;
    /** Guarded by this. */
    private int event;

    private DescriptorSleeper(int[] descriptors, int event) {
        this.descriptors = descriptors;
        this.event = event;
        this.polled = arena.allocate((long) POLLFD_BYTES * (descriptors.length + 1), POLLFD_BYTES);
        poll(0, event);
    }

    /**
     * @param descriptors of the device's queues, readable while a frame waits
     * @return null when this process may open no more descriptors
     */
    static @Nullable DescriptorSleeper open(int[] descriptors) {
        int event = Libc.eventDescriptor();
        return event < 0 ? null : new DescriptorSleeper(descriptors, event);
    }

    private void poll(int slot, int descriptor) {
        long at = (long) slot * POLLFD_BYTES;
        polled.set(ValueLayout.JAVA_INT, at, descriptor);
        polled.set(ValueLayout.JAVA_SHORT, at + POLLFD_EVENTS, POLLIN);
    }

    @Override
    public void watch(int[] queues) {
        for (int i = 0; i < queues.length; i++) {
            poll(i + 1, descriptors[queues[i]]);
        }
        watched = queues.length;
    }

    @Override
    public void sleep(long nanos) {
        timespec.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
        timespec.set(ValueLayout.JAVA_LONG, COUNTER_BYTES, nanos % NANOS_PER_SECOND);
        int ready = Libc.poll(polled.address(), watched + 1, timespec.address());
        // After an error, which can be a signal, the fields are as they were; a read too many is harmless.
        if (ready != 0 && polled.get(ValueLayout.JAVA_SHORT, POLLFD_REVENTS) != 0) {
            long ignored = Libc.read(polled.get(ValueLayout.JAVA_INT, 0), counter.address(), COUNTER_BYTES);
            assert ignored == COUNTER_BYTES || ignored == -1 : ignored;
        }
    }

    @Override
    public synchronized void wakeup() {
        if (event >= 0) {
            // Fails only when the counter is full, and then the descriptor is readable.
            long ignored = Libc.write(event, one.address(), COUNTER_BYTES);
            assert ignored == COUNTER_BYTES || ignored == -1 : ignored;
        }
    }

    @Override
    public synchronized void close() {
        if (event >= 0) {
            Libc.close(event);
            event = -1;
            arena.close();
        }
    }
}
