package org.ixnet.stack.tcp.script;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Listener;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcbOptions;
import org.ixnet.stack.tcp.TcpConfig;
import org.ixnet.stack.tcp.TcpCounter;
import org.ixnet.stack.util.IpAddresses;
import org.ixnet.stack.wire.Tcp;

/**
 * Drives one {@code TcpLayer} in process under a virtual clock by a script in the manner of packetdrill: a line is
 * {@code [+TIME] statement}; {@code <} injects a segment, {@code >} expects the next one, now (to 1 ms). Sequence and
 * acknowledgment numbers count from each side's ISN, TSval of the host from its first. Everything else is a user call or a
 * check; see {@link #statement}. All data is one pattern, checked wherever it appears. In the end nothing unexpected may
 * have been sent and every mbuf must be home.
 */
public final class Script implements AutoCloseable {
    private static final String HOST = "10.0.0.1";
    private static final String PEER = "10.0.0.2";
    private static final long TOLERANCE_NANOS = 1_000_000;
    private static final int PATTERN_BYTES = 1 << 22;

    private final VirtualLink link;
    public final TestHost host;
    private final RawPeer peer;
    private final long pattern;
    private final int peerIsn;
    private long nowNanos;
    private int lastTrafficClass;

    private final Map<Integer, Flow> flows = new HashMap<>();
    private Flow flow = new Flow(40_000, 80);
    private Listener listener;
    private final TcbOptions options = new TcbOptions();
    private final List<String> log = new ArrayList<>();

    /** One connection of the script. */
    private static final class Flow {
        final int peerPort;
        int hostPort;
        int hostIss;
        int hostTimestamp;
        boolean issKnown;
        boolean timestampKnown;
        Tcb tcb;
        long written;
        long read;
        final List<String> events = new ArrayList<>();

        Flow(int peerPort, int hostPort) {
            this.peerPort = peerPort;
            this.hostPort = hostPort;
        }
    }

    private final class User implements ConnectionUser {
        private final Flow flow;

        User(Flow flow) {
            this.flow = flow;
        }

        @Override
        public void connected(Tcb tcb) {
            flow.events.add("connected");
        }

        @Override
        public void readable(Tcb tcb) {
            flow.events.add("readable");
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {
            flow.events.add("sent " + ackedBytes);
        }

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            if (reason == DeathReason.RESET_BY_PEER) {
                takeUnread(tcb);
            }
            flow.events.add("dead " + reason);
        }

        /** What came before the end and was not read. */
        private void takeUnread(Tcb tcb) {
            int bytes = 0;
            long mbuf;
            while ((mbuf = host.calls().receive(tcb)) != 0) {
                bytes += Mbuf.payloadLengthBytes(mbuf);
                host.mempool.free(mbuf);
            }
            if (bytes > 0) {
                flow.events.add("unread " + bytes);
            }
        }
    }

    public Script() {
        this(TcpConfig.DEFAULT, 1_000_000, 10_000_000_000L);
    }

