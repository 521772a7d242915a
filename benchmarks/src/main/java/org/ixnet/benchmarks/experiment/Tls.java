package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/** Echo under TLS 1.3 of BoringSSL: persistent connections, and one handshake a connection. */
final class Tls implements Experiment {

    /** At some hundred handshakes a second their code becomes hot slowly; this many times the usual bound suffices. */
    private static final int HANDSHAKES_SETTLE = 3;
    /** This many times the usual window, for as many handshakes a second. */
    private static final int HANDSHAKES_MEASURED = 4;

    @Override
    public String name() {
        return "tls";
    }

    @Override
    public String description() {
        return "echo under TLS 1.3 (BoringSSL, by tcnative): 64 B and 8 KB, and handshakes a second";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        return Contenders.most(plan.fewContenders());
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        for (int size : new int[] {64, 8192}) {
            Map<String, Double> figures = session.run(plan.load("closed")
                    .with("service", "tls")
                    .with("connections", 16)
                    .with("size", size));
            Map<String, Object> params = Recorder.params("connections", 16, "size", size);
            recorder.rate(params, figures);
            recorder.latency(params, figures, 50, 99);
        }
        Map<String, Double> handshakes = session.run(plan.load("closed")
                .with("service", "tls")
                .with("connections", 16)
                .with("messages", 1)
                .with("settle", plan.settleSeconds() * (plan.quick() ? 1 : HANDSHAKES_SETTLE))
                .with("seconds", plan.measureSeconds() * HANDSHAKES_MEASURED));
        recorder.add(
                Recorder.params("connections", 16, "size", 64, "messages", 1),
                Metric.CONNECTIONS_PER_SECOND,
                Recorder.connectionRate(handshakes));
    }
}
