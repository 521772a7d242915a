package org.ixnet.examples.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.ixnet.examples.Server;
import org.ixnet.examples.Transport;
import org.ixnet.examples.Transports;
import org.ixnet.examples.http.CodecClient.Answer;
import org.ixnet.examples.http.CodecClient.Protocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The http example, with clients and servers on every transport: bodies go both ways and their SHA-256 is compared with that
 * of what should have been sent, computed in another way.
 *
 * <p>Without privileges IX meets only IX, on its internal loopback, and the kernel's transports meet each other. With
 * {@code -Dpairings.wire=tap}, as root in a network namespace of its own, IX has a TAP, and all sixteen pairs are made
 * ({@code ./ix test codecs}). {@code pairings.bulk} and {@code pairings.mebibytes} are the lengths of the bodies.
 */
@Timeout(300)
class PairingsTest {
    private static final boolean TAP = "tap".equals(System.getProperty("pairings.wire"));
    private static final long MEBIBYTE = 1 << 20;
    private static final long BULK_BYTES = Integer.getInteger("pairings.bulk", 2) * MEBIBYTE;
    private static final long BYTES = Integer.getInteger("pairings.mebibytes", 1) * MEBIBYTE;
    private static final int MAX_CONTENT_BYTES = 1 << 16;

    private static final Map<Transport, EventLoopGroup> CLIENTS = new EnumMap<>(Transport.class);
    private static final Map<Long, String> DIGESTS = new ConcurrentHashMap<>();
    private static X509Bundle certificate;

    /** What is spoken, and who encrypts it. */
    enum Codec {
        HTTP1(Protocol.HTTP1, null),
        HTTP1_TLS_JDK(Protocol.HTTP1, TlsProvider.JDK),
        HTTP1_TLS_OPENSSL(Protocol.HTTP1, TlsProvider.OPENSSL),
        HTTP2(Protocol.HTTP2, null),
        HTTP2_TLS_JDK(Protocol.HTTP2, TlsProvider.JDK),
        HTTP2_TLS_OPENSSL(Protocol.HTTP2, TlsProvider.OPENSSL),
        WEB_SOCKET(Protocol.WEB_SOCKET, null),
        WEB_SOCKET_TLS_JDK(Protocol.WEB_SOCKET, TlsProvider.JDK);

        private final Protocol protocol;
        private final TlsProvider tls;

        Codec(Protocol protocol, TlsProvider tls) {
            this.protocol = protocol;
            this.tls = tls;
        }

        /** Two of them carry the long bodies. */
        long bytes() {
            return this == HTTP1_TLS_JDK || this == HTTP2_TLS_OPENSSL ? BULK_BYTES : BYTES;
        }
    }

    @BeforeAll
    static void prepare() throws Exception {
        System.setProperty("ix.device", TAP ? "tap" : "virtual");
        certificate = new CertificateBuilder()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        for (Transport transport : transports()) {
            CLIENTS.put(transport, transport.newGroup(1));
        }
    }

    @AfterAll
    static void end() {
        CLIENTS.values()
                .forEach(group ->
                        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly());
        System.clearProperty("ix.device");
    }

    private static List<Transport> transports() {
        List<Transport> transports = new ArrayList<>();
        transports.add(Transport.IX);
        Transports.kernel().forEach(transports::add);
        return transports;
    }

    static Stream<Arguments> pairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (Codec codec : Codec.values()) {
            for (Transport client : transports()) {
                for (Transport server : transports()) {
                    if (TAP || (client == Transport.IX) == (server == Transport.IX)) {
                        pairs.add(Arguments.of(codec, client, server));
                    }
                }
            }
        }
        return pairs.stream();
    }

    @ParameterizedTest(name = "{0}: {1} client, {2} server")
    @MethodSource("pairs")
    void bodiesArriveWhole(Codec codec, Transport client, Transport server) throws Exception {
        InetSocketAddress any = new InetSocketAddress(address(client, server), 0);
        try (Server running = Server.start(
                        server, 1, any, true, HttpCommand.service(MAX_CONTENT_BYTES, serverContext(codec.tls)));
                CodecClient connection = new CodecClient(
                        client, CLIENTS.get(client), running.address(), codec.protocol, clientContext(codec))) {
            long length = codec.bytes();
            long start = System.nanoTime();
            if (codec.protocol == Protocol.WEB_SOCKET) {
                assertThat(connection.echo(length)).isEqualTo(expected(length));
            } else {
                Answer upload = connection.post("/sha256", length);
                assertThat(upload.start()).isEqualTo(expected(length) + "\n");
                Answer download = connection.get("/seq/" + length);
                assertThat(download.status()).isEqualTo(200);
                assertThat(download.digest()).isEqualTo(expected(length));
            }
            // The connection is as good as new.
            if (codec.protocol != Protocol.WEB_SOCKET) {
                assertThat(connection.get("/").start()).isEqualTo("Hello from IX\n");
            }
            System.out.printf(
                    "IX-PAIRING %s %s->%s %d MiB each way %d ms%n",
                    codec, client, server, length / MEBIBYTE, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
    }

    private static String address(Transport client, Transport server) {
        if (TAP && server == Transport.IX) {
            return "10.18.0.2";
        }
        return TAP && client == Transport.IX ? "10.18.0.1" : "127.0.0.1";
    }

    private static SslContext serverContext(TlsProvider provider) throws Exception {
        if (provider == null) {
            return null;
        }
        File chain = certificate.toTempCertChainPem();
        File key = certificate.toTempPrivateKeyPem();
        try {
            return provider.server(chain, key);
        } finally {
            assertThat(chain.delete() && key.delete()).isTrue();
        }
    }

    private static SslContext clientContext(Codec codec) throws Exception {
        if (codec.tls == null) {
            return null;
        }
        ApplicationProtocolConfig alpn = new ApplicationProtocolConfig(
                TlsProvider.ALPN.protocol(),
                TlsProvider.ALPN.selectorFailureBehavior(),
                TlsProvider.ALPN.selectedListenerFailureBehavior(),
                codec.protocol == Protocol.HTTP2 ? "h2" : "http/1.1");
        return SslContextBuilder.forClient()
                .sslProvider(codec.tls.provider())
                .trustManager(certificate.getCertificate())
                .applicationProtocolConfig(alpn)
                .build();
    }

    /** The digest of what {@code seq} prints, up to a length. */
    private static String expected(long length) {
        return DIGESTS.computeIfAbsent(length, bytes -> {
            MessageDigest digest = CodecClient.sha256();
            long left = bytes;
            for (long number = 1; left > 0; number++) {
                byte[] line = (number + "\n").getBytes(StandardCharsets.US_ASCII);
                digest.update(line, 0, (int) Math.min(left, line.length));
                left -= line.length;
            }
            return HexFormat.of().formatHex(digest.digest());
        });
    }
}
