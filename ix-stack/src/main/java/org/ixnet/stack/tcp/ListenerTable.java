package org.ixnet.stack.tcp;

import org.jspecify.annotations.Nullable;

/** The listeners of one thread by port, then address. Thread rule: the elastic thread. */
final class ListenerTable {
    private static final int SLOTS = 256;

    private final @Nullable Listener[] slots = new @Nullable Listener[SLOTS];

    ListenerTable() {}

    private static int slot(int localPort) {
        return localPort & SLOTS - 1;
    }

    void add(Listener listener) {
        int slot = slot(listener.localPort);
        listener.tableNext = slots[slot];
        slots[slot] = listener;
    }

    void remove(Listener listener) {
        int slot = slot(listener.localPort);
        Listener before = null;
        for (Listener at = slots[slot]; at != null; at = at.tableNext) {
            if (at == listener) {
                if (before == null) {
                    slots[slot] = at.tableNext;
                } else {
                    before.tableNext = at.tableNext;
                }
                at.tableNext = null;
                return;
            }
            before = at;
        }
    }

    /** The listener for a segment to a local address: one that names it before one for any. */
    @Nullable
    Listener find(long localHi, long localLo, int localPort) {
        Listener any = null;
        for (Listener at = slots[slot(localPort)]; at != null; at = at.tableNext) {
            if (at.localPort == localPort) {
                if (at.localHi == localHi && at.localLo == localLo) {
                    return at;
                }
                if ((at.localHi | at.localLo) == 0) {
                    any = at;
                }
            }
        }
        return any;
    }

    /** Whether there is a listener with exactly this address. */
    boolean contains(long localHi, long localLo, int localPort) {
        Listener listener = find(localHi, localLo, localPort);
        return listener != null && listener.localHi == localHi && listener.localLo == localLo;
    }

    /** Any listener, or null when there is none. */
    @Nullable
    Listener any() {
        for (Listener listener : slots) {
            if (listener != null) {
                return listener;
            }
        }
        return null;
    }
}
