package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;
import org.ixnet.benchmarks.session.Wire;

/**
 * Kernel clients that are programs of the distribution: {@code wrk} asks the HTTP example, {@code memcslap} the memcached
 * example, over the same veth pair whose server end is the kernel's or IX's by AF_XDP. The client is the bottleneck, so the
 * server's CPU time a request stands beside the rate.
 */
final class Clients implements Experiment {
    private static final int CONNECTIONS = 64;

    @Override
    public String name() {
        return "clients";
    }

    @Override
    public String description() {
        return "kernel clients wrk and memcslap against IX by AF_XDP and epoll on the same veth: rate, server CPU a request";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        List<Contender> contenders = new ArrayList<>();
        for (String client : List.of(Contender.WRK, Contender.MEMCSLAP)) {
            contenders.add(Contender.of("epoll", Wire.VETH, client));
            contenders.add(Contender.of("ix", Wire.AF_XDP, client));
            if (!plan.fewContenders()) {
                contenders.add(Contender.of("io_uring", Wire.VETH, client));
                contenders.add(Contender.of("ix", Wire.TAP, client));
            }
        }
        contenders.add(Contender.of(Contender.C_MEMCACHED, Wire.VETH, Contender.MEMCSLAP));
        return contenders;
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        Map<String, Double> figures =
                session.run(plan.load(session.contender().client()).with("connections", CONNECTIONS));
        Map<String, Object> params = Recorder.params("connections", CONNECTIONS);
        recorder.rate(params, figures);
        recorder.latency(params, figures, 50, 99);
        figures.merge("messages", figures.getOrDefault("messages_before", 0.0), Double::sum);
        recorder.costs(params, figures);
    }
}
