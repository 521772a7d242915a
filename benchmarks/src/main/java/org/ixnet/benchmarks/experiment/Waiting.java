package org.ixnet.benchmarks.experiment;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for their next turn, stopped but with their memory. Thread rule: the orchestrator's main thread.
 *
 * @param <P> whose turn it is
 * @param <S> what waits
 */
final class Waiting<P, S> {
    /** What the machine keeps for all others. */
    static final long SPARE_MEBIBYTES = 1024;

    private final SequencedMap<P, S> waiting = new LinkedHashMap<>();
    private final LongSupplier availableMebibytes;
    private final Consumer<S> end;

    /**
     * @param availableMebibytes what the machine has left
     * @param end ends one who waits, for good
     */
    Waiting(LongSupplier availableMebibytes, Consumer<S> end) {
        this.availableMebibytes = availableMebibytes;
        this.end = end;
    }

    void add(P pair, S session) {
        waiting.put(pair, session);
    }

    /** Who waits for the turn of {@code pair}, and does so no longer; null: nobody. */
    @Nullable
    S take(P pair) {
        return waiting.remove(pair);
    }

    /** Ends some until there is memory for a new one; the last to come first, since they would wait longest. */
    void makeRoom(long neededMebibytes) {
        while (!waiting.isEmpty() && availableMebibytes.getAsLong() < neededMebibytes + SPARE_MEBIBYTES) {
            end.accept(waiting.pollLastEntry().getValue());
        }
    }

    void endAll() {
        waiting.values().forEach(end);
        waiting.clear();
    }
}
