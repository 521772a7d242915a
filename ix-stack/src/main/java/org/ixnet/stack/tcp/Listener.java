package org.ixnet.stack.tcp;

import org.jspecify.annotations.Nullable;

/** A listening port on one elastic thread, with its SYN queue and accept queue. Thread rule: the owning elastic thread. */
public final class Listener {
    /** For the user to find its own object again. */
    public @Nullable Object userHandle;

    final long localHi;
    final long localLo;
    final int localPort;
    final int backlog;
    final TcbOptions childOptions;
    final ListenerUser user;

    // SYN queue
    @Nullable
    SynRequest firstRequest;

    int requests;

    // accept queue, oldest first
    private @Nullable Tcb acceptHead;
    private @Nullable Tcb acceptTail;
    int acceptable;

    boolean open = true;
    boolean ready;

    @Nullable
    Listener readyNext;
    /** Next listener of the same hash slot. */
    @Nullable
    Listener tableNext;

    Listener(long localHi, long localLo, int localPort, int backlog, TcbOptions childOptions, ListenerUser user) {
        this.localHi = localHi;
        this.localLo = localLo;
        this.localPort = localPort;
        this.backlog = backlog;
        this.childOptions = childOptions;
        this.user = user;
    }

    public long localHi() {
        return localHi;
    }

    public long localLo() {
        return localLo;
    }

    public int localPort() {
        return localPort;
    }

    /** Options that each child begins with; changes affect later children. */
    public TcbOptions childOptions() {
        return childOptions;
    }

    /** Connections that wait for accept. */
    public int acceptable() {
        return acceptable;
    }

    /** As Linux: the queue holds one more than the backlog says. */
    boolean acceptQueueFull() {
        return acceptable > backlog;
    }

    void enqueue(Tcb tcb) {
        if (acceptTail == null) {
            acceptHead = tcb;
        } else {
            acceptTail.acceptNext = tcb;
        }
        acceptTail = tcb;
        acceptable++;
    }

    @Nullable
    Tcb dequeue() {
        Tcb tcb = acceptHead;
        if (tcb != null) {
            acceptHead = tcb.acceptNext;
            if (acceptHead == null) {
                acceptTail = null;
            }
            tcb.acceptNext = null;
            tcb.listener = null;
            acceptable--;
        }
        return tcb;
    }

    void add(SynRequest request) {
        request.previous = null;
        request.next = firstRequest;
        if (firstRequest != null) {
            firstRequest.previous = request;
        }
        firstRequest = request;
        requests++;
    }

    void remove(SynRequest request) {
        if (request.previous == null) {
            firstRequest = request.next;
        } else {
            request.previous.next = request.next;
        }
        if (request.next != null) {
            request.next.previous = request.previous;
        }
        request.previous = null;
        request.next = null;
        requests--;
    }
}
