package org.ixnet.examples;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A sub-command that runs one {@link Service} until a signal ends it. */
public abstract class ServerCommand implements Callable<Integer> {
    private static final int MAX_LOOPS = 1024;
    private static final int MAX_PORT = 65535;

    private final int defaultPort;

    @Mixin
    ServerOptions options = new ServerOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Creates a command for a service whose usual port is {@code defaultPort}. */
    protected ServerCommand(int defaultPort) {
        this.defaultPort = defaultPort;
    }

    /**
     * Returns the service, ready for connections.
     *
     * @param loops event loops, for its statistics
     * @throws IllegalArgumentException with a message for the user
     */
    protected abstract Service open(int loops);

    /** Returns the command that speaks with the server, with {@code HOST} and {@code PORT} for where it is. */
    protected String client() {
        return "nc HOST PORT";
    }

    /** Starts the server, says so on standard output, and waits for its end. */
    @Override
    public final Integer call() throws Exception {
        InetSocketAddress address = checkedAddress();
        for (Map.Entry<String, String> setting : options.ixSettings.entrySet()) {
            System.setProperty("ix." + setting.getKey(), setting.getValue());
        }
        int expectedLoops = options.loops == 0 ? Runtime.getRuntime().availableProcessors() : options.loops;
        Service service = open(expectedLoops);
        try (Server server = Server.start(options.transport, options.loops, address, options.noDelay, service)) {
            Thread closer = new Thread(server::close, "shutdown");
            Runtime.getRuntime().addShutdownHook(closer);
            System.out.printf(
                    "listening on %s (%s, %d %s)%n",
                    Main.text(server.address()),
                    options.transport,
                    server.loops(),
                    server.loops() == 1 ? "loop" : "loops");
            System.out.flush();
            String hint = Reach.hint(options.transport, server.address(), client());
            if (hint != null) {
                System.err.println(hint);
            }
            if (options.reportSeconds > 0) {
                Report.start(options.reportSeconds);
            }
            server.awaitClose();
        }
        return 0;
    }

    private InetSocketAddress checkedAddress() {
        int port = options.port == -1 ? defaultPort : options.port;
        if (port < 0 || port > MAX_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "--port is " + port + "; must be 0 (any free one) to " + MAX_PORT);
        }
        if (options.loops < 0 || options.loops > MAX_LOOPS) {
            throw new ParameterException(
                    spec.commandLine(), "--loops is " + options.loops + "; must be 0 (the default) to " + MAX_LOOPS);
        }
        if (options.reportSeconds < 0 || (options.reportSeconds > 0 && options.transport != Transport.IX)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--report is " + options.reportSeconds
                            + "; must be 0 or, with --transport ix, a number of seconds");
        }
        InetSocketAddress address = new InetSocketAddress(options.address, port);
        if (address.isUnresolved()) {
            throw new ParameterException(
                    spec.commandLine(), "--address is " + options.address + ", which is no address or known name");
        }
        return address;
    }
}
