package org.ixnet.stack.dataplane;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.ixnet.stack.flow.FlowKey;
import org.ixnet.stack.flow.FlowTable;
import org.ixnet.stack.util.KeyedHash;
import org.jspecify.annotations.Nullable;

/**
 * Connections that live on another thread than the owner of their flow group, as one thread sees them: those whose packets
 * it forwards, and those that live here and are forwarded to it. Because every packet of such a connection takes the one
 * way over the owner of its flow group, none overtakes another. Thread rule: the elastic thread.
 */
final class Strays {

    /** Forward the packets of {@code key} to {@code thread}. */
    record Entry(FlowKey.Tuple key, int thread) implements FlowKey {
        @Override
        public long localHi() {
            return key.localHi();
        }

        @Override
        public long localLo() {
            return key.localLo();
        }

        @Override
        public int localPort() {
            return key.localPort();
        }

        @Override
        public long remoteHi() {
            return key.remoteHi();
        }

        @Override
        public long remoteLo() {
            return key.remoteLo();
        }

        @Override
        public int remotePort() {
            return key.remotePort();
        }
    }

    private final FlowTable<Entry> forwarded;
    private final Set<FlowKey.Tuple> hosted = new HashSet<>();

    Strays(KeyedHash hash) {
        forwarded = new FlowTable<>(hash, 16);
    }

    boolean forwardsAny() {
        return forwarded.size() != 0;
    }

    boolean hostsAny() {
        return !hosted.isEmpty();
    }

    /** The thread that the connection lives on, or null when it is not known to be a stray. */
    @Nullable
    Entry find(FlowParser flow) {
        return forwarded.get(flow.localHi, flow.localLo, flow.localPort, flow.remoteHi, flow.remoteLo, flow.remotePort);
    }

    /** Whether the packets of {@code key} are forwarded. */
    boolean forwards(FlowKey.Tuple key) {
        return get(key) != null;
    }

    /** Whether the packets of {@code key} are forwarded to {@code thread}. */
    boolean forwardsTo(FlowKey.Tuple key, int thread) {
        Entry entry = get(key);
        return entry != null && entry.thread() == thread;
    }

    /** Forwards the packets of {@code key} to {@code thread} from now on. */
    void forward(FlowKey.Tuple key, int thread) {
        remove(key);
        forwarded.put(new Entry(key, thread));
    }

    /** Stops forwarding {@code key}. */
    void remove(FlowKey.Tuple key) {
        Entry entry = get(key);
        if (entry != null) {
            forwarded.remove(entry);
        }
    }

    private @Nullable Entry get(FlowKey.Tuple key) {
        return forwarded.get(
                key.localHi(), key.localLo(), key.localPort(), key.remoteHi(), key.remoteLo(), key.remotePort());
    }

    /** All that is forwarded. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        forwarded.forEach(entries::add);
        return entries;
    }

    /** The connection lives here, and others forward to it. */
    void host(FlowKey.Tuple key) {
        hosted.add(key);
    }

    /** Returns whether it did. */
    boolean unhost(FlowKey.Tuple key) {
        return hosted.remove(key);
    }

    /** Takes out the hosted connections that {@code lives} denies. */
    List<FlowKey.Tuple> takeGone(Predicate<FlowKey.Tuple> lives) {
        List<FlowKey.Tuple> gone = new ArrayList<>();
        Iterator<FlowKey.Tuple> all = hosted.iterator();
        while (all.hasNext()) {
            FlowKey.Tuple key = all.next();
            if (!lives.test(key)) {
                gone.add(key);
                all.remove();
            }
        }
        return gone;
    }
}
