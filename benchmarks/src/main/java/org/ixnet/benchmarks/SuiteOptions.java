package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.ixnet.benchmarks.experiment.Experiment;
import org.ixnet.benchmarks.experiment.Plan;
import org.ixnet.benchmarks.experiment.Suite;
import org.ixnet.benchmarks.report.Environment;
import org.ixnet.benchmarks.report.HtmlReport;
import org.ixnet.benchmarks.report.Json;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.report.Summary;
import org.ixnet.benchmarks.report.TextTable;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.IxSettings;
import org.ixnet.benchmarks.session.JavaCommand;
import org.ixnet.benchmarks.session.Lab;
import org.ixnet.benchmarks.session.Wire;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that all experiments share, and what is done with them. Thread rule: main thread. */
final class SuiteOptions {
    private static final int RUNS = 5;
    private static final int QUICK_RUNS = 3;
    /** Of a quick run, which is to take no more than 15 minutes with its end: on a slow machine it has fewer turns. */
    private static final double QUICK_SECONDS = 14.5 * 60;

    @Option(names = "--quick", description = "fewer points and contenders, shorter windows")
    boolean quick;

    @Option(
            names = "--runs",
            description =
                    "runs of every contender, interleaved; at least 1; 5 unless told otherwise, with --quick 3, or as"
                            + " many as end within 15 minutes")
    @Nullable
    Integer runs;

    @Option(
            names = "--fresh",
            description = "a fresh pair of processes for every run, which takes several times as long")
    boolean fresh;

    @Option(names = "--transport", split = ",", description = "servers wanted: ix, epoll, io_uring, nio, c-memcached")
    List<String> transports = new ArrayList<>();

    @Option(names = "--wire", split = ",", description = "wires wanted: loopback, veth, memif, af_xdp, tap")
    List<String> wires = new ArrayList<>();

