package org.ixnet.benchmarks;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** JMH over the parts of the hot path, with bytes allocated a call. Thread rule: main thread. */
@Command(
        name = "micro",
        description = "JMH: Toeplitz, checksum, timing wheel, flow table; ns and bytes allocated a call",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class MicroCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", description = "which, as a regular expression")
    private String which = ".*";

    @Option(names = "--quick", description = "one fork, short iterations")
    private boolean quick;

    @Override
    public Integer call() throws RunnerException {
        check(which);
        try (BenchLock _ = BenchLock.take()) {
            run();
        }
        return 0;
    }

    /** @throws IllegalArgumentException when {@code which} names no benchmark, with those that there are */
    static void check(String which) {
        BenchmarkList list = BenchmarkList.defaultList();
        OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        boolean some;
        try {
            some = !list.find(silent, List.of(which), List.of()).isEmpty();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "which is '" + which + "'; must be a regular expression: " + e.getDescription(), e);
        }
        if (!some) {
            String names = list.getAll(silent, List.of()).stream()
                    .map(entry -> entry.getUsername().replaceFirst(".*\\.(?=[^.]+\\.[^.]+$)", ""))
                    .collect(Collectors.joining(", "));
            throw new IllegalArgumentException(
                    "which is '" + which + "'; must be, or match as a regular expression, some of " + names);
        }
    }

    private void run() throws RunnerException {
        useClassPath();
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(which)
                .addProfiler(GCProfiler.class)
                .forks(quick ? 1 : 3)
                .warmupIterations(quick ? 2 : 5)
                .measurementIterations(quick ? 3 : 5)
                .warmupTime(TimeValue.milliseconds(quick ? 300 : 1000))
                .measurementTime(TimeValue.milliseconds(quick ? 300 : 1000))
                .shouldFailOnError(true)
                .jvmArgs(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-Xmx1g");
        new Runner(options.build()).run();
    }

    /** JMH starts its forks with {@code java.class.path}, which is empty when we run from a module path. */
    private static void useClassPath() {
        String modules = System.getProperty("jdk.module.path");
        if (modules == null) {
            return;
        }
        List<String> entries = new ArrayList<>();
        for (String entry : modules.split(File.pathSeparator)) {
            Path path = Path.of(entry);
            boolean jars = Files.isDirectory(path) && !Files.exists(path.resolve("module-info.class"));
            entries.add(jars ? path.resolve("*").toString() : entry);
        }
        System.setProperty("java.class.path", String.join(File.pathSeparator, entries));
    }
}
