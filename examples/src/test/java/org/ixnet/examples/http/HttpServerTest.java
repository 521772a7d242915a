package org.ixnet.examples.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.ixnet.examples.Server;
import org.ixnet.examples.Transport;
import org.ixnet.examples.Transports;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class HttpServerTest {
    private static final int MAX_CONTENT_BYTES = 100_000;

    private record Answer(int status, String type, long length, String date, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void servesItsResources(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            Answer hello = ask(server, "GET", "/?query", null);
            assertThat(hello.status()).isEqualTo(200);
            assertThat(hello.text()).isEqualTo("Hello from IX\n");
            assertThat(hello.date()).endsWith(" GMT");
            assertThat(ask(server, "GET", "/json", null).text()).isEqualTo("{\"message\":\"Hello from IX\"}");
            assertThat(ask(server, "GET", "/nothing", null).status()).isEqualTo(404);
            assertThat(ask(server, "GET", "/bytes/x", null).status()).isEqualTo(400);
            for (int length : new int[] {0, 1, 65536, 65537, 20_000_000}) {
                byte[] body = ask(server, "GET", "/bytes/" + length, null).body();
                assertThat(Arrays.equals(body, new byte[length]))
                        .as("%d bytes", length)
                        .isTrue();
            }
            Answer head = ask(server, "HEAD", "/bytes/123456", null);
            assertThat(head.length()).isEqualTo(123456);
            assertThat(head.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void echoesBodiesUpToTheLimit(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            String body = "b".repeat(MAX_CONTENT_BYTES);
            Answer echo = ask(server, "POST", "/echo", body);
            assertThat(echo.text()).isEqualTo(body);
            assertThat(echo.type()).isEqualTo("text/x-test");
            assertThat(ask(server, "GET", "/echo", null).status()).isEqualTo(405);
            assertThat(ask(server, "POST", "/", "body").status()).isEqualTo(405);
            String tooLong = "POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: "
                    + (MAX_CONTENT_BYTES + 1) + "\r\n\r\n";
            assertThat(converse(server, tooLong)).startsWith("HTTP/1.1 413 ");
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void answersPipelinedRequestsInOrderAndClosesWhenAsked(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            String answers = converse(
                    server,
                    "GET / HTTP/1.1\r\nhost: x\r\n\r\n"
                            + "GET /bytes/70000 HTTP/1.1\r\nhost: x\r\n\r\n"
                            + "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nfirst"
                            + "GET /json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                            + "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
            assertThat(answers).containsSubsequence("Hello from IX", "70000", "\0\0\0", "first", "\"message\"");
            assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(5);
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void refusesWhatIsNotHttp(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            assertThat(converse(server, "\u0001\u0002 nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
            assertThat(converse(server, "GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n"))
                    .startsWith("HTTP/1.1 414 ");
            assertThat(converse(server, "GET / HTTP/1.1\r\nx: " + "x".repeat(9000) + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 431 ");
            assertThat(converse(server, "GET / HTTP/1.0\r\n\r\n")).endsWith("Hello from IX\n");
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void digestsUploadsOfAnyLength(Transport transport) throws Exception {
        String sha256OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
        try (Server server = start(transport)) {
            assertThat(ask(server, "POST", "/sha256", "abc").text()).isEqualTo(sha256OfAbc);
            assertThat(ask(server, "PUT", "/sha256?query", "abc").text()).isEqualTo(sha256OfAbc);
            String beyondTheLimitOfEcho = "x".repeat(3 * MAX_CONTENT_BYTES);
            assertThat(ask(server, "POST", "/sha256", beyondTheLimitOfEcho).text())
                    .isEqualTo(HexFormat.of()
                                    .formatHex(CodecClient.sha256()
                                            .digest(beyondTheLimitOfEcho.getBytes(StandardCharsets.UTF_8)))
                            + "\n");
            assertThat(ask(server, "GET", "/sha256", null).status()).isEqualTo(405);
            String head = "POST /sha256 HTTP/1.1\r\nhost: x\r\n";
            assertThat(converse(
                            server,
                            "GET /bytes/70000 HTTP/1.1\r\nhost: x\r\n\r\n" + head
                                    + "expect: 100-continue\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc"))
                    .containsSubsequence(
                            "HTTP/1.1 200 OK", "\0\0\0", "HTTP/1.1 100 Continue", "HTTP/1.1 200 OK", sha256OfAbc);
            assertThat(converse(server, head + "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nno length\r\n"))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void sendsWhatSeqPrints(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            assertThat(ask(server, "GET", "/seq/24", null).text()).isEqualTo("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n");
            assertThat(ask(server, "GET", "/seq/0", null).text()).isEmpty();
            assertThat(ask(server, "GET", "/seq/200000", null).text()).endsWith("\n35183\n35184\n35");
            assertThat(ask(server, "GET", "/seq/-1", null).status()).isEqualTo(400);
            Answer head = ask(server, "HEAD", "/seq/123456", null);
            assertThat(head.length()).isEqualTo(123456);
            assertThat(head.body()).isEmpty();
        }
    }

    private static String converse(Server server, String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static Server start(Transport transport) throws Exception {
        return Transports.start(transport, HttpCommand.service(MAX_CONTENT_BYTES));
    }

    private static Answer ask(Server server, String method, String path, String body) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setReadTimeout(20_000);
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("content-type", "text/x-test");
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(
                    status,
                    connection.getContentType(),
                    connection.getContentLengthLong(),
                    connection.getHeaderField("date"),
                    in == null ? new byte[0] : in.readAllBytes());
        }
    }
}
