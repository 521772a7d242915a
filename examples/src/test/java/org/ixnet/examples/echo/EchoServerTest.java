package org.ixnet.examples.echo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.ixnet.examples.Server;
import org.ixnet.examples.Transport;
import org.ixnet.examples.Transports;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class EchoServerTest {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int CHUNKS = 512;

    /** The client ends its side at once after the last byte; all of it must still come back. */
    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void sendsEverythingBackAndThenEnds(Transport transport) throws Exception {
        try (Server server = Transports.start(transport, EchoCommand.service());
                Socket socket = new Socket(
                        server.address().getAddress(), server.address().getPort())) {
            MessageDigest sent = MessageDigest.getInstance("SHA-256");
            Thread sender = Thread.ofPlatform().start(() -> send(socket, sent, null));
            MessageDigest received = MessageDigest.getInstance("SHA-256");
            long bytes = drain(socket.getInputStream(), received);
            sender.join();
            assertThat(bytes).isEqualTo((long) CHUNK_BYTES * CHUNKS);
            assertThat(received.digest()).isEqualTo(sent.digest());
        }
    }

    /** A client that only sends must be stopped by the network, not be buffered for. */
    @ParameterizedTest
    @MethodSource("org.ixnet.examples.Transports#kernel")
    void stopsReadingFromAClientThatDoesNotRead(Transport transport) throws Exception {
        try (Server server = Transports.start(transport, EchoCommand.service());
                Socket socket = new Socket(
                        server.address().getAddress(), server.address().getPort())) {
            MessageDigest sent = MessageDigest.getInstance("SHA-256");
            AtomicLong progress = new AtomicLong();
            Thread sender = Thread.ofPlatform().start(() -> send(socket, sent, progress));
            long before = -1;
            while (progress.get() != before) {
                before = progress.get();
                TimeUnit.MILLISECONDS.sleep(500);
            }
            assertThat(before).as("bytes taken without being read").isLessThan((long) CHUNK_BYTES * CHUNKS);
            MessageDigest received = MessageDigest.getInstance("SHA-256");
            assertThat(drain(socket.getInputStream(), received)).isEqualTo((long) CHUNK_BYTES * CHUNKS);
            sender.join();
            assertThat(received.digest()).isEqualTo(sent.digest());
        }
    }

    private static void send(Socket socket, MessageDigest digest, AtomicLong progress) {
        SplittableRandom random = new SplittableRandom(1);
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            for (int i = 0; i < CHUNKS; i++) {
                random.nextBytes(chunk);
                digest.update(chunk);
                socket.getOutputStream().write(chunk);
                if (progress != null) {
                    progress.addAndGet(chunk.length);
                }
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long drain(InputStream in, MessageDigest digest) throws Exception {
        byte[] buffer = new byte[CHUNK_BYTES];
        long total = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
            total += read;
        }
        return total;
    }
}
