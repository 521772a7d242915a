package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.Store;
import org.ixnet.examples.memcached.store.StoreConfig;

/** A store with a clock that the test moves, and connections to it without a network. */
final class TestServer implements AutoCloseable {
    static final long START_UNIX_SECONDS = 1_700_000_000L;

    final AtomicLong unixSeconds = new AtomicLong(START_UNIX_SECONDS);
    final Store store;
    final Workbenches workbenches = new Workbenches();
    final ServerStats stats = new ServerStats(1, workbenches);

    TestServer() {
        this(new StoreConfig(4 << 20, 1 << 20, 42));
    }

    TestServer(StoreConfig config) {
        store = new Store(config, new CacheClock(unixSeconds::get));
    }

    EmbeddedChannel connect() {
        return new EmbeddedChannel(new MemcachedHandler(store, stats, workbenches));
    }

    /** Sends, and returns all that comes back. */
    static byte[] exchange(EmbeddedChannel channel, byte[] request) {
        send(channel, request, 0, request.length);
        return received(channel);
    }

    static String exchange(EmbeddedChannel channel, String request) {
        byte[] answer = exchange(channel, request.getBytes(StandardCharsets.ISO_8859_1));
        return new String(answer, StandardCharsets.ISO_8859_1);
    }

    static void send(EmbeddedChannel channel, byte[] bytes, int from, int to) {
        // Over-sized, so that a read beyond the bytes sent would show.
        ByteBuf buffer = Unpooled.directBuffer(to - from + 3).writeBytes(bytes, from, to - from);
        channel.writeInbound(buffer);
    }

    static byte[] received(EmbeddedChannel channel) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuf part = channel.readOutbound();
        while (part != null) {
            all.writeBytes(ByteBufUtil.getBytes(part));
            part.release();
            part = channel.readOutbound();
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        workbenches.close();
        store.close();
    }
}
