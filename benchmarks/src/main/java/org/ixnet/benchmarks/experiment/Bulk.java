package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/** One connection that always has data to send; what arrives at the server, in Gb/s. */
final class Bulk implements Experiment {

    @Override
    public String name() {
        return "bulk";
    }

    @Override
    public String description() {
        return "Gb/s of one connection, client to server";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        return Contenders.large(plan.fewContenders());
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        Map<String, Double> figures = session.run(plan.load("bulk"));
        double bits = figures.getOrDefault("sink_bytes", 0.0) * 8;
        recorder.add(
                Recorder.params("connections", 1),
                Metric.GBIT_PER_SECOND,
                bits / figures.getOrDefault("sink_seconds", 0.0) / 1e9);
    }
}
