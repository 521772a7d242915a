package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ixnet.benchmarks.experiment.Experiment;
import org.ixnet.benchmarks.experiment.Ladder;
import org.ixnet.benchmarks.experiment.Plan;
import org.ixnet.benchmarks.experiment.Suite;
import org.ixnet.benchmarks.report.LadderTable;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.report.Row;
import org.ixnet.benchmarks.report.TextTable;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.JavaCommand;
import org.ixnet.benchmarks.session.Lab;
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
        Path directory = Files.createTempDirectory("ix-bench-guard");
        System.err.println("building " + base + " ...");
        Thread hook = new Thread(() -> here.remove(new Checkout(directory)), "removes the base's checkout");
        Runtime.getRuntime().addShutdownHook(hook);
        Checkout other = here.buildOther(base, directory);
        return compare(here, other);
    }

    private int compare(Checkout here, Checkout other) throws IOException, InterruptedException {
        Plan plan = options.plan();
        Results head = new Results();
        Results then = new Results();
        List<Experiment> ladder = List.of(new Ladder());
        List<String> flags = options.flags();
        JavaCommand.Rebase rebase = new JavaCommand.Rebase(here.root(), other.root());
        System.err.print(options.environment().put("base", base).text());
        try (Lab labHead = new Lab(options.serverCore, options.clientCore, new JavaCommand(flags, null));
                Lab labBase = new Lab(options.serverCore, options.clientCore, new JavaCommand(flags, rebase))) {
            Suite suiteHead = new Suite(plan, labHead, head, System.err);
            Suite suiteBase = new Suite(plan, labBase, then, System.err);
            for (int run = 1; run <= plan.runs(); run++) {
                System.err.println("run " + run + " of " + plan.runs() + ": base, then this build");
                suiteBase.runOnce(ladder);
                suiteHead.runOnce(ladder);
            }
        }
        options.report(head, options.environment().put("base", base));
        return verdict(LadderTable.rungs(head.rows()), LadderTable.rungs(then.rows()), least) ? 0 : 1;
    }

    /** Prints each rung against the base's. True when all reach {@code least} of it; testpmd's is not ours, and tells of the wire alone. */
    static boolean verdict(List<Row> head, List<Row> base, double least) {
        boolean allReach = true;
        for (Row was : base) {
            String rung = was.param("rung", "");
            double now = head.stream()
                    .filter(row -> row.param("rung", "").equals(rung))
                    .mapToDouble(Row::median)
                    .findFirst()
                    .orElse(0);
            boolean isWire = was.transport().equals(Contender.TESTPMD);
            boolean reaches = now >= least * was.median();
            allReach &= reaches || isWire;
            System.out.printf(
                    Locale.ROOT,
                    "%-4s %.2f  %-22s %s against %s%n",
                    isWire ? "wire" : reaches ? "ok" : "FAIL",
                    now / was.median(),
                    rung,
                    TextTable.number(now),
                    TextTable.number(was.median()));
        }
        if (base.isEmpty()) {
            System.out.println("FAIL the base has no rung that could be measured");
        }
        return allReach && !base.isEmpty();
    }
}
