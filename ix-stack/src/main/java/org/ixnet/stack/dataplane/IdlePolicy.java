package org.ixnet.stack.dataplane;

/**
 * What an elastic thread does when a cycle found nothing to do: a ladder from spinning to sleeping. Thread rule: immutable.
 *
 * @param kind how far down the ladder goes
 * @param spinNanos idle time that is spent spinning before the first sleep
 * @param parkMinNanos first sleep; doubled each time up to {@code parkMaxNanos}
 * @param parkMaxNanos longest sleep while this thread has a device queue to poll, because a device cannot wake it
 */
public record IdlePolicy(Kind kind, long spinNanos, long parkMinNanos, long parkMaxNanos) {

    /** How far down the ladder goes. */
    public enum Kind {
        /** Never sleeps: lowest latency, a whole core. */
        SPIN,
        /** Spins while traffic is near, then sleeps for longer and longer. */
        ADAPTIVE,
        /** Sleeps at once for {@link IdlePolicy#parkMaxNanos}. */
        PARK
    }
}
