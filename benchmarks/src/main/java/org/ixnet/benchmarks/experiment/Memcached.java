package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.agent.CacheProfile;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.report.Row;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;
import org.ixnet.benchmarks.session.Wire;

/** Experiment 4 of the paper: memcached under ETC and USR, open loop; latency by rate, and the highest rate with p99 &lt; 500 us. */
final class Memcached implements Experiment {
    private static final int CONNECTIONS = 64;
    private static final int DEPTH = 4;
    private static final double OBJECTIVE_P99_US = 500;
    /** A server that answers less than this share of what is asked is past its limit, whatever its latency looks like. */
    private static final double KEPT_UP = 0.98;

    private static final int[] LOADS = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    private static final int[] QUICK_LOADS = {40, 70, 100};

    @Override
    public String name() {
        return "memcached";
    }

    @Override
    public String description() {
        return "the ETC and USR workloads, open-loop Poisson arrivals: latency by rate, highest rate with p99 < 500 us";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        List<Contender> contenders = new ArrayList<>(Contenders.most(plan.fewContenders()));
        contenders.add(Contender.of(Contender.C_MEMCACHED, Wire.LOOPBACK, "epoll"));
        if (!plan.fewContenders()) {
            contenders.add(Contender.of(Contender.C_MEMCACHED, Wire.VETH, "epoll"));
        }
        return contenders;
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        for (CacheProfile profile : CacheProfile.values()) {
            measure(profile, session, plan, recorder);
        }
    }

    private static void measure(CacheProfile profile, Session session, Plan plan, Recorder recorder)
            throws IOException, InterruptedException {
        // The workload's first requests are SETs of all records; one connection, one after the other, so none
        // overtakes.
        session.prepare(request(plan.load("closed"), profile, 1)
                .with("stop_after", CacheProfile.RECORDS)
                .with("seconds", 30)
                .with("warmup", 0));
        // One request under way on a connection: with more, the kernel's rate rests on batches that arrivals at random
        // do
        // not make, and no share of it says where an open loop ends.
        Map<String, Double> closed = session.run(request(plan.load("closed"), profile, CONNECTIONS));
        Map<String, Object> params = Recorder.params("profile", profile.label());
        recorder.add(params, "load", "closed loop", Metric.REQUESTS_PER_SECOND, Recorder.rate(closed));
        recorder.costs(params, closed);

        Map<String, Double> unloaded = session.run(request(plan.load("open"), profile, 1));
        recorder.latency(Recorder.params("profile", profile.label(), "load", "unloaded"), "probe_", unloaded, 50, 99);

        double best = 0;
        double typicalBest = 0;
        for (int load : plan.quick() ? QUICK_LOADS : LOADS) {
            double asked = Recorder.rate(closed) * load / 100;
            Map<String, Double> figures = session.run(request(plan.load("open"), profile, CONNECTIONS)
                    .with("depth", DEPTH)
                    .with("rate", asked));
            Map<String, Object> point = Recorder.params("profile", profile.label(), "load_percent", load);
            recorder.rate(point, figures);
            recorder.latency(point, figures, 50, 99, 99.9);
            point.put("source", "latency client");
            recorder.latency(point, "probe_", figures, 99);
            point.put("source", Row.SHORT_WINDOWS);
            recorder.latency(point, "typical_", figures, 99);
            double rate = Recorder.rate(figures);
            if (figures.getOrDefault("p99_us", Double.MAX_VALUE) < OBJECTIVE_P99_US && rate >= KEPT_UP * asked) {
                best = Math.max(best, rate);
            }
            if (figures.getOrDefault("typical_p99_us", Double.MAX_VALUE) < OBJECTIVE_P99_US
                    && rate >= KEPT_UP * asked) {
                typicalBest = Math.max(typicalBest, rate);
            }
        }
        recorder.add(params, "load", "typical p99 < 500 us", Metric.REQUESTS_PER_SECOND, typicalBest);
        recorder.add(params, "load", "p99 < 500 us", Metric.REQUESTS_PER_SECOND, best);
    }

    private static Command request(Command load, CacheProfile profile, int connections) {
        return load.with("service", "memcached")
                .with("profile", profile.label())
                .with("connections", connections);
    }
}
