package org.ixnet.examples.http;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import javax.net.ssl.SSLException;

/** Who does TLS. A server differs between them in this alone. */
public enum TlsProvider {
    /** The JDK's own, in Java. */
    JDK(SslProvider.JDK),
    /** BoringSSL through netty-tcnative, in C. */
    OPENSSL(SslProvider.OPENSSL);

    /** HTTP/2 if the client can, else HTTP/1.1; a client without ALPN speaks HTTP/1.1. */
    static final ApplicationProtocolConfig ALPN = new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2,
            ApplicationProtocolNames.HTTP_1_1);

    private final SslProvider provider;

    TlsProvider(SslProvider provider) {
        this.provider = provider;
    }

    SslProvider provider() {
        return provider;
    }

    /**
     * Returns what a server needs.
     *
     * @param certificate the certificate and those that vouch for it, PEM
     * @param key its private key, PEM of PKCS #8
     * @throws IllegalArgumentException with a message for the user
     */
    SslContext server(File certificate, File key) {
        if (this == OPENSSL && !OpenSsl.isAvailable()) {
            throw new IllegalArgumentException(
                    "netty-tcnative cannot be loaded (" + OpenSsl.unavailabilityCause() + "); use --tls jdk");
        }
        try {
            return SslContextBuilder.forServer(certificate, key)
                    .sslProvider(provider)
                    .applicationProtocolConfig(ALPN)
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalArgumentException(
                    "cannot use certificate " + certificate + " with key " + key + ": " + cause.getMessage()
                            + "; both must be PEM, the key PKCS #8 without a password (--certificate, --key)",
                    e);
        }
    }
}
