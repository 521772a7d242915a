package org.ixnet.benchmarks.agent;

import io.netty.channel.ChannelFuture;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A closed loop: each answer lets the next request go. Either every connection keeps {@code depth} requests under way and
 * is closed and opened anew after {@code messagesPerConnection}; or, when {@code window} is given, that many requests are
 * under way over all connections and walk around them, so that all are active. Thread rule: the event loop.
 */
final class ClosedLoad extends Load implements LoadConnection.Owner {

    /**
     * @param connections open at once, at least 1
     * @param depth requests under way on a connection
     * @param messagesPerConnection after which it is closed and opened anew; 0: never
     * @param closeByReset close by RST, else by FIN
     * @param window requests under way over all connections; 0: {@code depth} on each
     * @param stopAfter requests after which the load stops by itself; 0: never
     */
    record Settings(
            int connections,
            int depth,
            int messagesPerConnection,
            boolean closeByReset,
            int window,
            long stopAfter,
            Service service,
            boolean tls) {}

    private static final int CONNECTS_AT_ONCE = 128;
    private static final int RESETS_AT_ONCE = 512;
    private static final int MAX_CONNECT_FAILURES = 1000;
    /**
     * One request in so many is timed: the clock would be a tenth of what a request costs the generator. A prime, so that it
     * is not always the same connections'.
     */
    private static final int TIMED_ONE_IN = 7;

    private final Settings settings;
    private final RequestPool requests;
    private final List<LoadConnection> open = new ArrayList<>();
    private int started;
    private int connecting;
    private int alive;
    private int connectFailures;
    private long sent;
    private long answered;
    private int cursor;
    private int opened;
    private boolean stopping;

    ClosedLoad(Client client, Settings settings, Workload workload) {
        super(client);
        this.settings = settings;
        this.requests = new RequestPool(workload);
    }

    @Override
    void start() {
        connectMore();
    }

    private void connectMore() {
        while (!stopping && started < settings.connections && connecting < CONNECTS_AT_ONCE) {
            int port = settings.service.firstPort() + started % settings.service.ports();
            started++;
            connect(port);
        }
    }

    private void connect(int port) {
        connecting++;
        LoadConnection connection = new LoadConnection(this, requests, port, settings.depth, settings.tls);
        ChannelFuture future = client.connect(port, settings.closeByReset, settings.tls, connection);
        future.addListener(done -> {
            connecting--;
            if (done.isSuccess()) {
                alive++;
            } else {
                connectFailed(port, done.cause());
            }
            connectMore();
            finishIfDone();
        });
    }

    private void connectFailed(int port, Throwable cause) {
        if (++connectFailures > MAX_CONNECT_FAILURES) {
            fail(cause);
        } else if (!stopping) {
            loop.schedule(() -> connect(port), 10, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void ready(LoadConnection connection) {
        if (stopping) {
            connection.reset();
            return;
        }
        connection.index = open.size();
        open.add(connection);
        if (settings.window == 0) {
            for (int i = 0; i < settings.depth && mayStart(connection); i++) {
                start(connection);
            }
            connection.flush();
        }
        // Not all at once: the first may have done its messages, and be closed, before the last one stands.
        if (++opened == settings.connections) {
            ready();
            for (int i = 0; i < Math.min(settings.window, open.size()); i++) {
                startNextInTurn();
            }
        }
    }

    private boolean mayStart(LoadConnection connection) {
        return !stopping
                && (settings.messagesPerConnection == 0 || connection.sent < settings.messagesPerConnection)
                && (settings.stopAfter == 0 || sent < settings.stopAfter);
    }

    private void start(LoadConnection connection) {
        sent++;
        connection.send(sent % TIMED_ONE_IN == 0 ? System.nanoTime() : Request.UNTIMED);
    }

    private void startNextInTurn() {
        for (int tried = 0; tried < open.size(); tried++) {
            cursor = cursor + 1 >= open.size() ? 0 : cursor + 1;
            LoadConnection next = open.get(cursor);
            if (next.hasRoom()) {
                start(next);
                next.flush();
                return;
            }
        }
    }

    @Override
    public void answered(LoadConnection connection, long dueNanos) {
        if (dueNanos == Request.UNTIMED) {
            meter.message();
        } else {
            meter.message(System.nanoTime() - dueNanos);
        }
        answered++;
        if (settings.stopAfter > 0 && answered == settings.stopAfter) {
            fail(new Done());
        } else if (settings.messagesPerConnection > 0 && connection.answered == settings.messagesPerConnection) {
            meter.connection();
            connection.close();
        } else if (settings.window > 0) {
            if (!stopping) {
                startNextInTurn();
            }
        } else if (mayStart(connection)) {
            start(connection);
        }
    }

    @Override
    public void closed(LoadConnection connection, @Nullable Throwable cause) {
        alive--;
        if (!stopping) {
            if (cause != null) {
                fail(cause);
            } else {
                forget(connection);
                connect(connection.port());
            }
        }
        finishIfDone();
    }

    /** Takes a connection off the list; the last one takes its place. */
    private void forget(LoadConnection connection) {
        LoadConnection last = open.removeLast();
        if (last != connection) {
            open.set(connection.index, last);
            last.index = connection.index;
        }
    }

    @Override
    void stop() {
        stopping = true;
        resetMore(List.copyOf(open).iterator());
        finishIfDone();
    }

    /**
     * A few at a time, and the loop polls in between: more than a transmit queue holds would be lost there, and the server would
     * keep their connections; the next load would meet them at the same ports.
     */
    private void resetMore(Iterator<LoadConnection> rest) {
        for (int i = 0; i < RESETS_AT_ONCE && rest.hasNext(); i++) {
            rest.next().reset();
        }
        if (rest.hasNext()) {
            loop.schedule(() -> resetMore(rest), 1, TimeUnit.MILLISECONDS);
        }
    }

    private void finishIfDone() {
        if (stopping && alive == 0 && connecting == 0) {
            finished();
        }
    }

    /** Not a failure: {@link Settings#stopAfter} is reached. */
    static final class Done extends Exception {
        private static final long serialVersionUID = 1L;

        Done() {
            super("all requests were answered", null, false, false);
        }
    }
}
