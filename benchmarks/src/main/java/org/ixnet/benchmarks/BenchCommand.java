package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.ixnet.benchmarks.experiment.Experiment;
import org.ixnet.benchmarks.experiment.Plan;
import org.ixnet.benchmarks.experiment.Suite;
import org.ixnet.benchmarks.report.Environment;
import org.ixnet.benchmarks.report.HtmlReport;
import org.ixnet.benchmarks.report.Json;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.report.TextTable;
import org.ixnet.benchmarks.session.JavaCommand;
import org.ixnet.benchmarks.session.Lab;
import org.ixnet.benchmarks.session.Shell;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A sub-command that runs experiments and reports. Thread rule: main thread. */
@Command(mixinStandardHelpOptions = true, showDefaultValues = true)
final class BenchCommand implements Callable<Integer> {
    private final List<Experiment> experiments;

    @Option(names = "--quick", description = "fewer points, shorter windows")
    private boolean quick;

    @Option(names = "--runs", description = "runs of every contender, interleaved; at least 1")
    private int runs = 5;

    @Option(names = "--transport", split = ",", description = "servers wanted: ix, epoll, io_uring, nio, c-memcached")
    private List<String> transports = new ArrayList<>();

    @Option(names = "--wire", split = ",", description = "wires wanted: loopback, veth, memif, af_xdp, tap")
    private List<String> wires = new ArrayList<>();

    @Option(names = "--json", paramLabel = "FILE", description = "write the rows as JSON")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "write a self-contained HTML report")
    private @Nullable Path html;

    @Option(names = "--markdown", paramLabel = "FILE", description = "write the tables as Markdown")
    private @Nullable Path markdown;

    @Option(names = "--server-core", description = "core of the server")
    private int serverCore;

    @Option(names = "--client-core", description = "core of the client")
    private int clientCore = 1;

    @Option(names = "--jvm", paramLabel = "FLAG", description = "a flag for the measured JVMs, after the usual ones")
    private List<String> jvmArguments = new ArrayList<>();

    BenchCommand(List<Experiment> experiments) {
        this.experiments = experiments;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> flags = new ArrayList<>(JavaCommand.DEFAULT_JVM_ARGUMENTS);
        flags.addAll(jvmArguments);
        int cores = Runtime.getRuntime().availableProcessors();
        if (serverCore >= cores || clientCore >= cores) {
            throw new IllegalArgumentException("cores are " + serverCore + " and " + clientCore + "; must be 0.."
                    + (cores - 1) + " (--server-core, --client-core)");
        }
        Environment environment = Environment.capture(flags, commit())
                .put("cores", "server " + serverCore + ", client " + clientCore)
                .put("runs", runs + ", interleaved" + (quick ? ", --quick" : ""));
        System.err.print(environment.text());
        Results results = new Results();
        try (Lab lab = new Lab(serverCore, clientCore, new JavaCommand(flags, null))) {
            new Suite(Plan.of(quick, runs, transports, wires), lab, results, System.err).run(experiments);
        }
        report(results, environment);
        return results.rows().isEmpty() ? 1 : 0;
    }

    private void report(Results results, Environment environment) throws IOException {
        System.out.println(environment.text());
        System.out.print(TextTable.terminal(results));
        if (json != null) {
            Files.writeString(json, Json.write(results.rows()));
        }
        if (html != null) {
            Files.writeString(html, HtmlReport.write(results, environment));
        }
        if (markdown != null) {
            String facts = environment.text().indent(4);
            Files.writeString(markdown, facts + TextTable.markdown(results));
        }
    }

    private static String commit() {
        try {
            String changed = Shell.run("git", "status", "--porcelain", "--untracked-files=no")
                            .isBlank()
                    ? ""
                    : " (changed)";
            return Shell.run("git", "rev-parse", "--short=12", "HEAD").strip() + changed;
        } catch (IOException e) {
            return "unknown";
        }
    }
}
