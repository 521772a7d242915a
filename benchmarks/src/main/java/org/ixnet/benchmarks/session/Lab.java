package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ixnet.benchmarks.agent.SelfSigned;

/**
 * Opens sessions and takes away what is left of them, also after Ctrl-C. Thread rule: the orchestrator's main thread, and
 * the JVM's shutdown hook.
 */
public final class Lab implements AutoCloseable {
    /** By all labs of this process, so that no two sessions have the same name. */
    private static final AtomicInteger OPENED = new AtomicInteger();

    /** Of a process: code, threads, mbufs. */
    private static final long BESIDE_THE_HEAP_MEBIBYTES = 256;
    /** A collector's own tables are so much of the heap: one part in. */
    private static final long COLLECTOR_SHARE = 8;

    private final int serverCore;
    private final int clientCore;
    private final JavaCommand java;
    private final List<Session> open = new ArrayList<>();
    private final Path directory;
    private boolean closed;

    /** @param serverCore and {@code clientCore}: the core of each side, two different ones where there are two */
    public Lab(int serverCore, int clientCore, JavaCommand java) throws IOException, InterruptedException {
        this.serverCore = serverCore;
        this.clientCore = clientCore;
        this.java = java;
        Link.removeStale();
        Scratch.removeStale();
        this.directory = Scratch.directory("keys");
        Runtime.getRuntime().addShutdownHook(new Thread(this::killAll, "takes everything away"));
        SelfSigned.create(keys());
    }

    int serverCore() {
        return serverCore;
    }

    int clientCore() {
        return clientCore;
    }

    /** The key of the TLS servers, made anew for each run of the program. */
    Path keys() {
        return directory.resolve("keys.p12");
    }

    /** See {@link CoreDistance}. */
    public double coreDistanceNanos() throws InterruptedException {
        return CoreDistance.roundTripNanos(serverCore, clientCore);
    }

    JavaCommand java() {
        return java;
    }

    /** What a session of {@code processes} a side will take at most, MiB. */
    public long mebibytes(int processes, List<String> jvmArguments) {
        long heap = java.heapMebibytes(jvmArguments);
        return 2L * processes * (heap + heap / COLLECTOR_SHARE + BESIDE_THE_HEAP_MEBIBYTES);
    }

    /**
     * @param processes on each side, at least 1
     * @param jvmArguments flags after the usual ones
     */
    public Session open(Contender contender, int processes, List<String> jvmArguments)
            throws IOException, InterruptedException {
        String name = ProcessHandle.current().pid() + "-" + OPENED.getAndIncrement();
        return Session.open(contender, this, name, processes, jvmArguments);
    }

    public void close(Session session) {
        session.close();
        forget(session);
    }

    /** Makes a session that will be taken away. */
    interface Opening {
        Session open() throws IOException;
    }

    /**
     * Runs {@code opening} and keeps its session for {@link #killAll}. In the lock, so that the shutdown hook either finds it or
     * keeps it from being made.
     */
    Session register(Opening opening) throws IOException {
        synchronized (open) {
            if (closed) {
                throw new IOException("the program is ending");
            }
            Session session = opening.open();
            open.add(session);
            return session;
        }
    }

    void forget(Session session) {
        synchronized (open) {
            open.remove(session);
        }
    }

    /** Whether the program is ending, by Ctrl-C for example. */
    public boolean isClosed() {
        synchronized (open) {
            return closed;
        }
    }

    private void killAll() {
        List<Session> left;
        synchronized (open) {
            closed = true;
            left = List.copyOf(open);
            open.clear();
        }
        left.forEach(Session::kill);
        Scratch.remove(directory);
    }

    @Override
    public void close() {
        killAll();
    }
}
