package org.ixnet.stack.device;

/**
 * Where an elastic thread sleeps until a frame arrives on a queue that it polls, another thread wakes it, or time is up: the
 * receive interrupt of a device. Thread rule: the thread that opened it, but {@link #wakeup}.
 */
public interface Sleeper extends AutoCloseable {

    /**
     * From now on frames of these queues end a sleep, and of no others.
     *
     * @param queues indexes of the device's queues; none: {@link #wakeup} alone
     */
    void watch(int[] queues);

    /**
     * Sleeps. A frame that is there already, or a {@link #wakeup} since the last sleep, keeps it from sleeping; it may also end
     * for no reason.
     *
     * @param nanos longest sleep, at least 1
     */
    void sleep(long nanos);

    /** Ends the present sleep, or the next one. Does nothing once this is closed. Any thread. */
    void wakeup();

    @Override
    void close();
}
