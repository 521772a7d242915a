package org.ixnet.stack.dataplane;

/**
 * What an elastic thread does when a cycle found nothing to do: a ladder from spinning to sleeping. Where the device has a
 * {@link org.ixnet.stack.device.Sleeper} (TAP, AF_XDP) a frame ends the sleep; where not, sleeps are short. Thread rule:
 * immutable.
 *
 * @param kind how far down the ladder goes
 * @param spinNanos idle time that is spent spinning before the first sleep
 * @param parkMinNanos first sleep beside a device queue that cannot wake this thread; doubled each time up to
 *     {@code parkMaxNanos}
 * @param parkMaxNanos longest sleep beside such a queue
 */
public record IdlePolicy(Kind kind, long spinNanos, long parkMinNanos, long parkMaxNanos) {

    /** How far down the ladder goes. */
    public enum Kind {
        /** Never sleeps: lowest latency, a whole core. */
        SPIN,
        /** Spins while traffic is near, then sleeps: until a frame comes, or for longer and longer. */
        ADAPTIVE,
        /** Sleeps at once: until a frame comes, or for {@link IdlePolicy#parkMaxNanos}. */
        PARK
    }
}
