package org.ixnet.examples;

import java.net.InetSocketAddress;
import org.ixnet.examples.echo.EchoCommand;
import org.ixnet.examples.http.HttpCommand;
import org.ixnet.examples.memcached.MemcachedCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the examples. A failure is one line on standard error and exit code 1. */
@Command(
        name = "ix run",
        description = "Servers that run on any Netty transport.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {MemcachedCommand.class, EchoCommand.class, HttpCommand.class})
public final class Main implements Runnable {
    private static final int FAILURE = 1;

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Creates the root command; the sub-commands do the work. */
    public Main() {}

    /** Runs the sub-command that {@code arguments} name, and exits with its code. */
    public static void main(String... arguments) {
        System.exit(run(arguments));
    }

    /** Runs the sub-command that {@code arguments} name, and returns its exit code. */
    public static int run(String... arguments) {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Transport.class, Main::transport)
                .setParameterExceptionHandler((e, ignored) -> {
                    String command = e.getCommandLine().getCommandSpec().qualifiedName();
                    return fail(e, " (" + command + " --help lists what there is)");
                })
                .setExecutionExceptionHandler((e, ignored, result) -> {
                    if (e instanceof StartException || e instanceof IllegalArgumentException) {
                        return fail(e, "");
                    }
                    throw e;
                })
                .execute(arguments);
    }

    /** Without a sub-command there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given; choose memcached, echo or http");
    }

    /** Spells an address as the protocols' users write it. */
    static String text(InetSocketAddress address) {
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static Transport transport(String name) {
        for (Transport transport : Transport.values()) {
            if (transport.toString().equals(name)) {
                return transport;
            }
        }
        throw new CommandLine.TypeConversionException("'" + name + "' is none of ix, epoll, io_uring, nio");
    }

    private static int fail(Exception e, String hint) {
        System.err.println("error: " + e.getMessage() + hint);
        return FAILURE;
    }
}
