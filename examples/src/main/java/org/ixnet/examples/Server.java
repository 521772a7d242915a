package org.ixnet.examples;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running server: an event loop group, a listening channel and a {@link Service}. Any thread but an event loop may close
 * it.
 */
public final class Server implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final int LOW_WATER_BYTES = 256 << 10;
    private static final int HIGH_WATER_BYTES = 512 << 10;
    private static final long CLOSE_TIMEOUT_MILLIS = 1500;

    private final EventLoopGroup group;
    private final Channel listener;
    private final Service service;
    private final int loops;
    private boolean closed;

    private Server(EventLoopGroup group, Channel listener, Service service, int loops) {
        this.group = group;
        this.listener = listener;
        this.service = service;
        this.loops = loops;
    }

    /**
     * Starts a server; whatever fails, nothing is left behind, and {@code service} is closed.
     *
     * @param loops event loops; 0 = the transport's default
     * @param noDelay whether connections send small writes at once (TCP_NODELAY)
     * @throws StartException with a message for the user
     */
    public static Server start(
            Transport transport, int loops, InetSocketAddress address, boolean noDelay, Service service)
            throws StartException {
        EventLoopGroup group = null;
        try {
            Throwable cause = transport.unavailabilityCause();
            if (cause != null) {
                throw StartException.unavailable(transport, cause);
            }
            group = newGroup(transport, loops);
            Channel listener = listen(transport, group, address, noDelay, service);
            return new Server(group, listener, service, count(group));
        } catch (StartException | RuntimeException | Error e) {
            terminate(group);
            service.close();
            throw e;
        }
    }

    /** Returns the address it listens on, with the real port. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Returns how many event loops it has. */
    public int loops() {
        return loops;
    }

    /** Waits until the server was closed, or its listening channel has died. */
    public void awaitClose() throws InterruptedException {
        listener.closeFuture().await();
    }

    /** Closes all connections, ends the event loops and frees everything, within two seconds. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            listener.close().awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS / 3);
            if (terminate(group)) {
                service.close();
            }
        }
    }

    private static EventLoopGroup newGroup(Transport transport, int loops) throws StartException {
        try {
            return transport.newGroup(loops);
        } catch (RuntimeException | LinkageError e) {
            throw StartException.unavailable(transport, e);
        }
    }

    private static Channel listen(
            Transport transport, EventLoopGroup group, InetSocketAddress address, boolean noDelay, Service service)
            throws StartException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, noDelay)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(LOW_WATER_BYTES, HIGH_WATER_BYTES))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        service.initialize(channel.pipeline());
                    }
                });
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw StartException.cannotBind(address, cause);
        }
        return bound.channel();
    }

    private static int count(EventLoopGroup group) {
        int loops = 0;
        for (EventExecutor ignored : group) {
            loops++;
        }
        return loops;
    }

    private static boolean terminate(@Nullable EventLoopGroup group) {
        if (group == null) {
            return true;
        }
        Future<?> terminated = group.shutdownGracefully(0, CLOSE_TIMEOUT_MILLIS / 2, TimeUnit.MILLISECONDS);
        return terminated.awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
    }
}
