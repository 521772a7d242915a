package org.ixnet.stack.dataplane;

/** What an {@link ElasticThread} counts beside its layers. */
public enum ThreadCounter {
    /** Calls of {@code pollOnce}. */
    CYCLES,
    /** Cycles that found work. */
    BUSY_CYCLES,
    /** Time from the start of a cycle with work to the start of the next cycle. */
    BUSY_NANOS,
    /** Time of all cycles: the clock of {@code pollOnce} from the first call to the last. */
    TOTAL_NANOS,
    /** Cycles with work of more than 10 ms: a handler blocked or computed for long. */
    LONG_CYCLES,
    /** Frames from own device queues. */
    RX_PACKETS,
    /** Frames of {@link #RX_PACKETS} that the device's hash steered; the others were hashed in software. */
    RX_HARDWARE_HASH,
    /** Frames handed to the thread that owns their flow. */
    STEERED_OUT,
    /** Frames taken over from other threads. */
    STEERED_IN,
    /** Frames of connections that live on another thread than their flow group says. */
    STRAYS_FORWARDED,
    /** Frames dropped because the ring to their thread was full, or it left. */
    STEERING_DROPPED,
    /** Frames transmitted for threads without a device queue. */
    TX_FOR_OTHERS,
    /** Messages from other threads. */
    MESSAGES,
    /** Event conditions raised to users. */
    EVENTS,
    /** Timers that expired. */
    TIMERS,
    /** Flow groups taken over, without those of the start. */
    GROUPS_TAKEN,
    /** Connections taken over from another thread. */
    CONNECTIONS_ADOPTED,
    /** Sleeps in {@code idle}. */
    SLEEPS,
    /** Time slept. */
    SLEEP_NANOS
}
