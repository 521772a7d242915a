package org.ixnet.benchmarks.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Clients that are programs of the distribution on the kernel's TCP: {@code wrk} for HTTP, {@code memcslap} of libmemcached for
 * memcached. This process only starts them, on its core, and reads what they print. Thread rule: main thread.
 */
final class ToolClient {
    private static final double WARMUP_SECONDS = 2;
    private static final int FIRST_OPERATIONS = 500;
    private static final long GRACE_SECONDS = 60;
    private static final Pattern WRK_TOTAL = Pattern.compile("(\\d+) requests in ([\\d.]+)(ms|s|m)");
    private static final Pattern WRK_PERCENTILE = Pattern.compile("(50|90|99)%\\s+([\\d.]+)(us|ms|s)");
    private static final Pattern WRK_ERROR = Pattern.compile("(Socket errors|Non-2xx).*");
    private static final Pattern SLAP_GET = Pattern.compile("Time to get\\s+(\\d+) keys by.*?([\\d.]+) seconds");

    private final String tool;
    private final String host;
    private final AgentOutput out;

    /** @param tool {@code wrk} or {@code memcslap} */
    ToolClient(String tool, String host, AgentOutput out) {
        this.tool = tool;
        this.host = host;
        this.out = out;
    }

    /** Runs commands from {@code in} until it ends. */
    void run(BufferedReader in) throws IOException, InterruptedException {
        out.say(Command.of("ready"));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                Command command = Command.parse(line);
                out.result(tool.equals("wrk") ? wrk(command) : memcslap(command));
            } catch (IOException e) {
                out.failed(e);
            }
        }
    }

    private Map<String, Double> wrk(Command command) throws IOException, InterruptedException {
        int connections = command.integer("connections", 64);
        warmUp(command, () -> {
            String text = wrk(connections, WARMUP_SECONDS);
            return new Round(requests(text), seconds(text));
        });
        out.say(Command.of("begin"));
        String text = wrk(connections, command.number("seconds", 1));
        out.say(Command.of("end"));
        Map<String, Double> result = new TreeMap<>();
        result.put("messages", (double) requests(text));
        result.put("seconds", seconds(text));
        Matcher percentile = WRK_PERCENTILE.matcher(text);
        while (percentile.find()) {
            result.put(
                    "p" + percentile.group(1) + "_us",
                    Double.parseDouble(percentile.group(2)) * micros(percentile.group(3)));
        }
        return result;
    }

    /** One run of the tool. */
    private record Round(long requests, double seconds) {}

    private interface Tool {
        Round run() throws IOException, InterruptedException;
    }

    /** The server has no other load before: run after run, until {@link Settling} has had enough. */
    private static void warmUp(Command command, Tool tool) throws IOException, InterruptedException {
        if (command.number("settle", 0) == 0) {
            return;
        }
        CompilerClock compilers = CompilerClock.of(command);
        Settling settling = Settling.of(command, 0);
        long total = 0;
        Round round;
        do {
            round = tool.run();
            total += round.requests;
        } while (settling.goesOn(total, round.seconds, compilers.wereQuiet(round.seconds)));
    }

    private static long requests(String text) throws IOException {
        return Long.parseLong(find(WRK_TOTAL, text).group(1));
    }

    private static double seconds(String text) throws IOException {
        Matcher total = find(WRK_TOTAL, text);
        return Double.parseDouble(total.group(2)) * micros(total.group(3)) / 1e6;
    }

    /** It knows whole seconds only. */
    private String wrk(int connections, double seconds) throws IOException, InterruptedException {
        String text = run(List.of(
                "wrk",
                "--threads=1",
                "--connections=" + connections,
                "--duration=" + (int) Math.max(1, Math.round(seconds)) + "s",
                "--latency",
                "http://" + host + ":" + Service.HTTP.firstPort() + "/"));
        Matcher error = WRK_ERROR.matcher(text);
        if (error.find()) {
            throw new IOException("wrk: " + error.group());
        }
        return text;
    }

    private static double micros(String unit) {
        return switch (unit) {
            case "us" -> 1;
            case "ms" -> 1e3;
            case "s" -> 1e6;
            default -> 60e6;
        };
    }

    /** It does a number of operations, not a time: the warm-up finds out how many are wanted. */
    private Map<String, Double> memcslap(Command command) throws IOException, InterruptedException {
        int connections = command.integer("connections", 64);
        double seconds = Math.max(1, command.number("seconds", 1));
        int[] wanted = {FIRST_OPERATIONS};
        Tool tool = () -> {
            Matcher get = memcslap(connections, wanted[0]);
            double took = Math.max(Double.parseDouble(get.group(2)), 1e-3);
            wanted[0] = (int) Math.clamp(wanted[0] * seconds / took, FIRST_OPERATIONS, 1 << 20);
            return new Round(Long.parseLong(get.group(1)), took);
        };
        tool.run();
        warmUp(command, tool);
        int operations = wanted[0];
        out.say(Command.of("begin"));
        Matcher get = memcslap(connections, operations);
        out.say(Command.of("end"));
        Map<String, Double> result = new TreeMap<>();
        result.put("messages", Double.valueOf(get.group(1)));
        result.put("seconds", Double.valueOf(get.group(2)));
        // Before the threads begin, one connection sets every key once.
        result.put("messages_before", (double) operations);
        return result;
    }

    private Matcher memcslap(int connections, int operations) throws IOException, InterruptedException {
        return find(
                SLAP_GET,
                run(List.of(
                        "memcslap",
                        "--servers=" + host + ":" + Service.MEMCACHED.firstPort(),
                        "--concurrency=" + connections,
                        "--execute-number=" + operations,
                        "--tcp-nodelay",
                        "--test=get")));
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(command.getFirst() + " failed: " + text.strip());
            }
            return text;
        } finally {
            process.destroyForcibly();
        }
    }

    private static Matcher find(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("no '" + pattern + "' in: " + text.strip());
        }
        return matcher;
    }
}
