package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.report.Row;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/**
 * The latency tail of echo at 20, 50 and 80 % of saturation, open loop, GC pauses inside: of the contender's own saturation
 * ({@code of=own}) and, at the same absolute rates for all, of epoll's on loopback ({@code of=epoll}).
 */
final class Tail implements Experiment {
    private static final int CONNECTIONS = 64;
    private static final String EPOLL_RATE = "tail.epoll.rate";
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

    @Override
    public String name() {
        return "tail";
    }

    @Override
    public String description() {
        return "p50 to p99.99 of a 64 B echo at 20, 50 and 80 % of saturation, open loop";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        return plan.fewContenders() ? List.of(Contenders.EPOLL_ON_LOOPBACK, Contenders.memif()) : Contenders.all(false);
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        Map<String, Double> closed = session.run(plan.load("closed").with("connections", CONNECTIONS));
        double own = Recorder.rate(closed);
        if (session.contender().transport().equals("epoll")) {
            plan.memory().putIfAbsent(EPOLL_RATE, own);
        }
        for (int load : plan.quick() ? new int[] {50} : new int[] {20, 50, 80}) {
            measure(session, plan, recorder, "own", load, own);
            Double epoll = plan.memory().get(EPOLL_RATE);
            if (epoll != null) {
                measure(session, plan, recorder, "epoll", load, epoll);
            }
        }
    }

    private static void measure(Session session, Plan plan, Recorder recorder, String of, int load, double saturation)
            throws IOException, InterruptedException {
        Map<String, Double> figures =
                session.run(plan.load("open").with("connections", CONNECTIONS).with("rate", saturation * load / 100));
        Map<String, Object> point = Recorder.params("load_percent", load, "of", of);
        recorder.rate(point, figures);
        recorder.latency(point, figures, PERCENTILES);
        point.put("source", Row.SHORT_WINDOWS);
        recorder.latency(point, "typical_", figures, 99, 99.9);
    }
}
