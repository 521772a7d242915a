package org.ixnet.stack.dataplane;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcbOptions;
import org.ixnet.stack.util.RandomSource;
import org.jspecify.annotations.Nullable;

/** Sends a stream to an echo server, reads it back, closes; keeps the digests of both ways. */
final class StreamClient implements ConnectionUser {
    private static final int PATTERN_BYTES = 1 << 16;

    private final ElasticThread thread;
    private final long totalBytes;
    private final MemorySegment pattern = Arena.ofAuto().allocate(PATTERN_BYTES);
    private final byte[] scratch = new byte[PATTERN_BYTES];
    private final MessageDigest sentDigest = sha256();
    private final MessageDigest receivedDigest = sha256();
    long sentBytes;
    long receivedBytes;
    boolean connected;
    boolean finished;

    @Nullable
    DeathReason death;

    final Tcb tcb;

    StreamClient(ElasticThread thread, Address server, int port, long totalBytes, long seed) {
        this(
                thread,
                server,
                port,
                totalBytes,
                seed,
                thread.dataplane().config().tcp().tcbOptions());
    }

    StreamClient(ElasticThread thread, Address server, int port, long totalBytes, long seed, TcbOptions options) {
        this.thread = thread;
        this.totalBytes = totalBytes;
        RandomSource random = new RandomSource(seed);
        for (int i = 0; i < PATTERN_BYTES; i += 8) {
            pattern.set(ValueLayout.JAVA_LONG_UNALIGNED, i, random.nextLong());
        }
        try {
            this.tcb = thread.tcp().open(0, 0, 0, server.hi(), server.lo(), port, options, this);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void connected(Tcb tcb) {
        connected = true;
        pump(tcb);
    }

    private void pump(Tcb tcb) {
        while (sentBytes < totalBytes) {
            int at = (int) (sentBytes % PATTERN_BYTES);
            int length = (int) Math.min(PATTERN_BYTES - at, totalBytes - sentBytes);
            int taken = thread.tcp().send(tcb, pattern.address() + at, length);
            if (taken == 0) {
                return;
            }
            Memory.copyToArray(pattern.address() + at, scratch, 0, taken);
            sentDigest.update(scratch, 0, taken);
            sentBytes += taken;
        }
    }

    @Override
    public void readable(Tcb tcb) {
        long mbuf;
        while ((mbuf = thread.tcp().receive(tcb)) != 0) {
            int length = Mbuf.payloadLengthBytes(mbuf);
            Memory.copyToArray(Mbuf.payloadAddress(mbuf), scratch, 0, length);
            receivedDigest.update(scratch, 0, length);
            receivedBytes += length;
            thread.tcp().receiveDone(tcb, length);
            thread.mempool().free(mbuf);
        }
        if (receivedBytes == totalBytes && sentBytes == totalBytes && !finished) {
            finished = true;
            thread.tcp().close(tcb);
        }
    }

    @Override
    public void sent(Tcb tcb, long ackedBytes) {
        pump(tcb);
    }

    @Override
    public void dead(Tcb tcb, DeathReason reason) {
        death = reason;
    }

    boolean isDone() {
        return finished || death != null;
    }

    /** The digest of what was sent, or an explanation why the other differs. */
    void assertEchoed() {
        String sent = HexFormat.of().formatHex(sentDigest.digest());
        String received = HexFormat.of().formatHex(receivedDigest.digest());
        if (receivedBytes != totalBytes || !sent.equals(received)) {
            throw new AssertionError("sent " + sentBytes + " of " + totalBytes + ", received " + receivedBytes
                    + ", death " + death + ", SHA-256 " + sent + " and " + received);
        }
    }
}
