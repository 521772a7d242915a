package org.ixnet.benchmarks;

import java.util.Arrays;
import java.util.List;
import org.ixnet.benchmarks.agent.Agent;
import org.ixnet.benchmarks.experiment.Experiment;
import org.ixnet.benchmarks.experiment.Ladder;
import org.ixnet.benchmarks.experiment.Suite;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ix bench}: the experiments of the IX paper. Thread rule: main thread. */
@Command(
        name = "ix bench",
        description = "The experiments of the IX paper, on one core a side.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "NAME")
public final class Main implements Runnable {
    /** As a shell says it: 128 and SIGINT. */
    private static final int ENDED_BY_CTRL_C = 130;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /** @param arguments name of an experiment and options; {@code agent} starts a measured process */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("agent")) {
            Agent.main(Arrays.copyOfRange(arguments, 1, arguments.length));
            return;
        }
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        for (Experiment experiment : Suite.experiments()) {
            if (experiment instanceof Ladder) {
                commandLine.addSubcommand(new RawCommand());
                continue;
            }
            add(commandLine, experiment.name(), experiment.description(), List.of(experiment));
        }
        commandLine.addSubcommand(new GuardCommand());
        commandLine.addSubcommand(new MicroCommand());
        commandLine.addSubcommand(new FairnessCommand());
        add(commandLine, "all", "everything above, one after the other", Suite.experiments());
        return commandLine.setExecutionExceptionHandler((e, command, result) -> {
            if (e instanceof IllegalArgumentException || e instanceof RefusedException) {
                command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + e.getMessage());
                return 1;
            }
            if (e instanceof InterruptedException) {
                return ENDED_BY_CTRL_C; // the program is ending, and says nothing more
            }
            throw e;
        });
    }

    private static void add(CommandLine to, String name, String description, List<Experiment> experiments) {
        CommandLine subcommand = new CommandLine(new BenchCommand(experiments));
        subcommand.getCommandSpec().usageMessage().description(description.replace("%", "%%")); // a format
        to.addSubcommand(name, subcommand);
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which experiment? one of " + spec.subcommands().keySet());
    }
}
