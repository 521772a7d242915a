package org.ixnet.stack.congestion;

/**
 * CUBIC (RFC 9438), Linux's default: the window follows a cubic function of the time since the last reduction, and never
 * falls behind what Reno would reach. Names are the RFC's; windows in segments, times in seconds, as its formulas are.
 *
 * <p>HyStart++ (RFC 9406) and the undo of spurious reductions (4.9) are left out.
 */
public final class Cubic implements CongestionControl {
    private static final double C = 0.4;
    private static final double BETA = 0.7;
    /** RFC 9438, 4.3: makes the Reno-friendly estimate as aggressive as Reno. */
    private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);

    private static final double NANOS = 1e-9;

    private double wMax;
    private double k;
    private double wEst;
    /** cwnd at the last reduction; 0 before the first. */
    private double cwndPrior;
    /** When this stage began; Long.MIN_VALUE before the first ACK of it. */
    private long epochStartNanos = Long.MIN_VALUE;

    public Cubic() {}

    @Override
    public String name() {
        return "cubic";
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
        avoid(window, rest, srttNanos, nowNanos);
    }

    private void avoid(CongestionWindow window, int ackedBytes, long srttNanos, long nowNanos) {
        double mss = window.mssBytes;
        double cwnd = window.cwndBytes / mss;
        if (epochStartNanos == Long.MIN_VALUE) {
            beginEpoch(cwnd, nowNanos);
        }
        double acked = ackedBytes / mss;
        // 4.3: W_est; from cwnd_prior on as fast as Reno.
        wEst += (wEst >= cwndPrior ? 1.0 : ALPHA) * acked / cwnd;
        double t = (nowNanos - epochStartNanos) * NANOS;
        double target = wCubic(t + srttNanos * NANOS);
        if (wCubic(t) < wEst) {
            target = wEst;
        }
        // 4.2: the target is clamped to cwnd .. 1.5 cwnd, and approached within one RTT.
        target = Math.clamp(target, cwnd, 1.5 * cwnd);
        window.creditBytes += (int) ((target - cwnd) / cwnd * ackedBytes);
        if (target == wEst && wEst > cwnd) {
            // The Reno-friendly region sets cwnd itself (4.3).
            window.creditBytes = Math.max(window.creditBytes, (int) ((wEst - cwnd) * mss));
        }
        if (window.creditBytes >= window.mssBytes) {
            int segments = window.creditBytes / window.mssBytes;
            window.grow(segments * window.mssBytes);
            window.creditBytes -= segments * window.mssBytes;
        }
    }

    private void beginEpoch(double cwnd, long nowNanos) {
        epochStartNanos = nowNanos;
        wEst = cwnd;
        if (wMax <= cwnd) {
            // No loss seen, or grown past it, or a timeout (4.8): the plateau is here.
            wMax = cwnd;
            k = 0;
        } else {
            k = Math.cbrt((wMax - cwnd) / C);
        }
    }

    private double wCubic(double t) {
        double d = t - k;
        return C * d * d * d + wMax;
    }

    @Override
    public void onLoss(CongestionWindow window, int flightBytes, long nowNanos) {
        double cwnd = (double) window.cwndBytes / window.mssBytes;
        // 4.7: fast convergence gives room to newer flows.
        wMax = cwnd < wMax ? cwnd * (1 + BETA) / 2 : cwnd;
        cwndPrior = cwnd;
        // 4.6: from FlightSize where the application limits the window; at least 2 segments.
        int base = Math.min(window.cwndBytes, Math.max(flightBytes, 2 * window.mssBytes));
        window.ssthreshBytes = Math.max((int) (base * BETA), 2 * window.mssBytes);
        window.creditBytes = 0;
        epochStartNanos = Long.MIN_VALUE;
    }

    @Override
    public void onTimeout(CongestionWindow window, int flightBytes, long nowNanos) {
        onLoss(window, flightBytes, nowNanos);
        // 4.8: "K is set to 0, and W_max is set to the congestion window size at the beginning of the current [...]
        // stage".
        wMax = 0;
        window.cwndBytes = window.mssBytes;
    }

    @Override
    public void onIdle(CongestionWindow window, long idleNanos) {
        if (epochStartNanos != Long.MIN_VALUE) {
            epochStartNanos += idleNanos;
        }
    }
}
