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
 * {@link #poll} is given: no clock is read a message. Thread rule: the elastic thread.
 */
public final class RawClient {
    private final ElasticThread thread;
    private final UserCalls tcp;
    private final Workload workload;
    private final Meter meter;
    private final int depth;
    private final Arena arena = Arena.ofShared();
    private final long[] requestAddress;
    private final List<Connection> connections = new ArrayList<>();
    private long nowNanos;
    private int connected;
    private int alive;
    private long answered;
    private boolean stopping;
    private @Nullable String failure;

    /** @param depth requests under way on each connection, at least 1 */
    public RawClient(ElasticThread thread, Workload workload, Meter meter, int depth) {
        this.thread = thread;
        this.tcp = thread.tcp();
        this.workload = workload;
        this.meter = meter;
        this.depth = depth;
        this.requestAddress = encode();
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

    /**
     * Opens connections; {@link #isReady} says when all stand.
     *
     * @param remoteHi with {@code remoteLo} the server's address
     * @param ports how many ports from {@code firstPort} on the connections are spread over
     */
    public void open(int count, long remoteHi, long remoteLo, int firstPort, int ports) throws IOException {
        TcbOptions options = thread.dataplane().config().tcp().tcbOptions();
        options.noDelay = true;
        for (int i = 0; i < count; i++) {
            Connection connection = new Connection();
            connections.add(connection);
            alive++;
            connection.tcb = tcp.open(0, 0, 0, remoteHi, remoteLo, firstPort + i % ports, options, connection);
        }
    }

    public boolean isReady() {
        return connected == connections.size();
    }

    /** One cycle at {@code now}. Returns the work done. */
    public int poll(long now) {
        nowNanos = now;
        return thread.pollOnce(now);
    }

    /** Requests answered so far. */
    public long answered() {
        return answered;
    }

    /** What went wrong; null when nothing did. */
    public @Nullable String failure() {
        return failure;
    }

    /** How far it came, and the thread's counters that are not 0; for messages. */
    public String diagnosis() {
        StringBuilder text = new StringBuilder(connected + " of " + connections.size() + " connections");
        for (ThreadCounter counter : ThreadCounter.values()) {
            long value = thread.counters().get(counter);
            if (value != 0) {
                text.append(", ").append(counter).append(' ').append(value);
            }
        }
        return text + "; device " + thread.dataplane().device().statistics();
    }

    /** Resets all connections; {@link #isStopped} after some more cycles. */
    public void stop() {
        stopping = true;
        for (Connection connection : connections) {
            if (connection.tcb != null) {
                tcp.abort(connection.tcb);
            }
        }
    }

    public boolean isStopped() {
        return alive == 0;
    }

    /** Frees the requests, after {@link #isStopped}. */
    public void close() {
        arena.close();
    }

    /** A ring of the requests under way, oldest at {@code head}. */
    private final class Connection implements ConnectionUser {
        private @Nullable Tcb tcb;
        private final long[] sentNanos = new long[depth];
        private final int[] request = new int[depth];
        private int head;
        private int outstanding;
        /** Bytes of the oldest answer that came. */
        private int received;

        @Override
        public void connected(Tcb opened) {
            tcb = opened;
            connected++;
            while (outstanding < depth && !stopping) {
                sendNext(opened);
            }
        }

        private void sendNext(Tcb to) {
            int next = workload.next();
            int tail = head + outstanding;
            tail = tail >= depth ? tail - depth : tail;
            sentNanos[tail] = nowNanos;
            request[tail] = next;
            outstanding++;
            int length = workload.requestBytes(next);
            if (tcp.send(to, requestAddress[next], length) < length) {
                failure = "the send buffer holds less than " + depth + " requests";
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
                if (received == 0) {
                    check(workload.responseFirstByte(request[head]), Memory.getByte(address + length - left));
                }
                int taken = Math.min(left, workload.responseBytes(request[head]) - received);
                received += taken;
                left -= taken;
                if (received == workload.responseBytes(request[head])) {
                    answered(from);
                }
            }
        }

        private void answered(Tcb from) {
            answered++;
            meter.message(nowNanos - sentNanos[head]);
            received = 0;
            head = head + 1 == depth ? 0 : head + 1;
            outstanding--;
            if (!stopping) {
                sendNext(from);
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
