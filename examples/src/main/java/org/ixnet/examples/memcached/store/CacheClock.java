package org.ixnet.examples.memcached.store;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The store's time in whole seconds, as an int that starts at 2, so that 0 can mean "never" and 1 "long past".
 *
 * <p>Turns the expiration times of the protocol into it. Any thread may use it.
 */
public final class CacheClock {
    /** Larger expiration times are Unix times: 30 days. */
    public static final long MAX_RELATIVE_SECONDS = 60L * 60 * 24 * 30;

    private static final int LONG_PAST = 1;

    private final LongSupplier unixSeconds;
    private final long origin;

    /** Reads the time from {@code unixSeconds}. */
    public CacheClock(LongSupplier unixSeconds) {
        this.unixSeconds = unixSeconds;
        this.origin = unixSeconds.getAsLong() - 2;
    }

    /** Returns a clock on the system's time, at most {@value Ticker#MILLIS} ms late. */
    public static CacheClock system() {
        return new CacheClock(Ticker::unixSeconds);
    }

    /** Returns the time now. */
    public int nowSeconds() {
        return (int) (unixSeconds.getAsLong() - origin);
    }

    /** Returns the Unix time of {@code seconds}. */
    public long unixSeconds(int seconds) {
        return origin + seconds;
    }

    /** Returns when an item with this expiration time of the protocol dies: 0 = never, 1 = it is dead already. */
    public int expiresAtSeconds(long expirationTime, int nowSeconds) {
        if (expirationTime == 0) {
            return 0;
        }
        if (expirationTime < 0) {
            return LONG_PAST;
        }
        long at = expirationTime > MAX_RELATIVE_SECONDS ? expirationTime - origin : nowSeconds + expirationTime;
        return Math.clamp(at, LONG_PAST, Integer.MAX_VALUE);
    }

    /** Asking the system for each read took 3 % of the CPU time; as in memcached, one thread asks for all. */
    private static final class Ticker {
        static final int MILLIS = 100;

        private static volatile long unixSeconds = System.currentTimeMillis() / 1000;

        static {
            Thread.ofPlatform().daemon().name("memcached-clock").start(Ticker::tick);
        }

        static long unixSeconds() {
            return unixSeconds;
        }

        private static void tick() {
            while (true) {
                unixSeconds = System.currentTimeMillis() / 1000;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(MILLIS));
            }
        }
    }
}
