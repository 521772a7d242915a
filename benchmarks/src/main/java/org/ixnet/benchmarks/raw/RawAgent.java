package org.ixnet.benchmarks.raw;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.ixnet.benchmarks.agent.AgentOutput;
import org.ixnet.benchmarks.agent.CacheProfile;
import org.ixnet.benchmarks.agent.Command;
import org.ixnet.benchmarks.agent.CompilerClock;
import org.ixnet.benchmarks.agent.EchoWorkload;
import org.ixnet.benchmarks.agent.Meter;
import org.ixnet.benchmarks.agent.ProcessFigures;
import org.ixnet.benchmarks.agent.Service;
import org.ixnet.benchmarks.agent.Settling;
import org.ixnet.benchmarks.agent.Workload;
import org.ixnet.benchmarks.agent.Workloads;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.util.IpAddresses;

/**
 * The roles below Netty: {@code reflector} and {@code l2} on a bare device, {@code raw-server} and {@code raw-client}
 * on an elastic thread. Servers poll on a thread of their own; clients poll on the main thread while a command runs. Thread
 * rule: main thread.
 */
public final class RawAgent {
    private static final double READY_SECONDS = 10;
    /** For each connection, at most. */
    private static final long RESET_NANOS = 100_000;

    private final Command start;
    private final BufferedReader in;
    private final AgentOutput out;

    /** @param start role and settings */
    public RawAgent(Command start, BufferedReader in, AgentOutput out) {
        this.start = start;
        this.in = in;
        this.out = out;
    }

    /** Whether {@code role} is one of these. */
    public static boolean hasRole(String role) {
        return switch (role) {
            case "reflector", "l2", "raw-server", "raw-client" -> true;
            default -> false;
        };
    }

    /** Serves or generates until stdin ends. */
    public void run() throws Exception {
        switch (start.name()) {
            case "reflector" -> reflect();
            case "l2" -> generateFrames();
            case "raw-server" -> serveTcp();
            default -> generateTcp();
        }
    }

    private void reflect() throws Exception {
        try (Device device = BareDevice.open(start, "server")) {
            L2Reflector reflector = new L2Reflector(device.queue(0), device.mbufStore());
            serve(() -> reflector::poll, () -> {});
            reflector.close();
        }
    }

    private void serveTcp() throws Exception {
        Dataplane dataplane = Dataplane.acquire(IxConfig.fromSystemProperties());
        ElasticThread[] attached = new ElasticThread[1];
        serve(
                () -> {
                    ElasticThread thread = dataplane.attach(() -> {});
                    attached[0] = thread;
                    RawEchoServer server = new RawEchoServer(thread);
                    for (int i = 0; i < Service.ECHO.ports(); i++) {
                        server.listen(Service.ECHO.firstPort() + i);
                    }
                    return () -> thread.pollOnce(System.nanoTime());
                },
                () -> attached[0].detach());
        dataplane.release();
    }

    /** Makes what a server thread polls, on that thread. */
    private interface Setup {
        Runnable make() throws IOException;
    }

    private void serve(Setup setup, Runnable lastStep) throws IOException, InterruptedException {
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicBoolean failed = new AtomicBoolean();
        Thread thread = new Thread(
                () -> {
                    try {
                        Runnable step = setup.make();
                        out.say(Command.of("ready"));
                        while (!stopped.getPlain() || !stopped.get()) {
                            step.run();
                        }
                        lastStep.run();
                    } catch (Exception | Error e) {
                        failed.set(true);
                        out.failed(e);
                    }
                },
                "server");
        thread.start();
        for (String line = in.readLine(); line != null && !failed.get(); line = in.readLine()) {
            Map<String, Double> figures = new TreeMap<>();
            ProcessFigures.now(thread.threadId()).put(figures);
            out.result(figures);
        }
        stopped.set(true);
        thread.join();
    }

