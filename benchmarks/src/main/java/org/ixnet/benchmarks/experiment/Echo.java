package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;
import org.ixnet.benchmarks.session.Wire;

/** Experiment 2 of the paper: echo, by messages a connection, size, connections, and by how connections end. */
final class Echo implements Experiment {
    /**
     * @param messages a connection; 0: it stays open
     * @param close {@code rst} or {@code fin}
     */
    private record Point(int connections, int size, int messages, String close) {
        Map<String, Object> params() {
            Map<String, Object> params = Recorder.params("connections", connections, "size", size);
            if (messages > 0) {
                params.put("messages", messages);
                params.put("close", close);
            }
            return params;
        }

        Command command(Plan plan) {
            return plan.load("closed")
                    .with("connections", connections)
                    .with("size", size)
                    .with("messages", messages)
                    .with("close", close);
        }
    }

    private static final int CONNECTIONS = 64;
    /** Of a segment of 64 B with timestamps. */
    private static final int ECHO_FRAME_BYTES = 14 + 20 + 32 + 64;

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public String description() {
        return "requests and connections a second, 64 B to 8 KB, 1 to 1,024 messages a connection, closed by RST or FIN";
    }

    @Override
    public List<Contender> contenders(Plan plan) {
        List<Contender> contenders = new ArrayList<>(Contenders.all(plan.fewContenders()));
        contenders.add(Contender.of(Contender.TESTPMD, Wire.AF_XDP, Contender.L2));
        return contenders;
    }

    private static List<Point> points(boolean quick) {
        List<Point> points = new ArrayList<>();
        for (int connections : quick ? new int[] {1, 64, 1024} : new int[] {1, 16, 64, 256, 1024}) {
            points.add(new Point(connections, 64, 0, "rst"));
        }
        for (int messages : quick ? new int[] {1, 32} : new int[] {1, 2, 8, 32, 128, 512, 1024}) {
            points.add(new Point(CONNECTIONS, 64, messages, "rst"));
        }
        points.add(new Point(CONNECTIONS, 64, 1, "fin"));
        for (int size : quick ? new int[] {8192} : new int[] {256, 1024, 2048, 4096, 8192}) {
            points.add(new Point(CONNECTIONS, size, 0, "rst"));
            if (!quick) {
                points.add(new Point(CONNECTIONS, size, 1, "rst"));
            }
        }
        return points;
    }

    @Override
    public void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        if (session.contender().transport().equals(Contender.TESTPMD)) {
            frames(session, plan, recorder);
            return;
        }
        for (Point point : points(plan.quick())) {
            Map<String, Double> figures = session.run(point.command(plan));
            Map<String, Object> params = point.params();
            recorder.rate(params, figures);
            if (point.messages > 0) {
                recorder.add(params, Metric.CONNECTIONS_PER_SECOND, Recorder.connectionRate(figures));
            } else {
                recorder.latency(params, figures, 50, 99);
            }
            if (point.size > 64) {
                recorder.add(params, Metric.GBIT_PER_SECOND, Recorder.rate(figures) * point.size * 8 / 1e9);
            }
            recorder.costs(params, figures);
        }
    }

    /** What the wire itself can do: as many frames under way as there are requests, as long as those are. */
    private static void frames(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException {
        Map<String, Double> figures =
                session.run(plan.load("frames").with("in_flight", CONNECTIONS).with("size", ECHO_FRAME_BYTES));
        recorder.frames(Recorder.params("in_flight", CONNECTIONS, "size", ECHO_FRAME_BYTES), figures);
    }
}
