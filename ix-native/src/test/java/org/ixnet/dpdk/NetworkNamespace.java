package org.ixnet.dpdk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace of a test's own, removed when closed. Work runs in it on a thread that has entered it. */
final class NetworkNamespace implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final MethodHandle OPEN = libc(
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SETNS =
            libc("setns", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            libc("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final int CLONE_NEWNET = 0x4000_0000;

    private final String name = "ix-native-" + ProcessHandle.current().pid() + "-" + NEXT.getAndIncrement();

    NetworkNamespace() throws IOException {
        run("ip", "netns", "add", name);
        ip("link", "set", "lo", "up");
    }

    String name() {
        return name;
    }

    /** Runs {@code ip} inside. */
    void ip(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 3];
        command[0] = "ip";
        command[1] = "-n";
        command[2] = name;
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        run(command);
    }

    /** A veth pair inside, both ends up, checksums computed by the sending kernel. */
    void vethPair(String one, String other, int queues) throws IOException {
        String count = Integer.toString(queues);
        ip(
                "link",
                "add",
                one,
                "numrxqueues",
                count,
                "numtxqueues",
                count,
                "type",
                "veth",
                "peer",
                "name",
                other,
                "numrxqueues",
                count,
                "numtxqueues",
                count);
        for (String end : new String[] {one, other}) {
            ip("link", "set", end, "up");
            run("ip", "netns", "exec", name, "ethtool", "-K", end, "tx", "off", "tso", "off", "gso", "off");
            // Nothing but the test's own frames: no router solicitations.
            run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf." + end + ".disable_ipv6=1");
        }
    }

    /** Runs {@code task} on a new platform thread inside and returns its result. */
    <T> T call(Callable<T> task) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().name(name).start(() -> {
            try {
                enter();
                result.complete(task.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            T value = result.get();
            thread.join();
            return value;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    private void enter() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = (int) OPEN.invokeExact(arena.allocateFrom("/run/netns/" + name), 0);
            int rc = (int) SETNS.invokeExact(descriptor, CLONE_NEWNET);
            int closed = (int) CLOSE.invokeExact(descriptor);
            if (rc != 0 || closed != 0) {
                throw new IOException("cannot enter network namespace " + name);
            }
        }
    }

    @Override
    public void close() throws IOException {
        run("ip", "netns", "delete", name);
    }

    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle libc(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type, options);
    }
}