    private void generateFrames() throws Exception {
        try (Device device = BareDevice.open(start, "client")) {
            out.say(Command.of("ready"));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Command command = Command.parse(line);
                L2Generator generator =
                        new L2Generator(device, command.integer("in_flight", 32), command.integer("size", 64));
                out.result(generate(command, generator));
                generator.close();
            }
        }
    }

    private Map<String, Double> generate(Command command, L2Generator generator) {
        double settledSeconds = warmUp(command, generator::poll, generator::frames);
        out.say(Command.of("begin"));
        long before = generator.frames();
        long begin = System.nanoTime();
        pollFor(command.number("seconds", 1), generator::poll);
        long end = System.nanoTime();
        long frames = generator.frames() - before;
        out.say(Command.of("end"));
        return Map.of("frames", (double) frames, "seconds", (end - begin) / 1e9, "settled_seconds", settledSeconds);
    }

    /** As {@link Settling} says. Returns how long it took, seconds; 0 when the load was not the first. */
    private static double warmUp(Command command, Poll poll, LongSupplier total) {
        CompilerClock compilers = CompilerClock.of(command);
        Settling settling = Settling.of(command, total.getAsLong());
        double window = settling.windowSeconds();
        do {
            pollFor(window, poll);
        } while (settling.goesOn(total.getAsLong(), window, compilers.wereQuiet(window)));
        return settling.settledSeconds();
    }

    private interface Poll {
        void at(long nowNanos);
    }

    private static void pollFor(double seconds, Poll poll) {
        long end = System.nanoTime() + Math.round(seconds * 1e9);
        long now = System.nanoTime();
        while (now - end < 0) {
            poll.at(now);
            now = System.nanoTime();
        }
    }

    private void generateTcp() throws Exception {
        Dataplane dataplane = Dataplane.acquire(IxConfig.fromSystemProperties());
        ElasticThread thread = dataplane.attach(() -> {});
        // The cache's first requests fill the server, so its workload lasts as long as this process.
        Workload etc = Workloads.cache(CacheProfile.ETC);
        Workload usr = Workloads.cache(CacheProfile.USR);
        out.say(Command.of("ready"));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Command command = Command.parse(line);
            try {
                Workload workload = switch (command.text("profile", "")) {
                    case "etc" -> etc;
                    case "usr" -> usr;
                    default -> new EchoWorkload(command.integer("size", 64));
                };
                out.result(generate(command, thread, workload));
            } catch (IOException e) {
                out.failed(e);
            }
        }
        thread.detach();
        dataplane.release();
    }

    private Map<String, Double> generate(Command command, ElasticThread thread, Workload workload) throws IOException {
        Meter meter = new Meter();
        InetAddress host = InetAddress.getByName(start.text("host"));
        Service service = command.text("service", "echo").equals("memcached") ? Service.MEMCACHED : Service.ECHO;
        RawClient.Load load = new RawClient.Load(
                command.integer("connections", 1), command.integer("depth", 1), command.integer("window", 0));
        RawClient.Target target =
                new RawClient.Target(IpAddresses.hi(host), IpAddresses.lo(host), service.firstPort(), service.ports());
        RawClient client = new RawClient(thread, workload, meter, load, target);
        Map<String, Double> result = new TreeMap<>();
        try {
            await(client);
            double settledSeconds = warmUp(command, client::poll, () -> {
                meter.begin(System.nanoTime()); // The first messages of a window take branches of their own.
                return client.answered();
            });
            ProcessFigures before = ProcessFigures.now(Thread.currentThread().threadId());
            out.say(Command.of("begin"));
            meter.begin(System.nanoTime());
            pollUntilAnswered(client, command.integer("stop_after", 0));
            pollFor(command.number("seconds", 1), client::poll);
            meter.end(System.nanoTime());
            out.say(Command.of("end"));
            result.putAll(meter.result());
            result.put("settled_seconds", settledSeconds);
            ProcessFigures.now(Thread.currentThread().threadId()).putDifference(before, result);
            if (client.failure() != null) {
                throw new IOException(client.failure());
            }
        } finally {
            client.stop();
            long end = System.nanoTime() + 1_000_000_000L + load.connections() * RESET_NANOS;
            while (!client.isStopped() && System.nanoTime() - end < 0) {
                client.poll(System.nanoTime());
            }
            pollFor(0.01, client::poll); // The last resets leave.
            client.close();
        }
        return result;
    }

    /** Fills the cache, for example. */
    private static void pollUntilAnswered(RawClient client, int count) throws IOException {
        long end = System.nanoTime() + Math.round(READY_SECONDS * 1e9);
        while (client.answered() < count && client.failure() == null) {
            client.poll(System.nanoTime());
            if (System.nanoTime() - end > 0) {
                throw new IOException("only " + client.answered() + " of " + count + " requests were answered");
            }
        }
    }

    /** Until all connections stand; many take their time, as long as there are more of them. */
    private static void await(RawClient client) throws IOException {
        int connected = -1;
        long progressed = 0;
        while (!client.isReady()) {
            long now = System.nanoTime();
            client.poll(now);
            if (client.connected() != connected) {
                connected = client.connected();
                progressed = now;
            }
            if (client.failure() != null) {
                throw new IOException(client.failure());
            }
            if (now - progressed > READY_SECONDS * 1e9) {
                throw new IOException("no further connection in " + READY_SECONDS + " s; " + client.diagnosis());
            }
        }
    }
}