    @Option(names = "--json", paramLabel = "FILE", description = "write the rows as JSON")
    @Nullable
    Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "write a self-contained HTML report")
    @Nullable
    Path html;

    @Option(names = "--markdown", paramLabel = "FILE", description = "write the tables as Markdown")
    @Nullable
    Path markdown;

    @Option(names = "--server-core", description = "core of the server")
    int serverCore;

    @Option(names = "--client-core", description = "core of the client")
    int clientCore = 1;

    @Option(names = "--jvm", paramLabel = "FLAG", description = "a flag for the measured JVMs, after the usual ones")
    List<String> jvmArguments = new ArrayList<>();

    @Option(names = "--ix", paramLabel = "KEY=VALUE", description = "a setting of every IX end, for example rxBatch=32")
    Map<String, String> settings = new LinkedHashMap<>();

    /** Flags of the measured JVMs. */
    List<String> flags() {
        List<String> flags = new ArrayList<>(usualFlags());
        flags.addAll(jvmArguments);
        settings.forEach((key, value) -> flags.add("-Dix." + key + "=" + value));
        return flags;
    }

    private List<String> usualFlags() {
        return quick ? JavaCommand.QUICK_JVM_ARGUMENTS : JavaCommand.DEFAULT_JVM_ARGUMENTS;
    }

    int runs() {
        return runs != null ? runs : quick ? QUICK_RUNS : RUNS;
    }

    Plan plan() {
        int cores = Runtime.getRuntime().availableProcessors();
        if (serverCore < 0 || serverCore >= cores || clientCore < 0 || clientCore >= cores) {
            throw new IllegalArgumentException("cores are " + serverCore + " and " + clientCore + "; must be 0.."
                    + (cores - 1) + " (--server-core, --client-core)");
        }
        if (serverCore == clientCore) {
            throw new IllegalArgumentException("server and client are both on core " + serverCore
                    + "; must be two cores (--server-core, --client-core)");
        }
        wires.forEach(Wire::of);
        for (String transport : transports) {
            if (!Contender.SERVERS.contains(transport)) {
                throw new IllegalArgumentException("transport is '" + transport + "'; must be one of "
                        + String.join(", ", Contender.SERVERS) + " (--transport)");
            }
        }
        checkFile(json, "json");
        checkFile(html, "html");
        checkFile(markdown, "markdown");
        if (runs() < 1) {
            throw new IllegalArgumentException("runs is " + runs() + "; must be at least 1 (--runs)");
        }
        Plan plan = Plan.of(quick, runs(), fresh, transports, wires);
        return quick && runs == null ? plan.within(QUICK_SECONDS) : plan;
    }

    /**
     * What a typing error may have made of {@code --ix} and {@code --jvm}, for everybody who would be measured.
     *
     * @throws IllegalArgumentException naming the value at fault and what is allowed
     */
    void checkSettings(List<Experiment> experiments, Plan plan) {
        Set<Contender> wanted = new LinkedHashSet<>();
        for (Experiment experiment : experiments) {
            experiment.contenders(plan).stream().filter(plan::wants).forEach(wanted::add);
        }
        IxSettings.check(settings, wanted);
        for (String flag : jvmArguments) {
            if (!flag.startsWith("-")) {
                throw new IllegalArgumentException(
                        "jvm is '" + flag + "'; must be an option of Java, which begins with - (--jvm=-XX:...)");
            }
        }
    }

    /** Starts Java once for each set of flags that it is to be measured with; nothing to do for the usual ones. */
    void checkJvm(List<Experiment> experiments, Plan plan) throws InterruptedException {
        if (jvmArguments.isEmpty()) {
            return;
        }
        Set<List<String>> more = new LinkedHashSet<>();
        for (Experiment experiment : experiments) {
            experiment.contenders(plan).stream()
                    .filter(plan::wants)
                    .forEach(contender -> more.add(experiment.jvmArguments(contender, plan)));
        }
        JavaCommand java = new JavaCommand(flags(), null);
        for (List<String> flags : more) {
            String said = java.complaint(flags);
            if (!said.isEmpty()) {
                throw new IllegalArgumentException("jvm is " + String.join(" ", jvmArguments)
                        + ", with which Java does not start what is measured; must be options that this Java has"
                        + " (java -XX:+PrintFlagsFinal -version) and that go with the usual ones, "
                        + String.join(" ", usualFlags()) + ". It says:\n    " + said);
            }
        }
    }

    /** Before anything is measured: a report that cannot be written is a run in vain. */
    static void checkFile(@Nullable Path file, String option) {
        if (file == null) {
            return;
        }
        Path directory = file.toAbsolutePath().getParent();
        boolean writable = Files.exists(file)
                ? Files.isRegularFile(file) && Files.isWritable(file)
                : directory != null && Files.isDirectory(directory) && Files.isWritable(directory);
        if (!writable) {
            throw new IllegalArgumentException(option + " is " + file
                    + "; must be a file that may be written, in a directory that exists (--" + option + ")");
        }
    }

    /** That nobody is measured is a typing error as well. */
    private static void checkContenders(List<Experiment> experiments, Plan plan) {
        Set<String> all = new TreeSet<>();
        for (Experiment experiment : experiments) {
            for (Contender contender : experiment.contenders(plan)) {
                if (plan.wants(contender)) {
                    return;
                }
                all.add(contender.transport() + " / " + contender.wire().label());
            }
        }
        throw new IllegalArgumentException("nobody has this transport on this wire here; there are "
                + String.join(", ", all) + " (--transport, --wire)");
    }

    Environment environment() {
        return Environment.capture(flags(), Checkout.current().describe())
                .put("cores", "server " + serverCore + ", client " + clientCore)
                .put("runs", runs() + ", interleaved" + (quick ? ", --quick" : ""));
    }

    /** Runs {@code experiments} and reports. Returns the exit code. */
    int run(List<Experiment> experiments) throws IOException, InterruptedException {
        Plan plan = plan();
        checkContenders(experiments, plan);
        checkSettings(experiments, plan);
        try (BenchLock _ = BenchLock.take()) {
            checkJvm(experiments, plan);
            return measure(experiments, plan);
        }
    }

    private int measure(List<Experiment> experiments, Plan plan) throws IOException, InterruptedException {
        Environment environment = environment();
        System.err.print(environment.text());
        Results results = new Results();
        try (Lab lab = new Lab(serverCore, clientCore, new JavaCommand(flags(), null))) {
            Suite suite = new Suite(plan, lab, results, System.err);
            String moreFlags = suite.moreFlags(experiments);
            if (!moreFlags.isEmpty()) {
                environment.put("more flags", moreFlags);
            }
            suite.run(experiments);
            if (suite.leftOut() > 0) {
                environment.put(
                        "left out",
                        suite.leftOut() + " turns of contenders after their first, to end in time; the column runs"
                                + " says how many there are");
            }
            environment.put("distance", suite.coreDistance());
            environment.put("warm-up", suite.warmUp());
        }
        boolean written = report(results, environment);
        return !written || results.rows().isEmpty() || !results.failures().isEmpty() ? 1 : 0;
    }

    /** Prints the report and writes the files that are wanted, each as far as it can be. Returns whether all could. */
    boolean report(Results results, Environment environment) {
        System.out.println(environment.text());
        System.out.print(TextTable.terminal(results));
        System.out.print(Summary.text(results));
        boolean written = write(json, "json", () -> Json.write(results.rowsByPhase()));
        written &= write(html, "html", () -> HtmlReport.write(results, environment));
        written &= write(
                markdown,
                "markdown",
                () -> environment.text().indent(4)
                        + TextTable.markdown(results)
                        + Summary.text(results).indent(4));
        return written;
    }

    /** Writes {@code text} to {@code file}, if there is one. Returns whether it could; if not, says why. */
    static boolean write(@Nullable Path file, String option, Supplier<String> text) {
        if (file == null) {
            return true;
        }
        try {
            Files.writeString(file, text.get());
            return true;
        } catch (IOException e) {
            System.err.println("ix bench: " + option + " is " + file + ", which could not be written: " + e + " (--"
                    + option + ")");
            return false;
        }
    }
}
