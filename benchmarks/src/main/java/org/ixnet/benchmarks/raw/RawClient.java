package org.ixnet.benchmarks.raw;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.benchmarks.agent.Meter;
import org.ixnet.benchmarks.agent.Workload;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.dataplane.ThreadCounter;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcbOptions;
import org.ixnet.stack.tcp.UserCalls;
import org.jspecify.annotations.Nullable;

/**
 * A closed-loop TCP client on the bare stack: the generator that is faster than any server above it. The requests lie off
 * heap, encoded once, and are sent from there. Latency is measured from cycle to cycle, on the time that
 * {@link #poll} is given: no clock is read a message. Either each connection keeps some requests under way, or, with a
 * window, that many are under way over all connections and walk around them, so that all are active. Thread rule: the elastic
 * thread.
 */
public final class RawClient {
    private static final int CONNECTS_AT_ONCE = 128;
    /** More than a transmit queue holds would be lost there, and the server would keep their connections. */
    private static final int RESETS_A_CYCLE = 512;

    private final ElasticThread thread;
    private final UserCalls tcp;
    private final TcbOptions options;
    private final Workload workload;
    private final Meter meter;
    private final Load load;
    private final Target target;
    private final Arena arena = Arena.ofShared();
    private final long[] requestAddress;
    private final List<Connection> connections = new ArrayList<>();
    /** When each request under way was sent, and which it was: a ring of {@code depth} for each connection. */
    private final long[] sentNanos;

    private final int[] request;
    private long nowNanos;
    private int connected;
    private int alive;
    private int reset;
    /** The connection that had the last request of the window. */
    private int cursor;

    private long answered;
    private boolean stopping;
    private @Nullable String failure;

    /**
     * How much is asked.
     *
     * @param connections open at once; 0: none
     * @param depth requests under way on each, at least 1
     * @param window requests under way over all connections; 0: {@code depth} on each
     */
    public record Load(int connections, int depth, int window) {}

    /**
     * Where connections lead.
     *
     * @param addressHi with {@code addressLo} the server's address
     * @param ports how many ports from {@code firstPort} on the connections are spread over
     */
    public record Target(long addressHi, long addressLo, int firstPort, int ports) {}

    public RawClient(ElasticThread thread, Workload workload, Meter meter, Load load, Target target) {
        this.thread = thread;
        this.tcp = thread.tcp();
        this.options = thread.dataplane().config().tcp().tcbOptions();
        options.noDelay = true;
        this.workload = workload;
        this.meter = meter;
        this.load = load;
        this.target = target;
        this.requestAddress = encode();
        this.sentNanos = new long[load.connections * load.depth];
        this.request = new int[load.connections * load.depth];
    }

