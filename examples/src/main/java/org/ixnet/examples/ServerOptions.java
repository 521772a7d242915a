package org.ixnet.examples;

import java.util.Map;
import picocli.CommandLine.Option;

/** The options that all servers have. */
public final class ServerOptions {
    @Option(
            names = "--transport",
            defaultValue = "ix",
            paramLabel = "NAME",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    Transport transport = Transport.IX;

    @Option(
            names = {"-l", "--address"},
            defaultValue = "0.0.0.0",
            paramLabel = "ADDRESS",
            description = "own address to listen on (default: all)")
    String address = "0.0.0.0";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "TCP port, 0 = any free one (default: the service's usual one)")
    int port = -1;

    @Option(
            names = {"-t", "--loops"},
            defaultValue = "0",
            paramLabel = "N",
            description = "event loops (default: one for each processor)")
    int loops;

    @Option(
            names = "--no-delay",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "send small writes at once, TCP_NODELAY (default: yes)")
    boolean noDelay = true;

    @Option(
            names = "--ix",
            paramLabel = "KEY=VALUE",
            description = "a setting of IX, as ix.KEY among the system properties, e.g. --ix device=tap; repeatable")
    Map<String, String> ixSettings = Map.of();

    @Option(
            names = "--report",
            defaultValue = "0",
            paramLabel = "SECONDS",
            description = "print what IX counts every so often, 0 = never (default); with --transport ix")
    int reportSeconds;

    /** Creates the defaults. */
    public ServerOptions() {}
}
