package org.ixnet.benchmarks.session;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ixnet.benchmarks.agent.Command;

/**
 * One contender, running: server and client processes on their cores, the wire between them. With several processes a side,
 * for more connections than a process may have descriptors, client i talks to server i and rates add up. Thread rule: the
 * orchestrator's main thread; {@link #kill} also from the shutdown hook.
 */
public final class Session implements AutoCloseable {
    private static final double START_SECONDS = 60;
    private static final double GRACE_SECONDS = 90;
    private static final double REHEARSAL_SECONDS = 0.05;
    /** Messages that take several segments. */
    private static final int LARGE_BYTES = 1448;
    /** Connections whose state leaves the processor's caches. */
    private static final int MANY = 1000;

    private final Contender contender;
    private final Link link;
    private final List<AgentProcess> servers = new ArrayList<>();
    private final List<Long> serverPids = new ArrayList<>();
    private final List<AgentProcess> clients = new ArrayList<>();
    private final Set<String> warm = new HashSet<>();
    private final List<Double> warmUps = new ArrayList<>();
    private boolean suspended;

    private Session(Contender contender, Link link) {
        this.contender = contender;
        this.link = link;
    }

    static Session open(Contender contender, Lab lab, String name, int processes, List<String> jvmArguments)
            throws IOException, InterruptedException {
        Session session = lab.register(() -> new Session(contender, Link.open(contender, name, processes)));
        try {
            for (int i = 0; i < processes; i++) {
                session.startServer(lab, i, jvmArguments);
            }
            for (int i = 0; i < processes; i++) {
                session.startClient(lab, i, jvmArguments);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            session.close();
            lab.forget(session);
            throw e;
        }
        return session;
    }

    private void startServer(Lab lab, int index, List<String> jvmArguments) throws IOException, InterruptedException {
        List<String> command = prefix(Side.SERVER, lab.serverCore());
        String host = link.serverAddress(index);
        switch (contender.transport()) {
            case Contender.C_MEMCACHED ->
                command.addAll(shell(
                        "setpriv --pdeathsig KILL memcached -u root -t 1 -m 256 -c 10000 -l " + host + " -p 11211",
                        "sleep 0.3",
                        "TERM"));
            case Contender.TESTPMD -> command.addAll(testpmd(lab.serverCore()));
            default -> {
                command.addAll(lab.java().agent(jvmArguments, properties(Side.SERVER)));
                String transport = contender.transport();
                command.addAll(
                        switch (transport) {
                            case Contender.REFLECTOR -> List.of("reflector", bareDevice(Side.SERVER));
                            case Contender.RAW -> List.of("raw-server");
                            default ->
                                List.of("server", "transport=" + transport, "host=" + host, "keys=" + lab.keys());
                        });
            }
        }
        AgentProcess server = AgentProcess.start("server " + contender, command);
        servers.add(server);
        Command ready = server.await("ready", START_SECONDS);
        serverPids.add(contender.isAgent() ? Long.valueOf(server.pid()) : Long.valueOf(ready.text("pid")));
    }

    /** A shell that runs a server which does not know our commands, and ends it when stdin ends, as agents end themselves. */
    private static List<String> shell(String server, String untilReady, String signal) {
        return List.of(
                "sh",
                "-c",
                server + " & p=$!; " + untilReady + "; kill -0 $p || exit 1; echo '" + Command.MARK + "ready pid='$p;"
                        + " while read line; do :; done; kill -" + signal + " $p; wait $p");
    }

    private List<String> testpmd(int core) {
        String vdev;
        String isReady;
        if (contender.wire() == Wire.MEMIF) {
            vdev = "net_memif0,role=server,socket=" + link.socket() + ",socket-abstract=no,rsize=10";
            isReady = "[ -e " + link.socket() + " ]";
        } else {
            String name = link.interfaceName(Side.SERVER);
            vdev = "net_af_xdp0,iface=" + name;
            isReady = "ip link show " + name + " | grep -q xdp";
        }
        // testpmd wants a second lcore for its command line, which sleeps; both on the same core. It ends with its
        // stdin.
        String server =
                "tail --pid=$$ -f /dev/null | setpriv --pdeathsig KILL dpdk-testpmd --lcores 0@" + core + ",1@" + core
                        + " --no-pci --no-telemetry " + MachineMemory.ealArguments() + " --vdev " + vdev
                        + " -- --forward-mode=macswap --auto-start --nb-cores=1 --burst=32 --rxd=1024 --txd=1024 --no-mlockall --total-num-mbufs=8192";
        return shell(server, "while kill -0 $p && ! " + isReady + "; do sleep 0.1; done; sleep 0.5", "INT");
    }

    /** Where the bare device of {@code side} is. */
    private String bareDevice(Side side) {
        return contender.wire() == Wire.MEMIF ? "socket=" + link.socket() : "iface=" + link.interfaceName(side);
    }

    private void startClient(Lab lab, int index, List<String> jvmArguments) throws IOException, InterruptedException {
        List<String> command = prefix(Side.CLIENT, lab.clientCore());
        command.addAll(lab.java().agent(jvmArguments, properties(Side.CLIENT)));
        String host = "host=" + link.serverAddress(index);
        command.addAll(
                switch (contender.client()) {
                    case Contender.L2 -> List.of("l2", bareDevice(Side.CLIENT));
                    case Contender.RAW -> List.of("raw-client", host);
                    case Contender.WRK, Contender.MEMCSLAP -> List.of("tool", "tool=" + contender.client(), host);
                    default -> List.of("client", "transport=" + contender.client(), host);
                });
        AgentProcess client = AgentProcess.start("client " + contender, command);
        clients.add(client);
        client.await("ready", START_SECONDS);
    }

    private List<String> prefix(Side side, int core) {
        return new ArrayList<>(
                // pdeathsig: one that is suspended does not see the end of its stdin when this program is killed.
                List.of(
                        "setpriv",
                        "--pdeathsig",
                        "KILL",
                        "ip",
                        "netns",
                        "exec",
                        link.namespace(side),
                        "taskset",
                        "-c",
                        Integer.toString(core)));
    }

    private Map<String, String> properties(Side side) {
        return properties(contender, link, side);
    }

    /** The {@code ix.*} system properties of the end at {@code side}; none of a kernel's. */
    static Map<String, String> properties(Contender contender, Link link, Side side) {
        if (contender.kernel(side)) {
            return Map.of();
        }
        Map<String, String> properties = new TreeMap<>(link.ixProperties(side));
        contender.settings().forEach((key, value) -> properties.put("ix." + key, value));
        return properties;
    }

    public Contender contender() {
        return contender;
    }

    /** Stops all its processes where they stand, so that they use no CPU while others are measured. */
    public void suspend() throws IOException {
        suspended = true;
        for (AgentProcess process : processes()) {
            process.suspend();
        }
    }

    /** Lets them go on. */
    public void resume() throws IOException {
        for (AgentProcess process : processes()) {
            process.resume();
        }
        suspended = false;
    }

    private List<AgentProcess> processes() {
        List<AgentProcess> all = new ArrayList<>(servers);
        all.addAll(clients);
        return all;
    }

    /**
     * Has the clients run {@code load}, and adds what the servers did meanwhile: the client's figures,
     * {@code client_cpu_ns}, {@code server_cpu_ns}, and for Java servers {@code server_allocated_bytes},
     * {@code server_collections}, {@code server_collection_ms}, {@code sink_bytes} and {@code sink_seconds}. With several
     * clients counts and rates are sums, percentiles the worst.
     *
     * <p>The first load of its kind runs twice, and the first time does not count: it takes until its rate has settled
     * ({@code settle=SECONDS} at most), and then is taken down, so that this too is code that has run before. All others warm up
     * for {@code warmup=SECONDS} or longer, see {@link org.ixnet.benchmarks.agent.Settling}.
     */
    public Map<String, Double> run(Command load) throws IOException, InterruptedException {
        return run(load, clients.size());
    }

    /** As {@link #run(Command)} with the first {@code processes} of each side; the others wait. */
    public Map<String, Double> run(Command load, int processes) throws IOException, InterruptedException {
        List<AgentProcess> asked = clients.subList(0, processes);
        if (warm.add(processes + " x " + kind(load))) {
            Map<String, Double> figures = measure(load.with("seconds", REHEARSAL_SECONDS), asked);
            double settled = figures.getOrDefault("settled_seconds", 0.0);
            if (settled > 0) {
                warmUps.add(settled);
            }
        }
        return measure(load.without("settle"), asked);
    }

    private Map<String, Double> measure(Command load, List<AgentProcess> asked)
            throws IOException, InterruptedException {
        Command command = load.with("server_pids", pids());
        double seconds = command.number("seconds", 1);
        for (AgentProcess client : asked) {
            client.send(command);
        }
        for (AgentProcess client : asked) {
            client.await("begin", command.number("warmup", 0.5) + command.number("settle", 0) + GRACE_SECONDS);
        }
        Map<String, Double> before = serverFigures();
        for (AgentProcess client : asked) {
            client.await("end", seconds + GRACE_SECONDS);
        }
        Map<String, Double> figures = new TreeMap<>();
        serverFigures().forEach((key, value) -> figures.put(key, value - before.getOrDefault(key, 0.0)));
        for (AgentProcess client : asked) {
            merge(AgentProcess.numbers(client.await("result", GRACE_SECONDS)), figures);
        }
        return figures;
    }

    /** How long each new kind of load took to settle, seconds; forgets it. */
    public List<Double> takeWarmUps() {
        List<Double> taken = List.copyOf(warmUps);
        warmUps.clear();
        return taken;
    }

    private String pids() {
        return serverPids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** Loads of one kind run through the same code. */
    private static String kind(Command load) {
        int connections = load.integer("connections", 1);
        boolean isShort = load.integer("messages", 0) > 0;
        return String.join(
                " ",
                load.text("load"),
                load.text("service", "echo"),
                connections == 1 ? "one" : connections < MANY ? "some" : "many",
                isShort ? "closed by " + load.text("close", "rst") : "",
                load.integer("window", 0) > 0 ? "window" : "",
                load.integer("size", 64) > LARGE_BYTES ? "large" : "",
                load.number("rate", 0) > 0 ? "" : "probe");
    }

    /** Runs a command that has no measurement window, such as filling the cache. */
    public void prepare(Command command) throws IOException, InterruptedException {
        for (AgentProcess client : clients) {
            client.send(command.without("settle"));
            client.awaitResult(GRACE_SECONDS);
        }
    }

    private static void merge(Map<String, Double> from, Map<String, Double> into) {
        from.forEach((key, value) -> {
            String name =
                    key.equals("cpu_ns") || key.startsWith("coll") || key.startsWith("alloc") ? "client_" + key : key;
            boolean adds = !key.endsWith("_us") && !key.endsWith("seconds");
            into.merge(name, value, adds ? Double::sum : Math::max);
        });
    }

    private Map<String, Double> serverFigures() throws IOException, InterruptedException {
        Map<String, Double> sum = new TreeMap<>();
        for (int i = 0; i < servers.size(); i++) {
            if (contender.isAgent()) {
                servers.get(i).send(Command.of("figures"));
                AgentProcess.numbers(servers.get(i).await("result", GRACE_SECONDS))
                        .forEach((key, value) -> {
                            if (key.equals("nanos")) {
                                sum.put("sink_seconds", value / 1e9);
                            } else if (!key.equals("cpu_ns")) {
                                sum.merge(key.startsWith("sink") ? key : "server_" + key, value, Double::sum);
                            }
                        });
            }
            sum.merge("server_cpu_ns", (double) CpuClock.nanos(serverPids.get(i)), Double::sum);
        }
        return sum;
    }

    /** Whether all its processes still run. */
    public boolean isAlive() {
        return clients.stream().allMatch(AgentProcess::isAlive)
                && servers.stream().allMatch(AgentProcess::isAlive);
    }

    @Override
    public void close() {
        if (suspended) {
            try {
                resume(); // Else they would not see the end of their stdin.
            } catch (IOException e) {
                processes().forEach(AgentProcess::kill);
            }
        }
        clients.forEach(AgentProcess::close);
        servers.forEach(AgentProcess::close);
        link.close();
    }

    /** As {@link #close}, at once. */
    void kill() {
        processes().forEach(AgentProcess::kill);
        suspended = false;
        close();
    }
}