    /**
     * @param peerIsn near 2^32 to try the wrap of what is received
     * @param startNanos the clock's origin; sequence numbers and timestamps of the host follow it
     */
    public Script(TcpConfig config, int peerIsn, long startNanos) {
        this.peerIsn = peerIsn;
        this.nowNanos = startNanos;
        link = new VirtualLink(
                VirtualLink.End.of("host", 0x02_00_00_00_00_01L),
                VirtualLink.End.of("peer", 0x02_00_00_00_00_02L),
                () -> nowNanos,
                1);
        host = new TestHost(link.a(), HOST, config, 7, startNanos);
        peer = new RawPeer(link.b(), link.a().macAddress(), PEER, HOST);
        MemorySegment memory = host.arena.allocate(PATTERN_BYTES);
        for (int i = 0; i < PATTERN_BYTES; i++) {
            memory.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, patternByte(i));
        }
        pattern = memory.address();
        flows.put(0, flow);
    }

    private static byte patternByte(long offset) {
        return (byte) (offset * 31 + (offset >> 8));
    }

    /** Runs a script and all final checks. */
    public static void run(String script) {
        try (Script s = new Script()) {
            s.play(script);
            s.finish();
        }
    }

    /** Runs lines; more may follow. */
    public Script play(String script) {
        int number = 0;
        for (String raw : script.split("\n")) {
            number++;
            String line = raw.contains("#") ? raw.substring(0, raw.indexOf('#')).trim() : raw.trim();
            if (line.isEmpty()) {
                continue;
            }
            try {
                line(line);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "script line " + number + ": " + line + "\n  " + e.getMessage() + "\n  so far:\n    "
                                + String.join("\n    ", log.subList(Math.max(0, log.size() - 30), log.size())),
                        e);
            }
        }
        return this;
    }

    private void line(String line) {
        String statement = line;
        long target = nowNanos;
        if (line.startsWith("+")) {
            int space = line.indexOf(' ');
            target += nanos(line.substring(1, space));
            statement = line.substring(space + 1).trim();
            advanceTo(target);
        }
        if (statement.startsWith(">") && peer.received.isEmpty()) {
            advanceTo(target + TOLERANCE_NANOS / 2); // timers are up to a tick late
        }
        log.add(String.format("%.6f %s", nowNanos / 1e9, statement));
        statement(statement);
    }

    private static long nanos(String text) {
        double unit = text.endsWith("us") ? 1e3 : text.endsWith("ms") ? 1e6 : 1e9;
        return Math.round(Double.parseDouble(text.replaceAll("[a-z]+$", "")) * unit);
    }

    private void advanceTo(long target) {
        settle();
        while (true) {
            long next = Math.min(host.timers.nextDeadlineNanos(), link.nextArrivalNanos());
            if (next > target) {
                break;
            }
            nowNanos = Math.max(next, nowNanos + 1);
            settle();
        }
        nowNanos = Math.max(nowNanos, target);
        settle();
    }

    private void settle() {
        for (int i = 0; i < 10_000; i++) {
            if (host.poll(nowNanos) + peer.poll(nowNanos) == 0) {
                return;
            }
        }
        throw new AssertionError("the stack does not come to rest");
    }

    private void statement(String statement) {
        boolean settles = !statement.startsWith("& "); // with the next one in a cycle
        statement(settles ? statement : statement.substring(2).trim(), settles);
    }

    private void statement(String statement, boolean settles) {
        String[] words = statement.split("\\s+");
        switch (words[0]) {
            case "<" -> inject(statement.substring(1));
            case ">" -> expect(statement.substring(1));
            case "set" -> set(options, words[1]);
            case "option" -> {
                set(flow.tcb.options(), words[1]);
                host.calls().optionsChanged(flow.tcb);
            }
            case "conn" -> {
                int n = Integer.parseInt(words[1]);
                flow = flows.computeIfAbsent(n, k -> new Flow(40_000 + k, 80));
            }
            case "listen" -> listen(words.length > 1 ? Integer.parseInt(words[1]) : 16);
            case "passive" -> passive(words[1]);
            case "active" -> active(words[1]);
            case "unlisten" -> host.calls().close(listener);
            case "accept" -> {
                flow.tcb = host.calls().accept(listener);
                check(flow.tcb != null, "nothing to accept");
                host.calls().attach(flow.tcb, new User(flow));
            }
            case "accept-none" -> check(host.calls().accept(listener) == null, "something to accept");
            case "connect" -> connect(words.length > 1 ? Integer.parseInt(words[1]) : 0);
            case "write" -> write(Integer.parseInt(words[1]), words.length > 3 ? Integer.parseInt(words[3]) : -1);
            case "offer" ->
                flow.written += host.calls().send(flow.tcb, pattern + flow.written, Integer.parseInt(words[1]));
            case "read" -> read(Integer.parseInt(words[1]));
            case "take" -> take(Integer.parseInt(words[1]));
            case "done" -> host.calls().receiveDone(flow.tcb, Integer.parseInt(words[1]));
            case "finished" -> check(host.calls().receiveFinished(flow.tcb), "no end of stream");
            case "close" -> host.calls().close(flow.tcb);
            case "shutdown" -> host.calls().shutdownOutput(flow.tcb);
            case "abort" -> host.calls().abort(flow.tcb);
            case "event" -> {
                String event = statement.substring(6).trim();
                check(flow.events.remove(event), "no event " + event + " in " + flow.events);
            }
            case "noevent" -> {
                String event = statement.substring(8).trim();
                check(flow.events.stream().noneMatch(e -> e.startsWith(event)), "event " + flow.events);
            }
            case "state" -> check(flow.tcb.state().name().equals(words[1]), "state is " + flow.tcb.state());
            case "timer" -> check(flow.tcb.isArmed() == words[1].equals("armed"), "armed: " + flow.tcb.isArmed());
            case "cwnd" -> {
                long cwnd = host.calls().info(flow.tcb).congestionWindowBytes();
                check(cwnd == Long.parseLong(words[1]), "cwnd is " + cwnd);
            }
            case "sendto" -> peer.sendTo(words[1]);
            case "tos" -> check(lastTrafficClass == Integer.decode(words[1]), "it was " + lastTrafficClass);
            case "timewaits" -> check(host.tcp.timeWaits() == Integer.parseInt(words[1]), "" + host.tcp.timeWaits());
            case "requests" -> check(host.tcp.synRequests() == Integer.parseInt(words[1]), "" + host.tcp.synRequests());
            case "connections" ->
                check(host.tcp.connections() == Integer.parseInt(words[1]), "" + host.tcp.connections());
            case "count" -> {
                long count = host.tcp.counters().get(TcpCounter.valueOf(words[1]));
                check(count == Long.parseLong(words[2]), words[1] + " is " + count);
            }
            case "icmp" ->
                peer.sendIcmp(
                        Integer.parseInt(words[1]),
                        Integer.parseInt(words[2]),
                        Integer.parseInt(words[3]),
                        flow.hostPort,
                        flow.peerPort,
                        flow.hostIss + Integer.parseInt(words[4]));
            case "drain" -> peer.received.clear();
            case "silence" -> check(peer.received.isEmpty(), "unexpected " + describeNext());
            default -> throw new IllegalArgumentException("unknown statement " + words[0]);
        }
        if (settles) {
            settle();
        }
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    private static void set(TcbOptions options, String assignment) {
        String[] sides = assignment.split("=");
        switch (sides[0]) {
            case "noDelay" -> options.noDelay = Boolean.parseBoolean(sides[1]);
            case "cork" -> options.cork = Boolean.parseBoolean(sides[1]);
            case "tos" -> options.trafficClass = Integer.decode(sides[1]);
            case "quickAck" -> options.quickAck = Boolean.parseBoolean(sides[1]);
            case "keepAlive" -> options.keepAlive = Boolean.parseBoolean(sides[1]);
            case "keepIdle" -> options.keepIdleNanos = nanos(sides[1]);
            case "keepInterval" -> options.keepIntervalNanos = nanos(sides[1]);
            case "keepCount" -> options.keepCount = Integer.parseInt(sides[1]);
            case "userTimeout" -> options.userTimeoutNanos = nanos(sides[1]);
            case "sendBuffer" -> options.sendBufferBytes = Integer.parseInt(sides[1]);
            case "receiveBuffer" -> options.receiveBufferBytes = Integer.parseInt(sides[1]);
            case "notSentLowWater" -> options.notSentLowWaterBytes = Integer.parseInt(sides[1]);
            default -> throw new IllegalArgumentException("option " + sides[0]);
        }
    }

    private void listen(int backlog) {
        try {
            listener = host.calls().listen(0, 0, 80, backlog, options, l -> log.add("knock"));
        } catch (java.net.BindException e) {
            throw new AssertionError(e);
        }
    }

    /** A connection that the peer opened, with an MSS of 1000: {@code plain}, {@code sack} (and scaling), {@code ts} (and all). */
    private void passive(String kind) {
        if (listener == null) {
            line("listen");
        }
        switch (kind) {
            case "plain" -> {
                line("< S 0:0(0) win 65535 <mss 1000>");
                line("> S. 0:0(0) ack 1 <mss 1460>");
                line("< . 1:1(0) ack 1 win 65535");
            }
            case "sack" -> {
                line("< S 0:0(0) win 65535 <mss 1000,sackOK,nop,wscale 7>");
                line("> S. 0:0(0) ack 1 <mss 1460,sackOK,wscale 7>");
                line("< . 1:1(0) ack 1 win 512");
            }
            case "ts" -> {
                line("< S 0:0(0) win 65535 <mss 1012,sackOK,TS 100 0,nop,wscale 7>");
                line("> S. 0:0(0) ack 1 <mss 1460,sackOK,TS 0 100,wscale 7>");
                line("< . 1:1(0) ack 1 win 512 <nop,nop,TS 100 0>");
            }
            default -> throw new IllegalArgumentException(kind);
        }
        line("accept");
    }

    /** The same, opened by the host. */
    private void active(String kind) {
        line("connect");
        line("> S 0:0(0) ack 0 <mss 1460,sackOK,TS 0 0,wscale 7>");
        switch (kind) {
            case "plain" -> {
                line("< S. 0:0(0) ack 1 win 65535 <mss 1000>");
                line("> . 1:1(0) ack 1 <>");
            }
            case "sack" -> {
                line("< S. 0:0(0) ack 1 win 65535 <mss 1000,sackOK,nop,wscale 7>");
                line("> . 1:1(0) ack 1 <>");
            }
            case "ts" -> {
                line("< S. 0:0(0) ack 1 win 65535 <mss 1012,sackOK,TS 100 0,nop,wscale 7>");
                line("> . 1:1(0) ack 1 <TS 0 100>");
            }
            default -> throw new IllegalArgumentException(kind);
        }
        line("event connected");
    }

    private void connect(int localPort) {
        try {
            flow.hostPort = localPort;
            flow.tcb = host.calls()
                    .open(
                            0,
                            0,
                            localPort,
                            0,
                            IpAddresses.parseIpv4(PEER),
                            flow.peerPort,
                            options.copy(),
                            new User(flow));
            flow.hostPort = flow.tcb.localPort();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private void write(int length, int expected) {
        int accepted = host.calls().send(flow.tcb, pattern + flow.written, length);
        flow.written += accepted;
        check(accepted == (expected < 0 ? length : expected), "accepted " + accepted);
    }

    private void take(int length) {
        int taken = 0;
        while (taken < length) {
            long mbuf = host.calls().receive(flow.tcb);
            check(mbuf != 0, "only " + taken + " bytes to read");
            int bytes = Mbuf.payloadLengthBytes(mbuf);
            long address = Mbuf.payloadAddress(mbuf);
            for (int i = 0; i < bytes; i++) {
                check(Memory.getByte(address + i) == patternByte(flow.read + i), "data differs at " + (flow.read + i));
            }
            flow.read += bytes;
            taken += bytes;
            host.mempool.free(mbuf);
        }
        check(taken == length, "mbufs hold " + taken + " bytes");
    }

    private void read(int length) {
        take(length);
        host.calls().receiveDone(flow.tcb, length);
    }

    private void inject(String text) {
        SegmentText segment = SegmentText.parse(text);
        byte[] data = new byte[segment.length()];
        for (int i = 0; i < data.length; i++) {
            data[i] = patternByte(segment.sequence() - 1 + i);
        }
        peer.sendTcp(
                flow.peerPort,
                flow.hostPort,
                peerIsn + (int) segment.sequence(),
                segment.ack() == null ? 0 : flow.hostIss + (int) (long) segment.ack(),
                segment.flags(),
                segment.window() == null ? 65_535 : segment.window(),
                segment.options() == null
                        ? new byte[0]
                        : SegmentText.encode(segment.options(), flow.hostTimestamp, flow.hostIss),
                data,
                segment.checksumError());
    }

    private void expect(String text) {
        SegmentText expected = SegmentText.parse(text);
        RawPeer.Packet packet = peer.received.poll();
        check(packet != null, "no segment came");
        check(packet.destinationPort() == flow.peerPort, "it went to port " + packet.destinationPort());
        lastTrafficClass = packet.trafficClass();
        check(packet.identifier() == 0, "identifier " + packet.identifier()); // RFC 6864, 4.1: atomic
        String actual = describe(packet);
        log.add("    got > " + actual);
        boolean matches = packet.flags() == expected.flags()
                && packet.sequence() - flow.hostIss == (int) expected.sequence()
                && packet.text().length == expected.length()
                && (expected.ack() == null
                        || packet.acknowledgment() - ((packet.flags() & Tcp.ACK) == 0 ? 0 : peerIsn)
                                == (int) (long) expected.ack())
                && (expected.window() == null || packet.window() == expected.window())
                && expected.optionsMatch(SegmentText.decode(packet.options(), flow.hostTimestamp, peerIsn));
        check(matches, "got " + actual);
        check(
                Math.abs(packet.timeNanos() - nowNanos) <= TOLERANCE_NANOS,
                "it came " + (nowNanos - packet.timeNanos()) / 1000 + " us before");
        for (int i = 0; i < packet.text().length; i++) {
            check(packet.text()[i] == patternByte(expected.sequence() - 1 + i), "data differs at " + i);
        }
    }

    private String describe(RawPeer.Packet packet) {
        if (!flow.issKnown && (packet.flags() & Tcp.SYN) != 0) {
            flow.issKnown = true;
            flow.hostIss = packet.sequence();
        }
        if (!flow.timestampKnown) {
            List<String> options = SegmentText.decode(packet.options(), 0, 0);
            for (String option : options) {
                if (option.startsWith("TS ")) {
                    flow.timestampKnown = true;
                    flow.hostTimestamp = Integer.parseInt(option.split(" ")[1]);
                }
            }
        }
        int sequence = packet.sequence() - flow.hostIss;
        int length = packet.text().length;
        return String.format(
                "%s %d:%d(%d) ack %d win %d <%s> at %.6f",
                SegmentText.flagsText(packet.flags()),
                sequence,
                sequence + length,
                length,
                packet.acknowledgment() - ((packet.flags() & Tcp.ACK) == 0 ? 0 : peerIsn),
                packet.window(),
                String.join(",", SegmentText.decode(packet.options(), flow.hostTimestamp, peerIsn)),
                packet.timeNanos() / 1e9);
    }

    private String describeNext() {
        return peer.received.isEmpty() ? "nothing" : describe(peer.received.peek());
    }

    /** The connection that the script is at. */
    public Tcb tcb() {
        return flow.tcb;
    }

    public long nowNanos() {
        return nowNanos;
    }

    /** Nothing more was sent; after everything is ended no mbuf is missing and no timer runs. */
    public void finish() {
        check(peer.received.isEmpty(), "after the end came " + describeNext());
        host.tcp.abortAll(nowNanos);
        settle();
        check(host.mbufsOut() == 0, host.mbufsOut() + " mbufs are missing");
        check(host.tcp.connections() == 0, host.tcp.connections() + " connections are left");
        check(host.tcp.reassemblyMbufs() == 0, "mbufs in reassembly");
        check(host.tcp.orphans() == 0, "orphans");
    }

    @Override
    public void close() {
        host.close();
        peer.close();
        link.close();
    }
}
