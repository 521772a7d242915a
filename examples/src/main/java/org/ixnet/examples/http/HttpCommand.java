package org.ixnet.examples.http;

import io.netty.handler.ssl.SslContext;
import java.io.File;
import org.ixnet.examples.ServerCommand;
import org.ixnet.examples.Service;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code http}: a few resources over HTTP/1.1, HTTP/2 and WebSocket, with or without TLS. */
@Command(
        name = "http",
        description = "HTTP/1.1 and HTTP/2 (prior knowledge, or ALPN under TLS) on port 8080 unless told otherwise: "
                + "GET /, /json, /bytes/N (zeros), /seq/N (as seq prints); POST /echo, /sha256; WebSocket echo at /ws.",
        mixinStandardHelpOptions = true)
public final class HttpCommand extends ServerCommand {
    private static final int PORT = 8080;
    private static final int DEFAULT_MAX_CONTENT_BYTES = 1 << 20;
    private static final int MAX_CONTENT_BYTES = 1 << 30;

    @Option(
            names = "--max-content",
            paramLabel = "BYTES",
            defaultValue = "" + DEFAULT_MAX_CONTENT_BYTES,
            description = "the largest request body to /echo (default: ${DEFAULT-VALUE})")
    int maxContentBytes = DEFAULT_MAX_CONTENT_BYTES;

    @Option(
            names = "--tls",
            paramLabel = "jdk|openssl",
            description = "TLS by the JDK, or by BoringSSL through netty-tcnative (default: no TLS)")
    @Nullable
    TlsProvider tls;

    @Option(names = "--certificate", paramLabel = "FILE", description = "for --tls: certificate chain, PEM")
    @Nullable
    File certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "for --tls: its private key, PEM (PKCS #8)")
    @Nullable
    File key;

    /** Creates the command. */
    public HttpCommand() {
        super(PORT);
    }

    /** Returns the service on its own, without TLS, for tests and benchmarks. */
    public static Service service(int maxContentBytes) {
        return service(maxContentBytes, null);
    }

    static Service service(int maxContentBytes, @Nullable SslContext tls) {
        if (maxContentBytes < 0 || maxContentBytes > MAX_CONTENT_BYTES) {
            throw new IllegalArgumentException("largest body is " + maxContentBytes + " bytes; must be 0 to "
                    + MAX_CONTENT_BYTES + " (--max-content)");
        }
        return new HttpService(maxContentBytes, tls);
    }

    @Override
    protected String client() {
        return tls == null ? "curl http://HOST:PORT/" : "curl -k https://HOST:PORT/";
    }

    @Override
    protected Service open(int loops) {
        return service(maxContentBytes, sslContext());
    }

    private @Nullable SslContext sslContext() {
        if ((tls == null) != (certificate == null) || (tls == null) != (key == null)) {
            throw new IllegalArgumentException(
                    "--tls, --certificate and --key go together; for a trial: openssl req -x509"
                            + " -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out cert.pem");
        }
        return tls == null || certificate == null || key == null ? null : tls.server(certificate, key);
    }
}
