package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/**
 * CPU time a request on both sides: at saturation, and of the server at a fixed low rate, where polling shows. The open-loop
 * generator spins, so its own CPU time says nothing there.
 */
final class Cpu implements Experiment {
    private static final int LOW_RATE = 10_000;

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return "CPU time a request on both sides, saturated and at 10,000 requests/s";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        return Contenders.costs(plan.fewContenders());
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        Map<String, Object> saturated = Recorder.params("load", "saturated", "connections", 64);
        Map<String, Double> closed = session.run(plan.load("closed").with("connections", 64));
        recorder.rate(saturated, closed);
        recorder.costs(saturated, closed);

        Map<String, Double> low =
                session.run(plan.load("open").with("connections", 64).with("rate", LOW_RATE));
        low.remove("client_cpu_ns");
        low.remove("client_allocated_bytes");
        recorder.costs(Recorder.params("load", "fixed", "rate", LOW_RATE), low);
    }
}
