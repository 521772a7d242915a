package org.ixnet.benchmarks.experiment;

import java.io.IOException;
import java.util.List;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Session;

/** One experiment. Thread rule: the orchestrator's main thread. */
public interface Experiment {

    /** The sub-command and the {@code bench} of its rows. */
    String name();

    /** One line for the help. */
    String description();

    /** Who takes part; the plan's filters come later. */
    List<Contender> contenders(Plan plan);

    /** Processes a side that {@code contender} needs. */
    default int processes(Contender contender, Plan plan) {
        return 1;
    }

    /** Flags that its JVMs need on top of the usual ones. */
    default List<String> jvmArguments(Contender contender, Plan plan) {
        return List.of();
    }

    /** Measures once: one run of every point. */
    void run(Session session, Plan plan, Recorder recorder) throws IOException, InterruptedException;
}
