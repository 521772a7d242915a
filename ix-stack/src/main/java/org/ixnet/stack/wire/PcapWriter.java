package org.ixnet.stack.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ixnet.stack.memory.Memory;

/**
 * Records Ethernet frames in a pcap file with nanosecond times, for tcpdump and Wireshark. Not for the hot path. Thread rule:
 * any thread.
 */
public final class PcapWriter implements AutoCloseable {
    /** Longest frame that is recorded whole. */
    public static final int SNAP_BYTES = 65535;

    private static final int MAGIC_NANOS = 0xa1b23c4d;
    private static final int LINK_TYPE_ETHERNET = 1;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final OutputStream out;
    private final ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);

    /** Creates or replaces {@code file}. */
    public PcapWriter(Path file) throws IOException {
        this(Files.newOutputStream(file));
    }

    /** Writes the file's header to {@code out}, and later the frames; {@link #close} closes it. */
    public PcapWriter(OutputStream out) throws IOException {
        this.out = out;
        header.putInt(MAGIC_NANOS).putShort((short) 2).putShort((short) 4);
        header.putInt(0).putInt(0).putInt(SNAP_BYTES).putInt(LINK_TYPE_ETHERNET);
        out.write(header.array(), 0, header.position());
    }

    /**
     * Records a frame.
     *
     * @param timeNanos since 1970, or of any other origin
     */
    public synchronized void write(long timeNanos, long frameAddress, int frameLengthBytes) {
        int kept = Math.min(frameLengthBytes, SNAP_BYTES);
        byte[] bytes = new byte[kept];
        Memory.copyToArray(frameAddress, bytes, 0, kept);
        header.clear();
        header.putInt((int) Math.floorDiv(timeNanos, NANOS_PER_SECOND));
        header.putInt((int) Math.floorMod(timeNanos, NANOS_PER_SECOND));
        header.putInt(kept).putInt(frameLengthBytes);
        try {
            out.write(header.array(), 0, header.position());
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
