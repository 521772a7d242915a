package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ixnet.benchmarks.session.Shell;
import org.jspecify.annotations.Nullable;

/** The git checkout that this program was built from. Thread rule: any thread. */
record Checkout(Path root) {
    private static final long BUILD_MINUTES = 15;

    /** The launcher says where it is (IX_HOME); else it is the one that holds the working directory. */
    static Checkout current() {
        @Nullable String home = System.getenv("IX_HOME");
        if (home != null) {
            return new Checkout(Path.of(home));
        }
        try {
            return new Checkout(
                    Path.of(Shell.run("git", "rev-parse", "--show-toplevel").strip()));
        } catch (IOException e) {
            return new Checkout(Path.of("").toAbsolutePath());
        }
    }

    /** The commit, and whether files differ from it; {@code unknown} outside a checkout. */
    String describe() {
        try {
            boolean clean = git("status", "--porcelain", "--untracked-files=no").isBlank();
            return git("rev-parse", "--short=12", "HEAD").strip() + (clean ? "" : " (changed)");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Whether git knows {@code commit}, by hash, tag or branch. */
    boolean hasCommit(String commit) {
        try {
            git("rev-parse", "--quiet", "--verify", "--end-of-options", commit + "^{commit}");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    String git(String... arguments) throws IOException {
        java.util.ArrayList<String> command = new java.util.ArrayList<>(List.of("git", "-C", root.toString()));
        command.addAll(List.of(arguments));
        return Shell.run(command);
    }

    /** Checks {@code commit} out into {@code directory} and builds it with its own launcher. */
    Checkout buildOther(String commit, Path directory) throws IOException, InterruptedException {
        git("worktree", "add", "--detach", directory.toString(), commit);
        Path log = Files.createTempFile("ix-bench-build", ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", directory.resolve("ix").toString(), "bench", "--help")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.remove("IX_HOME"); // Its launcher finds its own.
        Process build = builder.start();
        build.getOutputStream().close();
        if (!build.waitFor(BUILD_MINUTES, TimeUnit.MINUTES) || build.exitValue() != 0) {
            build.destroyForcibly();
            throw new IOException("commit " + commit + " does not build; see " + log);
        }
        Files.delete(log);
        return new Checkout(directory);
    }

    /** Takes a checkout that {@link #buildOther} made away again. */
    void remove(Checkout other) {
        try {
            git("worktree", "remove", "--force", other.root.toString());
        } catch (IOException e) {
            System.err.println("could not remove " + other.root + ": " + e.getMessage());
        }
    }
}
