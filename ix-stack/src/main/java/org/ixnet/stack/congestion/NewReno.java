package org.ixnet.stack.congestion;

/** RFC 5681's slow start and congestion avoidance, by bytes. Stateless, so one instance serves all connections. */
public final class NewReno implements CongestionControl {
    public static final NewReno INSTANCE = new NewReno();

    private NewReno() {}

    @Override
    public String name() {
        return "newreno";
    }

    @Override
    public void onAck(CongestionWindow window, int ackedBytes, long srttNanos, long nowNanos) {
        int rest = ackedBytes;
        if (window.inSlowStart()) {
            rest = window.slowStart(ackedBytes);
            if (rest == 0) {
                return;
            }
        }
        avoid(window, rest);
    }

    /** RFC 5681, 3.1: one segment for each window of data acknowledged. */
    static void avoid(CongestionWindow window, int ackedBytes) {
        window.creditBytes += ackedBytes;
        if (window.creditBytes >= window.cwndBytes) {
            window.creditBytes -= window.cwndBytes;
            window.grow(window.mssBytes);
        }
    }

    @Override
    public void onLoss(CongestionWindow window, int flightBytes, long nowNanos) {
        // RFC 5681, (4): ssthresh = max(FlightSize / 2, 2 SMSS).
        window.ssthreshBytes = Math.max(flightBytes / 2, 2 * window.mssBytes);
        window.creditBytes = 0;
    }

    @Override
    public void onTimeout(CongestionWindow window, int flightBytes, long nowNanos) {
        onLoss(window, flightBytes, nowNanos);
        window.cwndBytes = window.mssBytes;
    }

    @Override
    public void onIdle(CongestionWindow window, long idleNanos) {}
}
