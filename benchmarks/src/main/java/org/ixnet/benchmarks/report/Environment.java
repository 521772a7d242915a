package org.ixnet.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where and with what the figures were made; printed with every report. Thread rule: any. */
public final class Environment {
    private final Map<String, String> facts = new LinkedHashMap<>();

    private Environment() {}

    /**
     * @param jvmArguments of the measured JVMs
     * @param commit of the project, or {@code unknown}
     */
    public static Environment capture(List<String> jvmArguments, String commit) {
        Environment environment = new Environment();
        environment.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        environment.put("commit", commit);
        environment.put(
                "machine",
                first(Path.of("/proc/cpuinfo"), "model name") + ", "
                        + Runtime.getRuntime().availableProcessors() + " cores, "
                        + first(Path.of("/proc/meminfo"), "MemTotal"));
        environment.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        environment.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        environment.put("jvm flags", String.join(" ", jvmArguments));
        return environment;
    }

    /** Adds a fact of this run, for example its cores. */
    public Environment put(String name, String value) {
        facts.put(name, value);
        return this;
    }

    public Map<String, String> facts() {
        return java.util.Collections.unmodifiableMap(facts);
    }

    /** One line a fact. */
    public String text() {
        StringBuilder out = new StringBuilder();
        facts.forEach((name, value) -> out.append(String.format("%-10s %s%n", name, value)));
        return out.toString();
    }

    private static String first(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(key)) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            // Not Linux, or hidden: the report says unknown.
        }
        return "unknown";
    }
}
