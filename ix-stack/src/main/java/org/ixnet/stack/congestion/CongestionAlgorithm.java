package org.ixnet.stack.congestion;

/** The algorithms that can be chosen (TCP_CONGESTION). */
public enum CongestionAlgorithm {
    /** RFC 9438; Linux's default. */
    CUBIC,
    /** RFC 5681 and RFC 6582. */
    NEW_RENO;

    /** The algorithm for one new connection. */
    public CongestionControl create() {
        return switch (this) {
            case CUBIC -> new Cubic();
            case NEW_RENO -> NewReno.INSTANCE;
        };
    }
}
