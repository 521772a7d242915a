package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.ixnet.benchmarks.experiment.Experiment;
import org.ixnet.benchmarks.experiment.Ladder;
import org.ixnet.benchmarks.experiment.Plan;
import org.ixnet.benchmarks.experiment.Suite;
import org.ixnet.benchmarks.report.LadderTable;
import org.ixnet.benchmarks.report.Phase;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.report.Row;
import org.ixnet.benchmarks.report.TextTable;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.JavaCommand;
import org.ixnet.benchmarks.session.Lab;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The regression guard: the ladder of this build against that of another commit, run by run in turn; fails when a rung falls
 * below 90 % of it. Thread rule: main thread.
 */
@Command(
        name = "guard",
        description = "compare the ladder of this build with that of a commit; exit code 1 below 90 percent",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class GuardCommand implements Callable<Integer> {
    /** With fewer a single slow one decides. */
    private static final int TELLING_RUNS = 3;

    @Mixin
    private SuiteOptions options = new SuiteOptions();

    @Option(names = "--base", required = true, paramLabel = "COMMIT", description = "what to compare with")
    private String base = "";

    @Option(names = "--least", description = "share of the base that each rung must reach, 0..1")
    private double least = 0.9;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Checkout here = Checkout.current();
        if (!here.hasCommit(base)) {
            throw new IllegalArgumentException(
                    "base is '" + base + "'; must be a commit of " + here.root() + " (--base)");
        }
        Plan plan = options.plan();
        List<Experiment> ladder = List.of(new Ladder());
        options.checkSettings(ladder, plan);
        try (BenchLock _ = BenchLock.take()) {
            options.checkJvm(ladder, plan);
            return build(here, plan);
        }
    }

    private int build(Checkout here, Plan plan) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("ix-bench-guard");
        System.err.println("building " + base + " ...");
        Thread hook = new Thread(() -> here.remove(new Checkout(directory)), "removes the base's checkout");
        Runtime.getRuntime().addShutdownHook(hook);
        Checkout other = here.buildOther(base, directory);
        return compare(here, other, plan);
    }

    private int compare(Checkout here, Checkout other, Plan plan) throws IOException, InterruptedException {
        Results head = new Results();
        Results then = new Results();
        Experiment ladder = new Ladder();
        List<String> flags = options.flags();
        JavaCommand.Rebase rebase = new JavaCommand.Rebase(here.root(), other.root());
        System.err.print(options.environment().put("base", base).text());
        try (Lab labHead = new Lab(options.serverCore, options.clientCore, new JavaCommand(flags, null));
                Lab labBase = new Lab(options.serverCore, options.clientCore, new JavaCommand(flags, rebase))) {
            Suite suiteHead = new Suite(plan, labHead, head, System.err);
            Suite suiteBase = new Suite(plan, labBase, then, System.err);
            List<Contender> contenders =
                    ladder.contenders(plan).stream().filter(plan::wants).toList();
            for (int run = 1; run <= plan.runs(); run++) {
                System.err.println("run " + run + " of " + plan.runs() + ": each rung of the base, then of this build");
                for (Contender contender : contenders) {
                    suiteBase.turnOf(contender, ladder);
                    suiteHead.turnOf(contender, ladder);
                }
            }
            head.keep(suiteHead.commonPhase());
        }
        boolean written = options.report(head, options.environment().put("base", base));
        return verdict(head, then, least) && written ? 0 : 1;
    }

    /**
     * Prints each rung against the base's, both in the phase of the cores in which both have the most turns. True when all reach
     * {@code least} of it; testpmd's is not ours, and tells of the wire alone.
     */
    static boolean verdict(Results head, Results base, double least) {
        List<Row> rungs = LadderTable.rungs(base.rows());
        boolean allReach = !rungs.isEmpty();
        for (Row rung : rungs) {
            allReach &= verdict(rung, head, base, least);
        }
        if (rungs.isEmpty()) {
            System.out.println("FAIL the base has no rung that could be measured");
        }
        return allReach;
    }

    private static boolean verdict(Row rung, Results head, Results base, double least) {
        boolean isWire = rung.transport().equals(Contender.TESTPMD);
        String name = rung.param("rung", "");
        @Nullable
        Rungs best = Stream.of(Phase.FAR, Phase.NEAR, Phase.UNKNOWN)
                .flatMap(phase -> Rungs.of(name, phase, head, base).stream())
                .max(Comparator.comparingInt(Rungs::runs))
                .orElse(null);
        if (best == null) {
            System.out.printf(
                    "%-4s       %-22s has no runs of both builds with the cores as far apart; remedy: mend what failed above, or more --runs%n",
                    isWire ? "wire" : "FAIL", name);
            return isWire;
        }
        double ratio = best.head.median() / best.base.median();
        boolean reaches = ratio >= least;
        System.out.printf(
                Locale.ROOT,
                "%-4s %.2f  %-22s %s against %s, cores %s, %d and %d runs%s%n",
                isWire ? "wire" : reaches ? "ok" : "FAIL",
                ratio,
                name,
                TextTable.number(best.head.median()),
                TextTable.number(best.base.median()),
                best.phase,
                best.head.runs(),
                best.base.runs(),
                reaches || isWire || best.runs() >= TELLING_RUNS ? "" : ", too few to tell; remedy: more --runs");
        return reaches || isWire;
    }

    /** A rung of both builds in one phase. */
    private record Rungs(Phase phase, Row head, Row base) {
        static Optional<Rungs> of(String rung, Phase phase, Results head, Results base) {
            return rung(rung, head.rows(phase))
                    .flatMap(now -> rung(rung, base.rows(phase)).map(was -> new Rungs(phase, now, was)));
        }

        private static Optional<Row> rung(String name, List<Row> rows) {
            return LadderTable.rungs(rows).stream()
                    .filter(row -> row.param("rung", "").equals(name))
                    .findFirst();
        }

        /** Of the one that has fewer. */
        int runs() {
            return Math.min(head.runs(), base.runs());
        }
    }
}
