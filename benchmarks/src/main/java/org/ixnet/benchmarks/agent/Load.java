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
     * How long.
     *
     * @param warmupSeconds not measured
     * @param settleSeconds if not 0, the most that {@link Settling} may take in place of {@code warmupSeconds}
     * @param measureSeconds the window
     */
    record Times(double warmupSeconds, double settleSeconds, double measureSeconds) {}

    /**
     * @param compilers those that {@link Settling} waits for
     * @return the figures by name; {@code settled_seconds} is what {@link Settling} took
     * @throws ExecutionException when the load broke; the cause says why
     */
    final Map<String, Double> run(Times times, CompilerClock compilers, Progress progress)
            throws ExecutionException, InterruptedException, TimeoutException {
        long threadId = onLoop(() -> Thread.currentThread().threadId());
        double settledSeconds = 0;
        try {
            onLoop(() -> {
                start();
                return 0L;
            });
            ready.get(READY_SECONDS, TimeUnit.SECONDS);
            if (times.settleSeconds > 0) {
                settledSeconds = settle(times.settleSeconds, compilers);
            } else {
                flow(times.warmupSeconds);
            }
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
            flow(times.measureSeconds);
            onLoop(() -> {
                long now = System.nanoTime();
                meter.end(now);
                end(now);
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
        if (times.settleSeconds > 0) {
            result.put("settled_seconds", settledSeconds);
        }
        result.put("messages_of_costs", (double) answered);
        atEnd.putDifference(atBegin, result);
        return result;
    }

    private double settle(double boundSeconds, CompilerClock compilers)
            throws ExecutionException, InterruptedException {
        Settling settling = new Settling(boundSeconds, onLoop(meter::total), compilers.millis());
        long from;
        long to = System.nanoTime();
        do {
            from = to;
            flow(Settling.WINDOW_SECONDS);
            to = System.nanoTime();
        } while (settling.goesOn(onLoop(meter::total), (to - from) / 1e9, compilers.millis()));
        return settling.seconds();
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
