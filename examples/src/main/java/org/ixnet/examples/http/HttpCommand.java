package org.ixnet.examples.http;

import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.stream.ChunkedWriteHandler;
import org.ixnet.examples.ServerCommand;
import org.ixnet.examples.Service;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code http}: a few resources over HTTP/1.1. */
@Command(
        name = "http",
        description = "HTTP/1.1 on port 8080 unless told otherwise: GET /, /json, /bytes/N; POST /echo.",
        mixinStandardHelpOptions = true)
public final class HttpCommand extends ServerCommand {
    private static final int PORT = 8080;
    private static final int DEFAULT_MAX_CONTENT_BYTES = 1 << 20;
    private static final int MAX_CONTENT_BYTES = 1 << 30;

    @Option(
            names = "--max-content",
            paramLabel = "BYTES",
            defaultValue = "" + DEFAULT_MAX_CONTENT_BYTES,
            description = "the largest request body (default: ${DEFAULT-VALUE})")
    int maxContentBytes = DEFAULT_MAX_CONTENT_BYTES;

    /** Creates the command. */
    public HttpCommand() {
        super(PORT);
    }

    /** Returns the service on its own, for tests and benchmarks. */
    public static Service service(int maxContentBytes) {
        if (maxContentBytes < 0 || maxContentBytes > MAX_CONTENT_BYTES) {
            throw new IllegalArgumentException("largest body is " + maxContentBytes + " bytes; must be 0 to "
                    + MAX_CONTENT_BYTES + " (--max-content)");
        }
        return pipeline -> pipeline.addLast(new HttpServerCodec())
                .addLast(new HttpObjectAggregator(maxContentBytes))
                .addLast(new ChunkedWriteHandler())
                .addLast(new HttpHandler());
    }

    @Override
    protected Service open(int loops) {
        return service(maxContentBytes);
    }
}