    private long[] encode() {
        long[] addresses = new long[workload.requests()];
        for (int request = 0; request < addresses.length; request++) {
            int length = workload.requestBytes(request);
            MemorySegment memory = arena.allocate(length, 64);
            byte[] bytes = new byte[length];
            workload.copy(request, bytes);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, length);
            addresses[request] = memory.address();
        }
        return addresses;
    }

    /** Whether all connections stand. */
    public boolean isReady() {
        return connected == load.connections;
    }

    /** Connections that stand, or did. */
    public int connected() {
        return connected;
    }

    /** One cycle at {@code now}, and before it what there is to open or to reset. Returns the work done. */
    public int poll(long now) {
        nowNanos = now;
        if (stopping) {
            resetMore();
        } else if (!isReady()) {
            openMore();
        }
        return thread.pollOnce(now);
    }

    private void openMore() {
        try {
            while (connections.size() < Math.min(load.connections, connected + CONNECTS_AT_ONCE)) {
                int index = connections.size();
                Connection connection = new Connection(index);
                int port = target.firstPort + index % target.ports;
                connection.tcb = tcp.open(0, 0, 0, target.addressHi, target.addressLo, port, options, connection);
                connections.add(connection);
                alive++;
            }
        } catch (IOException e) {
            failure = e.toString();
        }
    }

    private void resetMore() {
        int until = Math.min(connections.size(), reset + RESETS_A_CYCLE);
        while (reset < until) {
            Tcb tcb = connections.get(reset++).tcb;
            if (tcb != null) {
                tcp.abort(tcb);
            }
        }
    }

    private void startNextInTurn() {
        for (int tried = 0; tried < connections.size(); tried++) {
            cursor = cursor + 1 == connections.size() ? 0 : cursor + 1;
            Connection next = connections.get(cursor);
            if (next.tcb != null && next.outstanding < load.depth) {
                next.sendNext(next.tcb);
                return;
            }
        }
    }

    /** Requests answered so far. */
    public long answered() {
        return answered;
    }

    /** Requests sent and not yet answered, over all connections. */
    public int underWay() {
        return connections.stream()
                .mapToInt(connection -> connection.outstanding)
                .sum();
    }

    /** What went wrong; null when nothing did. */
    public @Nullable String failure() {
        return failure;
    }

    /** How far it came, and the thread's counters that are not 0; for messages. */
    public String diagnosis() {
        StringBuilder text = new StringBuilder(connected + " of " + load.connections + " connections");
        for (ThreadCounter counter : ThreadCounter.values()) {
            long value = thread.counters().get(counter);
            if (value != 0) {
                text.append(", ").append(counter).append(' ').append(value);
            }
        }
        return text + "; device " + thread.dataplane().device().statistics();
    }

    /** Resets all connections, some in a cycle; {@link #isStopped} after some more cycles. */
    public void stop() {
        stopping = true;
    }

    public boolean isStopped() {
        return alive == 0;
    }

    /** Frees the requests, after {@link #isStopped}. */
    public void close() {
        arena.close();
    }

    private final class Connection implements ConnectionUser {
        /** Of its ring in {@link #sentNanos} and {@link #request}. */
        private final int base;

        private @Nullable Tcb tcb;
        /** Of the oldest request in the ring. */
        private int head;

        private int outstanding;
        /** Bytes of the oldest answer that came. */
        private int received;

        Connection(int index) {
            base = index * load.depth;
        }

        @Override
        public void connected(Tcb opened) {
            tcb = opened;
            connected++;
            if (load.window == 0) {
                while (outstanding < load.depth && !stopping) {
                    sendNext(opened);
                }
            } else if (isReady()) {
                for (int i = 0; i < load.window; i++) {
                    startNextInTurn();
                }
            }
        }

        private void sendNext(Tcb to) {
            int next = workload.next();
            int tail = head + outstanding;
            int slot = base + (tail >= load.depth ? tail - load.depth : tail);
            sentNanos[slot] = nowNanos;
            request[slot] = next;
            outstanding++;
            int length = workload.requestBytes(next);
            if (tcp.send(to, requestAddress[next], length) < length) {
                failure = "the send buffer holds less than " + load.depth + " requests";
            }
        }

        @Override
        public void readable(Tcb from) {
            for (long mbuf = tcp.receive(from); mbuf != 0; mbuf = tcp.receive(from)) {
                int length = Mbuf.payloadLengthBytes(mbuf);
                take(from, Mbuf.payloadAddress(mbuf), length);
                tcp.receiveDone(from, length);
                thread.mempool().free(mbuf);
            }
        }

        private void take(Tcb from, long address, int length) {
            int left = length;
            while (left > 0) {
                if (outstanding == 0) {
                    failure = left + " bytes more than were asked for";
                    return;
                }
                int oldest = request[base + head];
                if (received == 0) {
                    check(workload.responseFirstByte(oldest), Memory.getByte(address + length - left));
                }
                int taken = Math.min(left, workload.responseBytes(oldest) - received);
                received += taken;
                left -= taken;
                if (received == workload.responseBytes(oldest)) {
                    answered(from);
                }
            }
        }

        private void answered(Tcb from) {
            answered++;
            meter.message(nowNanos - sentNanos[base + head]);
            received = 0;
            head = head + 1 == load.depth ? 0 : head + 1;
            outstanding--;
            if (stopping) {
                return;
            }
            if (load.window == 0) {
                sendNext(from);
            } else {
                startNextInTurn();
            }
        }

        private void check(int expected, byte found) {
            if (expected != found) {
                failure = "the answer begins with '" + (char) found + "', not '" + (char) expected + "'";
            }
        }

        @Override
        public void sent(Tcb to, long ackedBytes) {}

        @Override
        public void dead(Tcb gone, DeathReason reason) {
            alive--;
            tcb = null;
            if (!stopping) {
                failure = "a connection ended: " + reason;
            }
        }
    }
}
