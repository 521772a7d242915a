package org.ixnet.benchmarks.agent;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** An agent's answers, one line each. Thread rule: any thread. */
public final class AgentOutput {
    private final PrintStream out;

    AgentOutput(PrintStream out) {
        this.out = out;
    }

    /** Writes {@code line} with the mark that tells it from log output. */
    public void say(Command line) {
        synchronized (out) {
            out.println(Command.MARK + line);
            out.flush();
        }
    }

    /** The figures of a measurement. */
    public void result(Map<String, Double> figures) {
        Command line = Command.of("result");
        for (Map.Entry<String, Double> figure : figures.entrySet()) {
            line = line.with(figure.getKey(), figure.getValue());
        }
        say(line);
    }

    /** Why a command, or the agent, failed. */
    public void failed(Throwable e) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        say(Command.of("failure").with("cause", cause.toString().replaceAll("\\s+", "_")));
    }
}
