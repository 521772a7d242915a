package org.ixnet.benchmarks.raw;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.ixnet.benchmarks.agent.EchoWorkload;
import org.ixnet.benchmarks.agent.Meter;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxServerSocketChannel;
import org.ixnet.stack.dataplane.Dataplane;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.VirtualLink;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;

/**
 * How often one event loop polls its device, and how often it runs tasks, while it is flooded: with tasks that hand
 * themselves in again for ever, with packets of an echo from a client that is faster than it, or with both. In this process,
 * over the wire in memory; the client has a thread of its own.
 *
 * <p>Tasks run in turns, one between two polls. The task interval is from the first task of a turn to the first of the next;
 * each poll hands in a task that does nothing, so that every turn has one. How long a task waits in the queue is another
 * matter: tasks keep their order.
 *
 * <p>Thread rule: one thread, which also is the client's.
 */
public final class Fairness implements AutoCloseable {
    /** What the loop has to bear. */
    public enum Flood {
        TASKS,
        PACKETS,
        BOTH;

        boolean tasks() {
            return this != PACKETS;
        }

        boolean packets() {
            return this != TASKS;
        }
    }

    /**
     * Intervals in nanoseconds, and what the loop did meanwhile.
     *
     * @param poll between two polls of the device
     * @param task between two turns of tasks
     */
    public record Result(Histogram poll, Histogram task, double seconds, long tasks, long messages) {}

    private static final int PORT = 7000;
    private static final int MBUFS = 16_384;
    private static final long SETUP_NANOS = 10_000_000_000L;
    private static final long MAX_NANOS = 60_000_000_000L;

    private final Dataplane serverPlane;
    private final Dataplane clientPlane;
    private final IxEventLoopGroup group;
    private final EventLoop loop;
    private final ElasticThread clientThread;
    private final Watch watch = new Watch();

    /** @param settings IX settings of both ends, without their prefix */
    public Fairness(Map<String, String> settings) throws IOException, InterruptedException {
        VirtualLink link = new VirtualLink(
                VirtualLink.End.of("a", 0x02_00_00_00_00_0aL).withMbufs(MBUFS, 2048),
                VirtualLink.End.of("b", 0x02_00_00_00_00_0bL).withMbufs(MBUFS, 2048),
                System::nanoTime,
                1);
        serverPlane = Dataplane.open(config("10.77.0.2", settings), new TimedDevice(link.a(), watch::polled));
        clientPlane = Dataplane.open(config("10.77.0.1", settings), link.b());
        group = new IxEventLoopGroup(1, serverPlane);
        loop = group.next();
        new ServerBootstrap()
                .group(group)
                .channel(IxServerSocketChannel.class)
                .childHandler(new Echo())
                .bind("10.77.0.2", PORT)
                .sync();
        clientThread = clientPlane.attach(() -> {});
    }

    private static IxConfig config(String address, Map<String, String> settings) {
        Properties properties = new Properties();
        properties.setProperty("ix.device", "virtual");
        properties.setProperty("ix.iface", "bench");
        properties.setProperty("ix.address", address + "/24");
        properties.setProperty("ix.hostAddress", "");
        properties.setProperty("ix.loops", "1");
        properties.setProperty("ix.maxThreads", "1");
        properties.setProperty("ix.idle", "spin");
        settings.forEach((key, value) -> properties.setProperty("ix." + key, value));
        return IxConfig.fromProperties(properties);
    }

