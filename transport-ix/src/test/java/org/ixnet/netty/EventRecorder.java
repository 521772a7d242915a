package org.ixnet.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;

/**
 * Writes down what a pipeline hears, in a form in which transports can be compared: how often a stream was cut into reads is
 * left out, and exceptions are named by the kind that programs distinguish.
 */
class EventRecorder extends ChannelInboundHandlerAdapter {
    private static final long LIMIT_SECONDS = 20;

    private final String name;
    private final List<String> events = new ArrayList<>();
    private final StringBuilder received = new StringBuilder();
    private long receivedBytes;
    private final CRC32 checksum = new CRC32();
    private final CountDownLatch unregistered = new CountDownLatch(1);
    private volatile Channel channel;

    EventRecorder(String name) {
        this.name = name;
    }

    synchronized void record(String event) {
        // Consecutive reads and read-completes stand for one, whatever their number.
        boolean repeated = events.size() >= 2
                && isRead(event)
                && isRead(events.getLast())
                && event.equals(events.get(events.size() - 2));
        if (repeated) {
            events.removeLast();
        } else if (events.isEmpty() || !events.getLast().equals(event)) {
            events.add(event);
        }
        notifyAll();
    }

    private static boolean isRead(String event) {
        return event.equals("read") || event.equals("readComplete");
    }

    synchronized List<String> events() {
        List<String> named = new ArrayList<>();
        for (String event : events) {
            named.add(name + " " + event);
        }
        return named;
    }

    synchronized String received() {
        return received.toString();
    }

    synchronized long receivedBytes() {
        return receivedBytes;
    }

    /** CRC-32 of all that came. */
    synchronized long checksum() {
        return checksum.getValue();
    }

    /** Records how {@code future} ends. */
    ChannelFuture watch(String what, ChannelFuture future) {
        return future.addListener(
                done -> record(what + (done.isSuccess() ? " done" : " failed: " + kind(done.cause()))));
    }

    Channel channel() {
        await("a channel", () -> channel != null);
        return channel;
    }

    synchronized void await(String what, BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!condition.getAsBoolean()) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (leftMillis <= 0) {
                throw new AssertionError(name + " waited " + LIMIT_SECONDS + " s for " + what + "; heard " + events);
            }
            try {
                wait(leftMillis);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    void awaitEvent(String event) {
        await(event, () -> events.contains(event));
    }

    void awaitLast(String event) {
        await(event + " last", () -> !events.isEmpty() && events.getLast().equals(event));
    }

    void awaitReceived(String text) {
        await(text, () -> received.indexOf(text) >= 0);
    }

    void awaitBytes(long bytes) {
        await(bytes + " bytes", () -> receivedBytes >= bytes);
    }

    void awaitEnd() throws InterruptedException {
        if (!unregistered.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError(name + " did not end; heard " + events());
        }
    }

    static String kind(Throwable cause) {
        if (cause instanceof java.nio.channels.ClosedChannelException) {
            return "ClosedChannelException";
        }
        if (cause instanceof java.net.BindException) {
            return "BindException";
        }
        if (cause instanceof java.net.ConnectException) {
            return "ConnectException";
        }
        return cause instanceof IOException ? "IOException" : cause.getClass().getSimpleName();
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        record("registered");
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        record("active");
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf data = (ByteBuf) msg;
        synchronized (this) {
            receivedBytes += data.readableBytes();
            for (ByteBuffer part : data.nioBuffers()) {
                checksum.update(part);
            }
            if (received.length() < 1000) {
                received.append(data.toString(StandardCharsets.US_ASCII));
            }
            data.release();
            record("read");
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        record("readComplete");
        ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        record(
                event instanceof ChannelInputShutdownEvent
                        ? "ChannelInputShutdownEvent"
                        : event.getClass().getSimpleName());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        record(ctx.channel().isWritable() ? "writable" : "not writable");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        record("exception " + kind(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        record("inactive");
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        record("unregistered");
        unregistered.countDown();
    }
}
