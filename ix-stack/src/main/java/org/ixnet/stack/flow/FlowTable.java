package org.ixnet.stack.flow;

import org.ixnet.stack.util.KeyedHash;
import org.jspecify.annotations.Nullable;

/**
 * One thread's connections by 4-tuple: open addressing over 32-bit fingerprints, so that a look-up touches one line of
 * fingerprints and then the connection itself. The hash is keyed: nobody outside can choose tuples that collide. When the
 * table grows, every later operation moves a few entries, so that no cycle pays for all of them. Thread rule: one owner.
 *
 * @param <V> the connections
 */
public final class FlowTable<V extends FlowKey> {

    /** Visits connections; see {@link FlowTable#forEach}. */
    @FunctionalInterface
    public interface Visitor<V> {
        void visit(V value);
    }

    public FlowTable(KeyedHash hash, int initialCapacity) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The connection between these two ends, or null. */
    public @Nullable V get(long localHi, long localLo, int localPort, long remoteHi, long remoteLo, int remotePort) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Adds a connection; false, and no change, when there is one with an equal key. */
    public boolean put(V value) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Removes this very connection; false when it is not in the table. */
    public boolean remove(V value) {
        throw new UnsupportedOperationException("not built yet");
    }

    public int size() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Visits every connection once; the visitor must not change the table. */
    public void forEach(Visitor<? super V> visitor) {
        throw new UnsupportedOperationException("not built yet");
    }
}
