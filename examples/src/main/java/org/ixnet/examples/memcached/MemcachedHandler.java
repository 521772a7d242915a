package org.ixnet.examples.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.ArrayDeque;
import org.ixnet.examples.memcached.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * Feeds what arrives on one connection to its protocol, chosen by the first byte, and writes the answers of all requests
 * that came together with one flush.
 *
 * <p>Requests are read where they lie in the network's buffer. Only the start of one that is cut off is kept, by copying,
 * so that every network buffer is released at once: a stack with a receive window can open it again. When the client does
 * not read its answers, no further request is executed and nothing more is read until it does.
 */
final class MemcachedHandler extends ChannelInboundHandlerAdapter {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(MemcachedHandler.class);
    private static final int MIN_PARTIAL_BYTES = 256;

    private final Store store;
    private final ServerStats stats;
    private final Workbenches workbenches;
    /** What arrived while the client was not reading; empty otherwise. */
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();

    private @Nullable Session session;
    private @Nullable Protocol protocol;
    /** The start of a request that is cut off, or an empty buffer. */
    private ByteBuf partial = Unpooled.EMPTY_BUFFER;

    /** Requests are held back until the client reads. */
    private boolean stalled;

    private boolean inputEnded;
    private boolean closed;

    MemcachedHandler(Store store, ServerStats stats, Workbenches workbenches) {
        this.store = store;
        this.stats = stats;
        this.workbenches = workbenches;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        session = new Session(ctx, store, stats, workbenches.of(ctx.executor()));
        stats.currentConnections.increment();
        stats.totalConnections.increment();
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stats.currentConnections.decrement();
        release();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        Session current = session;
        if (closed || current == null || !in.isReadable()) {
            in.release();
            return;
        }
        current.workbench.countRead(in.readableBytes());
        if (stalled) {
            waiting.add(in);
            return;
        }
        current.readClock();
        consume(ctx, current, in);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        finishBatch(ctx);
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        resume(ctx);
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            // The client has sent all it will, but still reads: answer everything, then close.
            inputEnded = true;
            finishBatch(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOGGER.warn("closing {}", ctx.channel(), cause);
        }
        ctx.close();
    }

    /** Executes the requests in {@code in}, and releases it, or lets it wait for the client to read. */
    private void consume(ChannelHandlerContext ctx, Session current, ByteBuf in) {
        Protocol chosen = protocol(current, in);
        boolean running = true;
        while (running && partial.isReadable() && in.isReadable()) {
            partial.writeBytes(in, chosen.missingBytes(partial, in));
            running = run(ctx, current, chosen, partial);
        }
        if (!partial.isReadable()) {
            dropPartial();
        }
        if (running && in.isReadable()) {
            running = run(ctx, current, chosen, in);
        }
        if (current.isClosing() || !in.isReadable()) {
            in.release();
        } else if (!running) {
            waiting.addFirst(in);
            return;
        } else {
            partial = ctx.alloc()
                    .buffer(Math.max(MIN_PARTIAL_BYTES, in.readableBytes()))
                    .writeBytes(in);
            in.release();
        }
    }

    /**
     * Takes steps until more input is needed; returns false when it stopped before that, since the connection is to close,
     * or since the client ought to read first.
     */
    private boolean run(ChannelHandlerContext ctx, Session current, Protocol chosen, ByteBuf in) {
        while (in.isReadable()) {
            if (current.isClosing()) {
                return false;
            }
            if (!ctx.channel().isWritable()) {
                stalled = true;
                ctx.channel().config().setAutoRead(false);
                return false;
            }
            if (!chosen.step(in)) {
                return true;
            }
            current.writeIfLarge();
        }
        return !current.isClosing();
    }

    private Protocol protocol(Session current, ByteBuf in) {
        Protocol chosen = protocol;
        if (chosen == null) {
            boolean isBinary = in.getUnsignedByte(in.readerIndex()) == BinaryProtocol.REQUEST_MAGIC;
            chosen = isBinary ? new BinaryProtocol(current) : new TextProtocol(current);
            protocol = chosen;
        }
        return chosen;
    }

    private void resume(ChannelHandlerContext ctx) {
        Session current = session;
        Protocol chosen = protocol;
        if (!stalled
                || closed
                || current == null
                || chosen == null
                || !ctx.channel().isWritable()) {
            return;
        }
        stalled = false;
        current.readClock();
        run(ctx, current, chosen, partial);
        while (!stalled && !current.isClosing() && !waiting.isEmpty()) {
            consume(ctx, current, waiting.removeFirst());
        }
        finishBatch(ctx);
    }

    private void finishBatch(ChannelHandlerContext ctx) {
        Session current = session;
        if (current == null || closed) {
            return;
        }
        current.flush();
        // The flush may have made room, and so have led back into resume.
        if (closed) {
            return;
        }
        if (current.isClosing() || (inputEnded && !stalled)) {
            closed = true;
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else if (!stalled && !ctx.channel().config().isAutoRead()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    private void dropPartial() {
        if (partial.capacity() > 0) {
            partial.release();
            partial = Unpooled.EMPTY_BUFFER;
        }
    }

    private void release() {
        closed = true;
        dropPartial();
        while (!waiting.isEmpty()) {
            waiting.removeFirst().release();
        }
        if (session != null) {
            session.release();
        }
    }
}
