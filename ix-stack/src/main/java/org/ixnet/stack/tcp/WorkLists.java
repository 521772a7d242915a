package org.ixnet.stack.tcp;

import org.jspecify.annotations.Nullable;

/**
 * The two intrusive lists between the steps of a cycle: connections whose user is to hear of something (ready), and
 * connections that may have something to send (pending). A connection is in each at most once, however often it is marked.
 * Thread rule: the elastic thread.
 */
final class WorkLists {
    private @Nullable Tcb pendingHead;
    private @Nullable Tcb pendingTail;
    private @Nullable Tcb readyHead;
    private @Nullable Tcb readyTail;
    private int readyCount;
    private @Nullable Listener readyListener;

    WorkLists() {}

    boolean isEmpty() {
        return pendingHead == null && readyHead == null && readyListener == null;
    }

    // ------------------------------------------------------- pending

    void addPending(Tcb tcb) {
        if (!tcb.pending) {
            tcb.pending = true;
            if (pendingTail == null) {
                pendingHead = tcb;
            } else {
                pendingTail.pendingNext = tcb;
            }
            pendingTail = tcb;
        }
    }

    @Nullable
    Tcb lastPending() {
        return pendingTail;
    }

    @Nullable
    Tcb pollPending() {
        Tcb tcb = pendingHead;
        if (tcb != null) {
            pendingHead = tcb.pendingNext;
            if (pendingHead == null) {
                pendingTail = null;
            }
            tcb.pendingNext = null;
            tcb.pending = false;
        }
        return tcb;
    }

    // ------------------------------------------------------- ready

    void addReady(Tcb tcb) {
        if (!tcb.ready) {
            tcb.ready = true;
            if (readyTail == null) {
                readyHead = tcb;
            } else {
                readyTail.readyNext = tcb;
            }
            readyTail = tcb;
            readyCount++;
        }
    }

    int readyCount() {
        return readyCount;
    }

    @Nullable
    Tcb pollReady() {
        Tcb tcb = readyHead;
        if (tcb != null) {
            readyHead = tcb.readyNext;
            if (readyHead == null) {
                readyTail = null;
            }
            tcb.readyNext = null;
            tcb.ready = false;
            readyCount--;
        }
        return tcb;
    }

    void addReady(Listener listener) {
        if (!listener.ready) {
            listener.ready = true;
            listener.readyNext = readyListener;
            readyListener = listener;
        }
    }

    @Nullable
    Listener pollReadyListener() {
        Listener listener = readyListener;
        if (listener != null) {
            readyListener = listener.readyNext;
            listener.readyNext = null;
            listener.ready = false;
        }
        return listener;
    }

    // ------------------------------------------------------- a connection leaves the thread

    /** Takes {@code tcb} out of both lists; it costs their length. */
    void remove(Tcb tcb) {
        if (tcb.pending) {
            removePending(tcb);
        }
        if (tcb.ready) {
            removeReady(tcb);
        }
    }

    private void removePending(Tcb tcb) {
        Tcb before = null;
        Tcb at = pendingHead;
        while (at != null && at != tcb) {
            before = at;
            at = at.pendingNext;
        }
        if (before == null) {
            pendingHead = tcb.pendingNext;
        } else {
            before.pendingNext = tcb.pendingNext;
        }
        if (pendingTail == tcb) {
            pendingTail = before;
        }
        tcb.pendingNext = null;
        tcb.pending = false;
    }

    private void removeReady(Tcb tcb) {
        Tcb before = null;
        Tcb at = readyHead;
        while (at != null && at != tcb) {
            before = at;
            at = at.readyNext;
        }
        if (before == null) {
            readyHead = tcb.readyNext;
        } else {
            before.readyNext = tcb.readyNext;
        }
        if (readyTail == tcb) {
            readyTail = before;
        }
        tcb.readyNext = null;
        tcb.ready = false;
        readyCount--;
    }
}
