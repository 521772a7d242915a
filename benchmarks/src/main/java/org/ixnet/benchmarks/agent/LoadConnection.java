package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;

/**
 * One client connection: a bounded pipeline of requests whose answers are counted byte by byte. Nothing is allocated a
 * request apart from what Netty itself does. Thread rule: the event loop.
 */
final class LoadConnection extends ChannelInboundHandlerAdapter {

    /** Whom a connection belongs to. All calls on the event loop. */
    interface Owner {
        /** The connection (and its TLS session, if any) is ready for {@link LoadConnection#send}. */
        void ready(LoadConnection connection);

        /** A request was answered in full; {@code dueNanos} is what was given to {@link LoadConnection#send}. */
        void answered(LoadConnection connection, long dueNanos);

        /** The connection is gone; {@code cause} is null unless something broke it. */
        void closed(LoadConnection connection, @Nullable Throwable cause);
    }

    private final Owner owner;
    private final int port;
    private final boolean tls;
    private final int depth;
    private final RequestPool requests;
    private @Nullable Request oldest;
    private @Nullable Request newest;
    private int outstanding;
    private boolean unflushed;
    private boolean expectsClose;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Throwable failure;
    /** Requests answered since the connection opened. */
    int answered;
    /** Requests sent since the connection opened. */
    int sent;
    /** The owner's: where it keeps this connection. */
    int index;
    /** Whether the owner has this connection on its list of those to flush. */
    boolean listed;

    /**
     * @param requests of the owner, for all its connections
     * @param port the server's port, for the owner to connect again
     * @param depth requests that may be under way at once, at least 1
     * @param tls ready only after the handshake
     */
    LoadConnection(Owner owner, RequestPool requests, int port, int depth, boolean tls) {
        this.owner = owner;
        this.port = port;
        this.tls = tls;
        this.requests = requests;
        this.depth = depth;
    }

    int port() {
        return port;
    }

    boolean hasRoom() {
        return outstanding < depth;
    }

    /** The oldest request under way, which leads to the others; null when there is none. */
    @Nullable
    Request oldest() {
        return oldest;
    }

    /**
     * Draws a request and writes it; {@link #flush} sends it. Needs {@link #hasRoom}.
     *
     * @param due {@code System.nanoTime}, or {@link Request#UNTIMED}
     */
    void send(long due) {
        Request request = requests.draw(due);
        if (newest == null) {
            oldest = request;
        } else {
            newest.next = request;
        }
        newest = request;
        outstanding++;
        sent++;
        unflushed = true;
        ChannelHandlerContext to = opened();
        to.write(requests.encode(request), to.voidPromise());
    }

    void flush() {
        if (unflushed) {
            unflushed = false;
            opened().flush();
        }
    }

    /** Closes the connection: by RST or FIN, as its SO_LINGER says. */
    void close() {
        expectsClose = true;
        opened().close();
    }

    /** Closes the connection by RST, so that taking a load down leaves no TIME_WAIT for the next one. */
    void reset() {
        if (opened().channel().isActive()) {
            opened().channel().config().setOption(ChannelOption.SO_LINGER, 0);
            close();
        }
    }

    private ChannelHandlerContext opened() {
        if (context == null) {
            throw new IllegalStateException("connection to port " + port + " is not open yet");
        }
        return context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        if (!tls) {
            owner.ready(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext on, Object event) {
        if (event instanceof io.netty.handler.ssl.SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                owner.ready(this);
            } else {
                exceptionCaught(on, handshake.cause());
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext on, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            read(in);
        } finally {
            in.release();
        }
    }

    private void read(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end) {
            Request request = oldest;
            if (request == null) {
                throw new IllegalStateException((end - at) + " bytes more than were asked for");
            }
            if (request.firstByte >= 0) {
                check(request.firstByte, in.getByte(at));
                request.firstByte = -1;
            }
            int taken = Math.min(end - at, request.leftBytes);
            at += taken;
            request.leftBytes -= taken;
            if (request.leftBytes == 0) {
                answered(request);
            }
        }
    }

    private void answered(Request request) {
        oldest = request.next;
        if (oldest == null) {
            newest = null;
        }
        outstanding--;
        answered++;
        requests.give(request);
        owner.answered(this, request.dueNanos);
    }

    private static void check(int expected, byte found) {
        if (expected != found) {
            throw new IllegalStateException(
                    "the answer begins with '" + (char) found + "', not '" + (char) expected + "'");
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext on) {
        flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext on, Throwable cause) {
        failure = cause;
        on.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext on) {
        if (failure == null && !expectsClose) {
            failure = new IllegalStateException("the server closed the connection with " + outstanding + " unanswered");
        }
        owner.closed(this, failure);
    }
}
