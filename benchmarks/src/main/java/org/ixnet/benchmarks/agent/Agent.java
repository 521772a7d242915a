package org.ixnet.benchmarks.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.ixnet.benchmarks.raw.RawAgent;

/**
 * The main program of a measured process. {@code agent server transport=epoll host=127.0.0.1} or {@code agent client ...}, then
 * commands on stdin, one a line:
 *
 * <pre>
 *  figures                                  -> result ...      running totals (server)
 *  run load=closed seconds=1 ...            -> begin, end, result ...   (client)
 * </pre>
 *
 * Every failure is answered with {@code failure cause=...}; the end of stdin ends the process. Thread rule: main thread.
 */
public final class Agent {
    /** The role of one that only says that it runs. */
    public static final String HELLO = "hello";

    private final AgentOutput out;

    private Agent(AgentOutput out) {
        this.out = out;
    }

    /** @param arguments role, then {@code key=value} */
    public static void main(String[] arguments) throws Exception {
        Command start = Command.parse(String.join(" ", arguments));
        Agent agent = new Agent(new AgentOutput(System.out));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            if (RawAgent.hasRole(start.name())) {
                new RawAgent(start, in, agent.out).run();
                System.exit(0);
            }
            switch (start.name()) {
                case "server" -> agent.serve(start, in);
                case "client" -> agent.generate(start, in);
                case HELLO -> agent.out.say(Command.of("ready"));
                case "tool" -> new ToolClient(start.text("tool"), start.text("host"), agent.out).run(in);
                default ->
                    throw new IllegalArgumentException("role is '" + start.name() + "'; must be server or client");
            }
        } catch (Throwable e) {
            agent.out.failed(e);
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private void serve(Command start, BufferedReader in) throws Exception {
        try (Server server = new Server(TransportKind.of(start.text("transport")), start.text("host"))) {
            EnumSet<Service> services = EnumSet.complementOf(EnumSet.of(Service.TLS));
            String keys = start.text("keys", "");
            if (keys.isEmpty()) {
                server.open(services, null);
            } else {
                services.add(Service.TLS);
                server.open(services, SelfSigned.serverContext(Path.of(keys)));
            }
            server.figures(); // The first call loads classes, which is not to happen while something is measured.
            out.say(Command.of("ready"));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.result(server.figures());
            }
        }
    }

    private void generate(Command start, BufferedReader in) throws IOException {
        try (Client client = new Client(TransportKind.of(start.text("transport")), start.text("host"))) {
            out.say(Command.of("ready"));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try {
                    out.result(run(client, Command.parse(line)));
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof ClosedLoad.Done) {
                        out.result(Map.of());
                    } else {
                        out.failed(e);
                    }
                } catch (TimeoutException | RuntimeException | InterruptedException e) {
                    out.failed(e);
                }
            }
        }
    }

    private Map<String, Double> run(Client client, Command command)
            throws ExecutionException, InterruptedException, TimeoutException {
        Load load = switch (command.text("load")) {
            case "closed" -> closed(client, command);
            case "open" -> open(client, command);
            case "pingpong" -> new PingPongLoad(client, command.integer("size", 64));
            case "bulk" -> new BulkLoad(client);
            default -> throw new IllegalArgumentException("no such load: " + command);
        };
        return load.run(command, word -> out.say(Command.of(word)));
    }

    private static Load closed(Client client, Command command) {
        Service service = service(command);
        ClosedLoad.Settings settings = new ClosedLoad.Settings(
                command.integer("connections", 1),
                command.integer("depth", 1),
                command.integer("messages", 0),
                command.text("close", "rst").equals("rst"),
                command.integer("window", 0),
                command.integer("stop_after", 0),
                service,
                service == Service.TLS);
        return new ClosedLoad(client, settings, workload(client, command));
    }

    private static Load open(Client client, Command command) {
        Service service = service(command);
        OpenLoad.Settings settings = new OpenLoad.Settings(
                command.number("rate", 0),
                command.integer("connections", 1),
                command.integer("depth", 4),
                service,
                service == Service.TLS,
                true);
        return new OpenLoad(client, settings, workload(client, command));
    }

    private static Service service(Command command) {
        return switch (command.text("service", "echo")) {
            case "echo" -> Service.ECHO;
            case "tls" -> Service.TLS;
            case "memcached" -> Service.MEMCACHED;
            default -> throw new IllegalArgumentException("no such service: " + command);
        };
    }

    private static Workload workload(Client client, Command command) {
        return service(command) == Service.MEMCACHED
                ? client.cacheWorkload(CacheProfile.of(command.text("profile")))
                : client.echoWorkload(command.integer("size", 64));
    }
}
