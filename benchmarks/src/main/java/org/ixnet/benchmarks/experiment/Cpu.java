package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/**
 * CPU time a request on both sides: at saturation, and of the server at fixed low rates, where polling shows, with what
 * sleeping costs in latency. The open-loop generator spins, so its own CPU time says nothing there.
 */
final class Cpu implements Experiment {
    private static final int LOW_RATE = 10_000;
    private static final int LOWEST_RATE = 1_000;

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return "CPU time a request on both sides, saturated, at 10,000 and at 1,000 requests/s";
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

        fixed(session, plan, recorder, LOW_RATE);
        if (!plan.fewContenders()) {
            fixed(session, plan, recorder, LOWEST_RATE);
        }
    }

    private static void fixed(Session session, Plan plan, Recorder recorder, int rate)
            throws IOException, InterruptedException {
        Map<String, Double> figures =
                session.run(plan.load("open").with("connections", 64).with("rate", rate));
        figures.remove("client_cpu_ns");
        figures.remove("client_allocated_bytes");
        Map<String, Object> params = Recorder.params("load", "fixed", "rate", rate);
        recorder.costs(params, figures);
        recorder.latency(params, figures, 50, 99);
    }
}
