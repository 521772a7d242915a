package org.ixnet.benchmarks.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An open loop: requests are due at the times of a Poisson process, whatever the server does. A request whose connections
 * are all full waits, and its latency counts from when it was due (coordinated omission corrected). Beside the load one
 * latency client keeps exactly one request under way on a connection of its own. Thread rule: the event loop, which spins.
 */
final class OpenLoad extends Load implements LoadConnection.Owner {

    /**
     * @param requestsPerSecond mean rate; 0: the latency client alone, which measures the unloaded server
     * @param depth requests under way on a connection at most; more wait for a free place
     */
    record Settings(
            double requestsPerSecond, int connections, int depth, Service service, boolean tls, boolean probe) {}

    /** Requests that may wait; when it is full, further ones are counted as unanswered. */
    private static final int BACKLOG = 1 << 18;

    private final Settings settings;
    private final RequestPool requests;
    private final SplittableRandom random = new SplittableRandom(42);
    private final double meanGapNanos;
    private final List<LoadConnection> open = new ArrayList<>();
    private final LoadConnection[] toFlush;
    private int toFlushCount;
    private final long[] backlog = new long[BACKLOG];
    private int backlogHead;
    private int backlogSize;
    private @Nullable LoadConnection prober;
    private double nextDueNanos;
    private int cursor;
    private int connecting;
    private int alive;
    private boolean stopping;
    private long beginNanos;

    OpenLoad(Client client, Settings settings, Workload workload) {
        super(client);
        this.settings = settings;
        this.requests = new RequestPool(workload);
        this.meanGapNanos =
                settings.requestsPerSecond > 0 ? 1e9 / settings.requestsPerSecond : Double.POSITIVE_INFINITY;
        this.toFlush = new LoadConnection[settings.connections + 1];
    }

    @Override
    void start() {
        int wanted = settings.connections + (settings.probe ? 1 : 0);
        for (int i = 0; i < wanted; i++) {
            connecting++;
            int port = settings.service.firstPort();
            LoadConnection connection = new LoadConnection(this, requests, port, settings.depth, settings.tls);
            client.connect(port, true, settings.tls, connection).addListener(done -> {
                connecting--;
                if (done.isSuccess()) {
                    alive++;
                } else {
                    fail(done.cause());
                }
                finishIfDone();
            });
        }
    }

    @Override
    public void ready(LoadConnection connection) {
        if (stopping) {
            connection.reset();
        } else if (settings.probe && prober == null) {
            prober = connection;
        } else {
            open.add(connection);
        }
        if (!stopping && open.size() == settings.connections && (prober != null || !settings.probe)) {
            flow();
        }
    }

    private void flow() {
        nextDueNanos = System.nanoTime();
        drawNextDue();
        client.hook().step(this::step);
        if (prober != null) {
            prober.send(System.nanoTime());
            prober.flush();
        }
        ready();
    }

    private void drawNextDue() {
        // Inverse transform; 1 - u is in (0, 1], so the logarithm is finite.
        nextDueNanos -= meanGapNanos * Math.log(1 - random.nextDouble());
    }

    /** Sends what has become due; runs at the head of every iteration of the loop. */
    private void step() {
        long now = System.nanoTime();
        meter.tick(now);
        while (nextDueNanos <= now) {
            due((long) nextDueNanos);
            drawNextDue();
        }
        for (int i = 0; i < toFlushCount; i++) {
            toFlush[i].listed = false;
            toFlush[i].flush();
        }
        toFlushCount = 0;
    }

    private void due(long dueNanos) {
        for (int tried = 0; tried < open.size(); tried++) {
            cursor = cursor + 1 >= open.size() ? 0 : cursor + 1;
            LoadConnection connection = open.get(cursor);
            if (connection.hasRoom()) {
                connection.send(dueNanos);
                list(connection);
                return;
            }
            if (backlogSize > 0) {
                break; // Others wait already, so nothing is free; do not search once a request.
            }
        }
        if (backlogSize < BACKLOG) {
            backlog[(backlogHead + backlogSize++) & (BACKLOG - 1)] = dueNanos;
        } else {
            // It would have waited for all of the backlog, so at least as long as the first in it has.
            if (isMeasured(dueNanos)) {
                meter.unanswered(System.nanoTime() - backlog[backlogHead]);
            }
        }
    }

    private void list(LoadConnection connection) {
        if (!connection.listed) {
            connection.listed = true;
            toFlush[toFlushCount++] = connection;
        }
    }

    @Override
    public void answered(LoadConnection connection, long dueNanos) {
        long nowNanos = System.nanoTime();
        if (connection == prober) {
            meter.probe(nowNanos - dueNanos);
            if (!stopping) {
                connection.send(nowNanos);
            }
            return;
        }
        meter.message(nowNanos - dueNanos);
        if (backlogSize > 0 && !stopping) {
            connection.send(backlog[backlogHead]);
            backlogHead = (backlogHead + 1) & (BACKLOG - 1);
            backlogSize--;
        }
    }

    @Override
    void begin(long nowNanos) {
        beginNanos = nowNanos;
    }

    @Override
    void end(long nowNanos) {
        for (int i = 0; i < backlogSize; i++) {
            lost(backlog[(backlogHead + i) & (BACKLOG - 1)], nowNanos);
        }
        for (LoadConnection connection : open) {
            for (Request request = connection.oldest(); request != null; request = request.next) {
                lost(request.dueNanos, nowNanos);
            }
        }
    }

    /** A request due in the window, still without an answer. Those of the last moment are young and do no harm. */
    private void lost(long dueNanos, long nowNanos) {
        if (isMeasured(dueNanos)) {
            meter.unanswered(nowNanos - dueNanos);
        }
    }

    private boolean isMeasured(long dueNanos) {
        return beginNanos != 0 && dueNanos >= beginNanos;
    }

    @Override
    public void closed(LoadConnection connection, @Nullable Throwable cause) {
        alive--;
        if (!stopping) {
            fail(cause == null ? new IllegalStateException("a connection was closed") : cause);
        }
        finishIfDone();
    }

    @Override
    void stop() {
        stopping = true;
        client.hook().step(null);
        open.forEach(LoadConnection::reset);
        if (prober != null) {
            prober.reset();
        }
        finishIfDone();
    }

    private void finishIfDone() {
        if (stopping && alive == 0 && connecting == 0) {
            finished();
        }
    }
}
