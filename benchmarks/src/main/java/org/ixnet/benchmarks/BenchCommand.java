package org.ixnet.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.ixnet.benchmarks.experiment.Experiment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A sub-command that runs experiments and reports. Thread rule: main thread. */
@Command(mixinStandardHelpOptions = true, showDefaultValues = true)
final class BenchCommand implements Callable<Integer> {
    private final List<Experiment> experiments;

    @Mixin
    private SuiteOptions options = new SuiteOptions();

    BenchCommand(List<Experiment> experiments) {
        this.experiments = experiments;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        return options.run(experiments);
    }
}