    /**
     * Floods and measures, after as long a warm-up of half that time.
     *
     * @param taskNanos how long each task of the flood takes
     * @param tasks how many of them are in the queue
     * @param connections of the echo, each with one message of {@code messageBytes} under way
     */
    public Result measure(Flood flood, long taskNanos, int tasks, int connections, int messageBytes, double seconds)
            throws IOException, InterruptedException {
        Meter meter = new Meter();
        RawClient client = new RawClient(
                clientThread,
                new EchoWorkload(messageBytes),
                meter,
                new RawClient.Load(flood.packets() ? connections : 0, 1, 0),
                new RawClient.Target(0, IpAddresses.parseIpv4("10.77.0.2"), PORT, 1));
        long deadline = System.nanoTime() + SETUP_NANOS;
        while (!client.isReady()) {
            poll(client);
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("after 10 s only " + client.diagnosis());
            }
        }
        FloodTask.Source source = new FloodTask.Source(loop, watch, taskNanos);
        for (int i = 0; i < tasks && flood.tasks(); i++) {
            loop.execute(new FloodTask(source));
        }
        try {
            run(client, flood, seconds / 2);
            loop.submit(() -> watch.begin(loop, source)).sync();
            long answered = client.answered();
            long began = System.nanoTime();
            run(client, flood, seconds);
            long messages = client.answered() - answered;
            double took = (System.nanoTime() - began) / 1e9;
            return loop.submit(() -> watch.end(took, source, messages)).get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IOException("the loop failed", e);
        } finally {
            source.stop = true;
            end(client);
        }
    }

    private static void poll(RawClient client) throws IOException {
        client.poll(System.nanoTime());
        if (client.failure() != null) {
            throw new IOException("the echo broke: " + client.failure());
        }
    }

    private static void run(RawClient client, Flood flood, double seconds) throws IOException, InterruptedException {
        if (!flood.packets()) {
            // Leaves the core to the loop.
            TimeUnit.NANOSECONDS.sleep(Math.round(seconds * 1e9));
            return;
        }
        long end = System.nanoTime() + Math.round(seconds * 1e9);
        while (System.nanoTime() - end < 0) {
            poll(client);
        }
    }

    private static void end(RawClient client) {
        client.stop();
        for (int i = 0; i < 1_000 && !client.isStopped(); i++) {
            client.poll(System.nanoTime());
        }
        client.close();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        clientThread.detach();
        serverPlane.release();
        clientPlane.release();
    }

    /** What is measured. Thread rule: the loop. */
    private static final class Watch {
        private Histogram poll = new Histogram(1, MAX_NANOS, 3);
        private Histogram task = new Histogram(1, MAX_NANOS, 3);
        private final Runnable probe = this::probe;
        private @Nullable EventLoop loop;
        private boolean probing;
        /** No task has run since the last poll. */
        private boolean turnDue;

        private long polledNanos;
        private long turnNanos;
        private long tasksBefore;

        void polled() {
            EventLoop loop = this.loop;
            if (loop == null) {
                return;
            }
            long now = System.nanoTime();
            record(poll, now - polledNanos);
            polledNanos = now;
            turnDue = true;
            if (!probing) {
                probing = true;
                loop.execute(probe);
            }
        }

        private void probe() {
            probing = false;
            taskRuns();
        }

        void taskRuns() {
            if (turnDue) {
                turnDue = false;
                long now = System.nanoTime();
                record(task, now - turnNanos);
                turnNanos = now;
            }
        }

        private static void record(Histogram histogram, long nanos) {
            histogram.recordValue(Math.clamp(nanos, 1, MAX_NANOS));
        }

        void begin(EventLoop on, FloodTask.Source source) {
            poll = new Histogram(1, MAX_NANOS, 3);
            task = new Histogram(1, MAX_NANOS, 3);
            loop = on;
            polledNanos = System.nanoTime();
            turnNanos = polledNanos;
            turnDue = false;
            tasksBefore = source.ran;
        }

        Result end(double seconds, FloodTask.Source source, long messages) {
            loop = null;
            return new Result(poll, task, seconds, source.ran - tasksBefore, messages);
        }
    }

    /** A task that works for a while and hands itself in again. Thread rule: the loop. */
    private record FloodTask(Source source) implements Runnable {
        /** What all tasks of a flood share. */
        static final class Source {
            final EventLoop loop;
            final Watch watch;
            final long taskNanos;
            volatile boolean stop;
            long ran;

            Source(EventLoop loop, Watch watch, long taskNanos) {
                this.loop = loop;
                this.watch = watch;
                this.taskNanos = taskNanos;
            }
        }

        @Override
        public void run() {
            source.ran++;
            source.watch.taskRuns();
            if (source.taskNanos > 0) {
                long end = System.nanoTime() + source.taskNanos;
                while (System.nanoTime() - end < 0) {
                    Thread.onSpinWait();
                }
            }
            if (!source.stop) {
                source.loop.execute(this);
            }
        }
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the client resets its connections in the end
        }
    }
}
