package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.agent.CacheProfile;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;
import org.ixnet.benchmarks.session.Wire;

/**
 * The ladder: where each nanosecond goes, rung by rung over memif, one core a side. The lower two rungs are asked by the L2
 * generator with a fixed number of frames under way, the others by the raw TCP client, which is faster than they are.
 */
public final class Ladder implements Experiment {
    private static final int IN_FLIGHT = 32;
    private static final int CONNECTIONS = 64;

    private static final Contender TESTPMD = Contender.of(Contender.TESTPMD, Wire.MEMIF, Contender.L2);
    private static final Contender REFLECTOR = Contender.of(Contender.REFLECTOR, Wire.MEMIF, Contender.L2);
    private static final Contender RAW = Contender.of(Contender.RAW, Wire.MEMIF, Contender.RAW);
    private static final Contender NETTY = Contender.of("ix", Wire.MEMIF, Contender.RAW);

    /** The only ladder. */
    public Ladder() {}

    @Override
    public String name() {
        return "raw";
    }

    @Override
    public String description() {
        return "the ladder over memif: testpmd, L2 reflector, raw TCP echo, Netty echo, memcached;"
                + " with --wire direct or virtual the stack alone, in this process";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        return List.of(TESTPMD, REFLECTOR, RAW, NETTY);
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        Contender contender = session.contender();
        if (contender.equals(TESTPMD)) {
            frames(session, plan, recorder, "1 testpmd macswap");
        } else if (contender.equals(REFLECTOR)) {
            frames(session, plan, recorder, "2 java L2 reflector");
        } else {
            echo(session, plan, recorder, contender.equals(RAW) ? "3 raw TCP echo" : "4 netty echo");
            if (contender.equals(NETTY)) {
                memcached(session, plan, recorder);
            }
        }
    }

    /** The rungs' rates swing with the depth of the bursts: they get a second even in a quick run. */
    private static Command load(Plan plan, String kind) {
        return plan.load(kind).with("seconds", Math.max(1, plan.measureSeconds()));
    }

    private static void frames(Session session, Plan plan, Recorder recorder, String rung)
            throws IOException, InterruptedException {
        Map<String, Double> figures =
                session.run(load(plan, "frames").with("in_flight", IN_FLIGHT).with("size", 64));
        recorder.frames(Recorder.params("rung", rung, "in_flight", IN_FLIGHT), figures);
    }

    private static void echo(Session session, Plan plan, Recorder recorder, String rung)
            throws IOException, InterruptedException {
        Map<String, Object> params = Recorder.params("rung", rung, "connections", CONNECTIONS, "size", 64);
        Map<String, Double> figures = session.run(load(plan, "closed").with("connections", CONNECTIONS));
        recorder.rate(params, figures);
        recorder.costs(params, figures);
    }

    private static void memcached(Session session, Plan plan, Recorder recorder)
            throws IOException, InterruptedException {
        String profile = CacheProfile.USR.label();
        session.prepare(load(plan, "closed")
                .with("service", "memcached")
                .with("profile", profile)
                .with("stop_after", CacheProfile.RECORDS)
                .with("warmup", 0)
                .with("seconds", 0));
        Map<String, Object> params =
                Recorder.params("rung", "5 memcached", "connections", CONNECTIONS, "profile", profile);
        Map<String, Double> figures = session.run(load(plan, "closed")
                .with("service", "memcached")
                .with("profile", profile)
                .with("connections", CONNECTIONS));
        recorder.rate(params, figures);
        recorder.costs(params, figures);
    }
}
