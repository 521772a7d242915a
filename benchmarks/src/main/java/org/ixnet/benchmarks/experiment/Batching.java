package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/** Experiment 5 of the paper: the bound B of adaptive batching, its effect on throughput and on latency under load. */
final class Batching implements Experiment {
    private static final int[] BOUNDS = {1, 2, 4, 8, 16, 32, 64, 128};
    private static final int[] QUICK_BOUNDS = {1, 64};

    @Override
    public String name() {
        return "batching";
    }

    @Override
    public String description() {
        return "the sweep of the batch bound B: echo rate, and latency at half of the rate of B = 64";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        List<Contender> contenders = new ArrayList<>();
        for (int bound : plan.quick() ? QUICK_BOUNDS : BOUNDS) {
            contenders.add(Contenders.memif().with("rxBatch", bound));
        }
        return contenders;
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        Map<String, Object> closed = Recorder.params("connections", 64, "size", 64);
        Map<String, Double> saturated = session.run(plan.load("closed").with("connections", 64));
        recorder.rate(closed, saturated);
        recorder.latency(closed, saturated, 50, 99);
        // All bounds are asked for the same rate, found in the first run.
        double rate = plan.memory().computeIfAbsent("batching.rate", key -> Recorder.rate(saturated) / 2);
        Map<String, Double> half =
                session.run(plan.load("open").with("connections", 64).with("rate", rate));
        recorder.latency(Recorder.params("load", "same rate"), half, 50, 99, 99.9);
    }
}
