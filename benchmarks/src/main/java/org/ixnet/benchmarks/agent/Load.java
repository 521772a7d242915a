package org.ixnet.benchmarks.agent;

import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One measurement: connect, warm up, measure for a fixed time, take everything down. Thread rule: {@link #run} on the main
 * thread, which only waits; {@code start}, {@code begin}, {@code end}, {@code stop} on the event loop.
 */
abstract class Load {
    /** What {@link #run} tells while it runs; called on the event loop. */
    interface Progress {
        void say(String word);
    }

    private static final long READY_SECONDS = 60;
    /** Between the word to the orchestrator, who then asks the server for its figures, and the window: it is kept clear of that. */
    private static final double LEAD_SECONDS = 0.1;

    final Client client;
    final EventLoop loop;
    final Meter meter = new Meter();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    /** Completes only exceptionally: what ended the measurement before its time. */
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private ProcessFigures atBegin = ProcessFigures.NONE;
    private ProcessFigures atEnd = ProcessFigures.NONE;
    /** Requests answered between the two. */
    private long answered;

    Load(Client client) {
        this.client = client;
        this.loop = client.loop();
    }

    /** Begins to connect; calls {@link #ready()} when the load flows. */
    abstract void start();

    /** The measurement window opens. */
    void begin(long nowNanos) {}

    /** The measurement window closes; the load still flows. */
    void end(long nowNanos) {}

    /** Takes everything down; calls {@link #finished()}. */
    abstract void stop();

    final void ready() {
        ready.complete(null);
    }

    final void finished() {
        finished.complete(null);
    }

    final void fail(Throwable cause) {
        failed.completeExceptionally(cause);
        ready.completeExceptionally(cause);
    }

    /**
     * @param command its {@code seconds} are measured, after what {@link Settling#of} takes
     * @return the figures by name; {@code settled_seconds} is what the warm-up of a first load took
     * @throws ExecutionException when the load broke; the cause says why
     */
    final Map<String, Double> run(Command command, Progress progress)
            throws ExecutionException, InterruptedException, TimeoutException {
        long threadId = onLoop(() -> Thread.currentThread().threadId());
        double settledSeconds = 0;
        try {
            onLoop(() -> {
                start();
                return 0L;
            });
            ready.get(READY_SECONDS, TimeUnit.SECONDS);
            settledSeconds = warmUp(command);
            long answeredBefore = onLoop(() -> {
                atBegin = ProcessFigures.now(threadId);
                progress.say("begin");
                return meter.answered();
            });
            flow(LEAD_SECONDS);
            onLoop(() -> {
                long now = System.nanoTime();
                begin(now);
                meter.begin(now);
                return 0L;
            });
            flow(command.number("seconds", 1));
            onLoop(() -> {
                long now = System.nanoTime();
                end(now);
                meter.end(now);
                progress.say("end");
                atEnd = ProcessFigures.now(threadId);
                answered = meter.answered() - answeredBefore;
                return 0L;
            });
        } finally {
            onLoop(() -> {
                stop();
                return 0L;
            });
            finished.get(READY_SECONDS, TimeUnit.SECONDS);
        }
        Map<String, Double> result = meter.result();
        if (settledSeconds > 0) {
            result.put("settled_seconds", settledSeconds);
        }
        result.put("messages_of_costs", (double) answered);
        atEnd.putDifference(atBegin, result);
        return result;
    }

    /** A window of the warm-up ends. What a measured one begins with, for example new extremes in the histograms, is to be warm too. */
    private long rehearse() {
        meter.begin(System.nanoTime());
        return meter.total();
    }

    private double warmUp(Command command) throws ExecutionException, InterruptedException {
        CompilerClock compilers = CompilerClock.of(command);
        Settling settling = Settling.of(command, onLoop(meter::total));
        long from;
        long to = System.nanoTime();
        do {
            from = to;
            flow(settling.windowSeconds());
            to = System.nanoTime();
        } while (settling.goesOn(onLoop(this::rehearse), (to - from) / 1e9, compilers.wereQuiet((to - from) / 1e9)));
        return settling.settledSeconds();
    }

    private void flow(double seconds) throws ExecutionException, InterruptedException {
        try {
            failed.get(Math.round(seconds * 1e9), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return; // The load flowed for its whole time.
        }
    }

    private long onLoop(java.util.concurrent.Callable<Long> step) throws ExecutionException, InterruptedException {
        return loop.submit(step).get();
    }
}
