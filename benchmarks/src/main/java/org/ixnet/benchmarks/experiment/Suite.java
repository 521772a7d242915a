package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.ixnet.benchmarks.report.Phase;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Lab;
import org.ixnet.benchmarks.session.MachineMemory;
import org.ixnet.benchmarks.session.Session;

/**
 * Runs experiments: as many rounds as the plan says, in each every contender once. Its pair of processes goes through all points of all
 * its experiments, and then ends or, as the plan says, stops until the next round. So the runs of contenders A and B come A B A B,
 * and drift of the machine hits both alike. Thread rule: the orchestrator's main thread.
 */
public final class Suite {
    private static final List<Experiment> EXPERIMENTS = List.of(
            new Netpipe(),
            new Echo(),
            new Connections(),
            new Memcached(),
            new Batching(),
            new Bulk(),
            new Tail(),
            new Cpu(),
            new Tls(),
            new Clients(),
            new Ladder());

    /** How long to wait for the host to move the cores back. */
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private static final long AGAIN_MILLIS = 1_000;

    private final Plan plan;
    private final Lab lab;
    private final Results results;
    private final PrintStream progress;
    private final Waiting<Pair, Session> waiting;
    private final List<Double> warmUps = new ArrayList<>();
    private final List<Double> distances = new ArrayList<>();
    private final Phases<Measured> phases = new Phases<>();
    private int leftOut;

    /** @param progress where a line goes for each thing that begins */
    public Suite(Plan plan, Lab lab, Results results, PrintStream progress) {
        this.plan = plan;
        this.lab = lab;
        this.results = results;
        this.progress = progress;
        this.waiting = new Waiting<>(MachineMemory::availableMebibytes, lab::close);
    }

    /** All experiments that compare contenders. */
    public static List<Experiment> experiments() {
        return EXPERIMENTS;
    }

    /** A pair of processes, and what it is used for. */
    private record Pair(Contender contender, int processes, List<String> jvmArguments) {}

    /** One experiment of a pair: short enough for the cores to stay as far apart as they are. */
    private record Measured(Pair pair, Experiment experiment) {
        @Override
        public String toString() {
            return experiment.name() + " " + pair.contender;
        }
    }

    /** Runs {@code wanted} as often as the plan says. A contender that fails is noted and left out of that round. */
    public void run(List<Experiment> wanted) throws InterruptedException {
        Map<Pair, List<Experiment>> pairs = pairs(wanted);
        Map<Pair, Integer> experiments = new LinkedHashMap<>();
        pairs.forEach((pair, its) -> experiments.put(pair, its.size()));
        Forecast<Pair> forecast = new Forecast<>(experiments, plan.runs(), plan.boundSeconds());
        long startNanos = System.nanoTime();
        for (int round = 1; round <= plan.runs(); round++) {
            for (Map.Entry<Pair, List<Experiment>> entry : pairs.entrySet()) {
                long turnNanos = System.nanoTime();
                double elapsedSeconds = seconds(turnNanos - startNanos);
                if (forecast.isTooLate(entry.getKey(), elapsedSeconds)) {
                    leftOut++;
                    continue;
                }
                say(round, entry.getKey().contender, elapsedSeconds, forecast.secondsLeft(elapsedSeconds));
                double onceSeconds = run(entry.getKey(), entry.getValue());
                forecast.took(entry.getKey(), seconds(System.nanoTime() - turnNanos), plan.fresh() ? 0 : onceSeconds);
            }
        }
        if (!plan.quick()) {
            completeIn(phases.common(), pairs, System.nanoTime() + (System.nanoTime() - startNanos) / 2);
        }
        results.keep(phases.common()); // of all turns, as the report says
        waiting.endAll();
    }

    /**
     * More turns for those who had the bad luck to run in other phases, as long as the cores stay where they are wanted, and half
     * as long as the rounds took.
     */
    private void completeIn(Phase wanted, Map<Pair, List<Experiment>> pairs, long endNanos)
            throws InterruptedException {
        for (int more = 0; more < plan.runs(); more++) {
            for (Map.Entry<Pair, List<Experiment>> entry : pairs.entrySet()) {
                Pair pair = entry.getKey();
                List<Experiment> lacking = entry.getValue().stream()
                        .filter(experiment -> phases.lacks(new Measured(pair, experiment), wanted, plan.runs()))
                        .toList();
                if (!lacking.isEmpty()) {
                    if (System.nanoTime() - endNanos > 0 || !await(wanted)) {
                        return;
                    }
                    progress.printf("[again, %s] %s%n", wanted, pair.contender);
                    run(pair, lacking);
                }
            }
        }
    }

