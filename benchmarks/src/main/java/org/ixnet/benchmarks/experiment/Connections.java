package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;
import org.ixnet.benchmarks.session.Side;
import org.ixnet.benchmarks.session.Wire;

/** Experiment 3 of the paper: request rate against open connections, all of them active. */
final class Connections implements Experiment {
    private static final int[] COUNTS = {100, 1_000, 10_000, 50_000, 100_000, 250_000};
    private static final int[] QUICK_COUNTS = {100, 5_000};
    /** Requests under way over all connections. */
    private static final int WINDOW = 256;
    /** A process may have 20,000 descriptors here; some are needed for other things. */
    private static final int KERNEL_CONNECTIONS_A_PROCESS = 18_000;
    /** The generator's connections are as many and as cold as the server's; with few objects for each it is not the full side. */
    private static final Contender UNDER_THE_RAW_GENERATOR = Contender.of("ix", Wire.MEMIF, Contender.RAW);

    /**
     * For every transport. A turn around many connections touches more pages than the TLB holds, hence large ones; the
     * parallel collector gives almost twice the rate of the serial one and of G1, as it seems by where it puts the objects of
     * a connection.
     */
    private static final List<String> MANY_OBJECTS =
            List.of("-XX:+UseTransparentHugePages", "-XX:-UseSerialGC", "-XX:+UseParallelGC");

    @Override
    public String name() {
        return "connections";
    }

    @Override
    public String description() {
        return "echo rate of 64 B against open connections up to 250,000, all active, 256 requests under way";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        return plan.fewContenders()
                ? List.of(Contenders.EPOLL_ON_LOOPBACK, Contenders.memif())
                : List.of(
                        Contenders.EPOLL_ON_LOOPBACK,
                        Contenders.EPOLL_ON_VETH,
                        Contenders.memif(),
                        UNDER_THE_RAW_GENERATOR);
    }

    private static int[] counts(Plan plan) {
        return plan.quick() ? QUICK_COUNTS : COUNTS;
    }

    @Override
    public int processes(Contender contender, Plan plan) {
        return processes(contender, counts(plan)[counts(plan).length - 1]);
    }

    private static int processes(Contender contender, int connections) {
        return contender.kernel(Side.SERVER) ? Math.ceilDiv(connections, KERNEL_CONNECTIONS_A_PROCESS) : 1;
    }

    @Override
    public List<String> jvmArguments(Contender contender, Plan plan) {
        if (plan.quick()) {
            return List.of(); // Not so many objects; so the processes of other experiments will do.
        }
        List<String> arguments = new ArrayList<>(MANY_OBJECTS);
        arguments.addAll(
                processes(contender, plan) > 1
                        ? List.of("-Xms256m", "-Xmx384m") // Many small processes instead of one large one.
                        : List.of("-Xms4g", "-Xmx4g"));
        return arguments;
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        for (int count : counts(plan)) {
            // As few as will do: processes that take turns on a core cost the kernel's ends a part of their rate.
            int processes = processes(session.contender(), count);
            Command load = plan.load("closed")
                    .with("connections", count / processes)
                    .with("window", Math.min(count, WINDOW) / processes);
            Map<String, Double> figures = session.run(load, processes);
            Map<String, Object> params = Recorder.params("connections", count);
            recorder.rate(params, figures);
            recorder.latency(params, figures, 50, 99);
        }
    }
}
