package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/** Experiment 1 of the paper: one message to and fro; one-way latency and goodput by size. */
final class Netpipe implements Experiment {
    private static final int[] SIZES = {
        1, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1 << 20, 2 << 20, 4 << 20,
        8 << 20
    };
    private static final int[] QUICK_SIZES = {64, 4096, 65536, 8 << 20};

    @Override
    public String name() {
        return "netpipe";
    }

    @Override
    public String description() {
        return "one-way latency and goodput of one message to and fro, 1 B to 8 MB";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        return Contenders.large(plan.fewContenders());
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        for (int size : plan.quick() ? QUICK_SIZES : SIZES) {
            Map<String, Double> figures = session.run(plan.load("pingpong").with("size", size));
            Map<String, Object> point = Recorder.params("size", size);
            for (int percentile : new int[] {50, 99}) {
                Double roundTrip = figures.get("p" + percentile + "_us");
                if (roundTrip != null) {
                    recorder.add(point, "percentile", percentile, Metric.LATENCY_US, roundTrip / 2);
                }
            }
            // Each round trip carries the message twice, one way after the other.
            recorder.add(point, Metric.GBIT_PER_SECOND, 2 * Recorder.rate(figures) * size * 8 / 1e9);
        }
    }
}