    private boolean await(Phase wanted) throws InterruptedException {
        long giveUpNanos = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() - giveUpNanos < 0) {
            double nanos = lab.coreDistanceNanos();
            if (Phase.of(nanos, nanos) == wanted) {
                return true;
            }
            Thread.sleep(AGAIN_MILLIS);
        }
        return false;
    }

    /** One turn of {@code contender}, for a caller that has something of his own to put between the turns. */
    public void turnOf(Contender contender, Experiment experiment) throws InterruptedException {
        progress.printf("    %s%n", contender);
        run(pair(contender, experiment), List.of(experiment));
    }

    private Pair pair(Contender contender, Experiment experiment) {
        return new Pair(contender, experiment.processes(contender, plan), experiment.jvmArguments(contender, plan));
    }

    private Map<Pair, List<Experiment>> pairs(List<Experiment> wanted) {
        Map<Pair, List<Experiment>> pairs = new LinkedHashMap<>();
        for (Experiment experiment : wanted) {
            for (Contender contender : experiment.contenders(plan)) {
                if (plan.wants(contender)) {
                    pairs.computeIfAbsent(pair(contender, experiment), key -> new ArrayList<>())
                            .add(experiment);
                }
            }
        }
        return pairs;
    }

    /** Turns that were left out because they would have ended after the plan's bound. */
    public int leftOut() {
        return leftOut;
    }

    private void say(int round, Contender contender, double seconds, double secondsLeft) {
        String left = Double.isNaN(secondsLeft)
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", about %.0f s left, %.0f %%",
                        secondsLeft,
                        100 * seconds / (seconds + secondsLeft));
        progress.printf(Locale.ROOT, "[%.0f s%s] run %d of %d: %s%n", seconds, left, round, plan.runs(), contender);
    }

    private static double seconds(long nanos) {
        return nanos * 1e-9;
    }

    /**
     * One turn of {@code pair}, and how far apart the cores were in each of its experiments. Returns the seconds that its next
     * one will not need: the start and the warm-ups.
     */
    private double run(Pair pair, List<Experiment> experiments) throws InterruptedException {
        long startNanos = System.nanoTime();
        Session session;
        try {
            session = enter(pair);
        } catch (IOException e) {
            failed(pair.contender, "start", e);
            return 0;
        }
        double onceSeconds = seconds(System.nanoTime() - startNanos);
        boolean whole = true;
        double before = distance();
        for (Experiment experiment : experiments) {
            progress.printf("        %s%n", experiment.name());
            results.beginTurn();
            try {
                experiment.run(session, plan, new Recorder(experiment.name(), pair.contender, results));
            } catch (IOException e) {
                whole = false;
                failed(pair.contender, experiment.name(), e);
            }
            double after = distance();
            Phase phase = Phase.of(before, after);
            results.endTurn(phase);
            phases.add(new Measured(pair, experiment), phase);
            before = after;
            if (!session.isAlive()) {
                break;
            }
        }
        List<Double> taken = session.takeWarmUps();
        if (!taken.isEmpty()) {
            StringJoiner times = new StringJoiner(", ");
            taken.forEach(seconds -> times.add(String.format(Locale.ROOT, "%.1f", seconds)));
            progress.printf("        warm after %s s%n", times);
            warmUps.addAll(taken);
        }
        leave(pair, session, whole);
        return onceSeconds + taken.stream().mapToDouble(Double::doubleValue).sum();
    }

    private double distance() throws InterruptedException {
        double nanos = lab.coreDistanceNanos();
        distances.add(nanos);
        return nanos;
    }

    /** Flags that JVMs of {@code wanted} have on top of the usual ones, for the report; empty where none has any. */
    public String moreFlags(List<Experiment> wanted) {
        StringJoiner flags = new StringJoiner("; ");
        pairs(wanted).forEach((pair, experiments) -> {
            if (!pair.jvmArguments.isEmpty()) {
                String names = String.join(
                        ", ", experiments.stream().map(Experiment::name).toList());
                flags.add(names + " " + pair.contender + ": " + String.join(" ", pair.jvmArguments));
            }
        });
        return flags.toString();
    }

    /** The phase in which most contenders can be compared. */
    public Phase commonPhase() {
        return phases.common();
    }

    /** How far the two cores were apart, for the report. */
    public String coreDistance() {
        double[] sorted = distances.stream()
                .mapToDouble(Double::doubleValue)
                .filter(nanos -> !Double.isNaN(nanos))
                .sorted()
                .toArray();
        return sorted.length == 0
                ? "unknown"
                : String.format(
                        Locale.ROOT,
                        "a cache line there and back takes %.0f .. %.0f ns; %s",
                        sorted[0],
                        sorted[sorted.length - 1],
                        phases.text(Measured::toString));
    }

    /** What was not measured, for the report. */
    public String warmUp() {
        double[] sorted =
                warmUps.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        String took = sorted.length == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        " (%.1f .. %.1f s, median %.1f)",
                        sorted[0],
                        sorted[sorted.length - 1],
                        sorted[sorted.length / 2]);
        return String.format(
                Locale.ROOT,
                "the first load of a kind in a pair of processes until its rate no longer rises and the compilers of both sides are quiet%s, at most %.0f s; then %.1f s or more a"
                        + " point; %s",
                took,
                plan.settleSeconds(),
                plan.warmupSeconds(),
                plan.fresh() ? "a fresh pair each round" : "pairs live through all rounds, stopped meanwhile");
    }

    private Session enter(Pair pair) throws IOException, InterruptedException {
        Session kept = waiting.take(pair);
        if (kept == null) {
            waiting.makeRoom(lab.mebibytes(pair.processes, pair.jvmArguments));
            return lab.open(pair.contender, pair.processes, pair.jvmArguments);
        }
        kept.resume();
        return kept;
    }

    /** Keeps the pair for the next round, or ends it. After a failure the next round gets a fresh one. */
    private void leave(Pair pair, Session session, boolean whole) throws InterruptedException {
        if (whole && !plan.fresh()) {
            try {
                session.suspend();
                waiting.add(pair, session);
                return;
            } catch (IOException e) {
                failed(pair.contender, "suspend", e);
            }
        }
        lab.close(session);
    }

    private void failed(Contender contender, String what, IOException cause) throws InterruptedException {
        if (lab.isClosed()) {
            throw new InterruptedException("the program is ending"); // Ctrl-C: what breaks now has not failed.
        }
        String message = contender + ", " + what + ": " + cause.getMessage();
        progress.println("        FAILED " + message);
        results.failed(message.lines().findFirst().orElse(message));
    }
}
