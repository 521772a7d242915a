package org.ixnet.examples.echo;

import org.ixnet.examples.ServerCommand;
import org.ixnet.examples.Service;
import picocli.CommandLine.Command;

/** {@code echo}: sends back what it receives (RFC 862, over TCP). */
@Command(
        name = "echo",
        description = "Sends back what it receives, on port 7007 unless told otherwise.",
        mixinStandardHelpOptions = true)
public final class EchoCommand extends ServerCommand {
    private static final int PORT = 7007;

    /** Creates the command. */
    public EchoCommand() {
        super(PORT);
    }

    /** Returns the service on its own, for tests and benchmarks. */
    public static Service service() {
        return pipeline -> pipeline.addLast(new EchoHandler());
    }

    @Override
    protected Service open(int loops) {
        return service();
    }
}
