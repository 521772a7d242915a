package org.ixnet.benchmarks.session;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.ixnet.benchmarks.agent.Command;
import org.jspecify.annotations.Nullable;

/**
 * A child process that speaks {@link Command} lines. Its other output is kept, the last lines of it, for error messages.
 * Thread rule: the orchestrator's main thread; a reader thread of its own fills the queue.
 */
final class AgentProcess implements AutoCloseable {
    private static final int KEPT_LINES = 40;
    private static final long EXIT_SECONDS = 8;

    private final String name;
    private final Process process;
    private final Writer in;
    private final BlockingQueue<Command> answers = new LinkedBlockingQueue<>();
    private final Deque<String> log = new ArrayDeque<>();

    private AgentProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "reader of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** @param name for messages */
    static AgentProcess start(String name, List<String> command) throws IOException {
        return new AgentProcess(
                name, new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(Command.MARK)) {
                    answers.add(Command.parse(line.substring(Command.MARK.length())));
                } else {
                    keep(line);
                }
            }
        } catch (IOException e) {
            keep(e.toString());
        }
        answers.add(Command.of("ended"));
    }

    private void keep(String line) {
        synchronized (log) {
            log.add(line);
            if (log.size() > KEPT_LINES) {
                log.remove();
            }
        }
    }

    /** The last lines of what it said besides. */
    String log() {
        synchronized (log) {
            return String.join("\n    ", log);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void send(Command command) throws IOException {
        in.write(command + "\n");
        in.flush();
    }

    /**
     * Waits for the answer {@code expected}.
     *
     * @throws IOException when the agent failed, ended, said something else or nothing
     */
    Command await(String expected, double seconds) throws IOException, InterruptedException {
        Command answer = next(expected, seconds);
        if (!answer.name().equals(expected)) {
            throw new IOException(name + " said '" + answer.name() + "', not '" + expected + "'\n    " + log());
        }
        return answer;
    }

    /** Waits for {@code result}, passing over {@code begin} and {@code end}. */
    Command awaitResult(double seconds) throws IOException, InterruptedException {
        Command answer = next("result", seconds);
        return answer.name().equals("begin") || answer.name().equals("end") ? awaitResult(seconds) : answer;
    }

    private Command next(String expected, double seconds) throws IOException, InterruptedException {
        @Nullable Command answer = answers.poll(Math.round(seconds * 1000), TimeUnit.MILLISECONDS);
        if (answer == null) {
            throw new IOException(name + " said no '" + expected + "' within " + seconds + " s\n    " + log());
        }
        if (answer.name().equals("failure")) {
            throw new IOException(name + ": " + answer.text("cause").replace('_', ' '));
        }
        return answer;
    }

    /** The numbers of a {@code result}. */
    static Map<String, Double> numbers(Command result) {
        Map<String, Double> numbers = new TreeMap<>();
        result.arguments().forEach((key, value) -> numbers.put(key, Double.valueOf(value)));
        return numbers;
    }

    /** Stops the process, and what it started, where they stand (SIGSTOP): they use no CPU until {@link #resume}. */
    void suspend() throws IOException {
        signal("STOP");
    }

    /** Lets it go on (SIGCONT). */
    void resume() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name, Long.toString(process.pid())));
        process.descendants().forEach(child -> command.add(Long.toString(child.pid())));
        Shell.run(command);
    }

    /** Ends the process: by the end of its stdin, then by SIGKILL. */
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // It is gone already.
        }
        boolean interrupted = false;
        try {
            if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(EXIT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the process, and what it started, at once. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
