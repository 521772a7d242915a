package org.ixnet.stack.device;

/**
 * What a direction of a {@link VirtualLink} does to frames. Probabilities are 0..1 and independent of each other.
 *
 * @param loss probability that a frame is lost
 * @param duplicate probability that a frame arrives twice
 * @param reorder probability that a frame is held back by {@code reorderNanos}, so that later ones overtake it
 * @param reorderNanos how long such a frame is held back
 * @param corrupt probability that one bit of a frame is flipped
 * @param delayNanos time that every frame takes
 * @param jitterNanos further time, uniform in 0..jitterNanos-1; larger than the gap between frames it reorders
 * @param bitsPerSecond rate of the wire, 0: infinite
 * @param maxFrameBytes longest frame that passes, 0: what the device allows
 */
public record Impairments(
        double loss,
        double duplicate,
        double reorder,
        long reorderNanos,
        double corrupt,
        long delayNanos,
        long jitterNanos,
        long bitsPerSecond,
        int maxFrameBytes) {
    /** A perfect wire. */
    public static final Impairments NONE = new Impairments(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public Impairments {
        probability("loss", loss);
        probability("duplicate", duplicate);
        probability("reorder", reorder);
        probability("corrupt", corrupt);
        notNegative("reorderNanos", reorderNanos);
        notNegative("delayNanos", delayNanos);
        notNegative("jitterNanos", jitterNanos);
        notNegative("bitsPerSecond", bitsPerSecond);
        notNegative("maxFrameBytes", maxFrameBytes);
    }

    private static void probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is " + value + "; must be a probability, 0..1");
        }
    }

    private static void notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is " + value + "; must not be negative");
        }
    }

    public Impairments withLoss(double probability) {
        return new Impairments(
                probability,
                duplicate,
                reorder,
                reorderNanos,
                corrupt,
                delayNanos,
                jitterNanos,
                bitsPerSecond,
                maxFrameBytes);
    }

    public Impairments withDuplicate(double probability) {
        return new Impairments(
                loss,
                probability,
                reorder,
                reorderNanos,
                corrupt,
                delayNanos,
                jitterNanos,
                bitsPerSecond,
                maxFrameBytes);
    }

    public Impairments withReorder(double probability, long nanos) {
        return new Impairments(
                loss, duplicate, probability, nanos, corrupt, delayNanos, jitterNanos, bitsPerSecond, maxFrameBytes);
    }

    public Impairments withCorrupt(double probability) {
        return new Impairments(
                loss,
                duplicate,
                reorder,
                reorderNanos,
                probability,
                delayNanos,
                jitterNanos,
                bitsPerSecond,
                maxFrameBytes);
    }

    public Impairments withDelay(long nanos, long jitter) {
        return new Impairments(
                loss, duplicate, reorder, reorderNanos, corrupt, nanos, jitter, bitsPerSecond, maxFrameBytes);
    }

    public Impairments withBitsPerSecond(long rate) {
        return new Impairments(
                loss, duplicate, reorder, reorderNanos, corrupt, delayNanos, jitterNanos, rate, maxFrameBytes);
    }

    public Impairments withMaxFrameBytes(int bytes) {
        return new Impairments(
                loss, duplicate, reorder, reorderNanos, corrupt, delayNanos, jitterNanos, bitsPerSecond, bytes);
    }
}
