package org.ixnet.benchmarks.session;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.agent.Agent;
import org.jspecify.annotations.Nullable;

/**
 * How to start this program again as an agent: the same Java, the same class or module path. Thread rule: any thread.
 *
 * @param jvmArguments flags of the measured JVMs
 * @param root replaces the directory of this build on the paths, for measuring another commit; null: this build
 */
public record JavaCommand(
        List<String> jvmArguments, @Nullable Rebase root) {
    /**
     * Heap fixed, so that its growth is not measured; the serial collector is the one the JVM itself picks on a single core.
     * The JIT compilers have the nice value -10, so that a polling loop cannot keep half of the core from them: a warm-up ends
     * sooner, and no share of the loop's later slices is theirs.
     */
    public static final List<String> DEFAULT_JVM_ARGUMENTS = jvmArguments("1g");
    /** The pairs of a quick run live side by side. */
    public static final List<String> QUICK_JVM_ARGUMENTS = jvmArguments("256m");

    private static final String MAIN = "org.ixnet.benchmarks.Main";
    private static final String HEAP = "-Xmx";
    private static final double HELLO_SECONDS = 60;

    private static List<String> jvmArguments(String heap) {
        return List.of(
                "-Xms" + heap,
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch",
                "-XX:ThreadPriorityPolicy=1",
                "-XX:CompilerThreadPriority=-10",
                "-Dio.netty.leakDetection.level=disabled");
    }

    /** Paths below {@code from} are taken below {@code to}. */
    public record Rebase(Path from, Path to) {}

    public JavaCommand {
        jvmArguments = List.copyOf(jvmArguments);
    }

    /** The largest heap of an agent, MiB: the last {@code -Xmx}, of {@code moreJvmArguments} or of the usual ones. */
    long heapMebibytes(List<String> moreJvmArguments) {
        long mebibytes = 0;
        for (List<String> flags : List.of(jvmArguments, moreJvmArguments)) {
            for (String flag : flags) {
                if (flag.startsWith(HEAP)) {
                    mebibytes = mebibytes(flag.substring(HEAP.length()));
                }
            }
        }
        return mebibytes;
    }

    /** As the JVM reads it: a number of bytes, or of the unit behind it. */
    private static long mebibytes(String size) {
        int last = size.length() - 1;
        return switch (Character.toLowerCase(size.charAt(last))) {
            case 't' -> Long.parseLong(size.substring(0, last)) << 20;
            case 'g' -> Long.parseLong(size.substring(0, last)) << 10;
            case 'm' -> Long.parseLong(size.substring(0, last));
            case 'k' -> Long.parseLong(size.substring(0, last)) >> 10;
            default -> Long.parseLong(size) >> 20;
        };
    }

    /**
     * Starts an agent that only says that it runs, and returns what Java says when it does not come so far; else nothing.
     *
     * @param moreJvmArguments as of {@link #agent}
     */
    public String complaint(List<String> moreJvmArguments) throws InterruptedException {
        List<String> flags = new ArrayList<>(moreJvmArguments);
        flags.add("-XX:-AlwaysPreTouch"); // It needs no heap.
        List<String> command = agent(flags, Map.of());
        command.add(Agent.HELLO);
        try (AgentProcess process = AgentProcess.start("java", command)) {
            try {
                process.await("ready", HELLO_SECONDS);
                return "";
            } catch (IOException e) {
                String log = process.log();
                return log.isEmpty() ? String.valueOf(e.getMessage()) : log;
            }
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * The command line of an agent; its own arguments follow.
     *
     * @param moreJvmArguments after the usual ones, so that they win
     */
    List<String> agent(List<String> moreJvmArguments, Map<String, String> systemProperties) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith("--")) {
                command.add(argument); // --add-modules, --enable-native-access and their like
            }
        }
        command.addAll(jvmArguments);
        command.addAll(moreJvmArguments);
        systemProperties.forEach((key, value) -> command.add("-D" + key + "=" + value));
        String modulePath = System.getProperty("jdk.module.path");
        String classPath = System.getProperty("java.class.path", "");
        if (modulePath != null) {
            command.add("-p");
            command.add(rebased(modulePath));
        }
        if (!classPath.isEmpty()) {
            command.add("-cp");
            command.add(rebased(classPath));
        }
        String module = System.getProperty("jdk.module.main");
        if (module != null) {
            command.add("-m");
            command.add(module + "/" + MAIN);
        } else {
            command.add(MAIN);
        }
        command.add("agent");
        return command;
    }

    private String rebased(String path) {
        if (root == null) {
            return path;
        }
        List<String> entries = new ArrayList<>();
        for (String entry : path.split(File.pathSeparator)) {
            Path absolute = Path.of(entry).toAbsolutePath().normalize();
            entries.add(
                    absolute.startsWith(root.from)
                            ? root.to.resolve(root.from.relativize(absolute)).toString()
                            : absolute.toString());
        }
        return String.join(File.pathSeparator, entries);
    }
}
