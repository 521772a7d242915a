package org.ixnet.netty;

import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.flow.PortTable;
import org.ixnet.stack.tcp.Listener;
import org.ixnet.stack.tcp.ListenerUser;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcbOptions;
import org.jspecify.annotations.Nullable;

/**
 * A TCP listener of one elastic thread, for all server channels that listen there on the same address: one, or several with
 * {@code SO_REUSEPORT}. A channel whose own (boss) loop runs on this thread gets all of the thread's connections, without a
 * hop; where there is none the channels take turns. The listener, and what waits in its queue, stays as long as one of them
 * is open. Its backlog and the options of its connections are those of the channel that came first.
 *
 * <p>Thread rule: the elastic thread.
 */
final class SharedListener implements ListenerUser {
    /** A server channel's part on one thread. */
    interface Member {
        /** Whether the channel's pipeline runs on this thread. */
        boolean isHome();

        /** Takes connections from {@code source}, as many as the channel wants now. */
        void take(SharedListener source);
    }

    private final IxIoHandler handler;
    private final ElasticThread thread;
    private final long hi;
    private final long lo;
    private final int port;
    private final List<Member> members = new ArrayList<>();
    private @Nullable Listener listener;
    private int turn;

    private SharedListener(IxIoHandler handler, PortTable.Reservation reserved) {
        this.handler = handler;
        this.thread = handler.thread();
        this.hi = reserved.hi();
        this.lo = reserved.lo();
        this.port = reserved.port();
    }

    /** Adds {@code member} to the listener of its address on the thread of {@code handler}; the first opens it. */
    static SharedListener join(
            IxIoHandler handler, PortTable.Reservation reserved, int backlog, TcbOptions childOptions, Member member)
            throws BindException {
        SharedListener shared = find(handler, reserved);
        if (shared == null) {
            shared = new SharedListener(handler, reserved);
            shared.listener =
                    shared.thread.tcp().listen(shared.hi, shared.lo, shared.port, backlog, childOptions, shared);
            handler.listeners().add(shared);
        }
        shared.members.add(member);
        return shared;
    }

    private static @Nullable SharedListener find(IxIoHandler handler, PortTable.Reservation reserved) {
        for (SharedListener shared : handler.listeners()) {
            if (shared.hi == reserved.hi() && shared.lo == reserved.lo() && shared.port == reserved.port()) {
                return shared;
            }
        }
        return null;
    }

    /** The last one to leave closes the listener; otherwise the others get what waits in its queue. */
    void leave(Member member) {
        if (!members.remove(member)) {
            return;
        }
        if (members.isEmpty()) {
            handler.listeners().remove(this);
            Listener listener = this.listener;
            if (listener != null) {
                this.listener = null;
                thread.tcp().close(listener);
            }
        } else {
            offer();
        }
    }

    @Override
    public void knock(Listener listener) {
        offer();
    }

    /** Offers what waits to those whose turn it is. */
    void offer() {
        boolean home = false;
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            if (member.isHome()) {
                home = true;
                member.take(this);
            }
        }
        if (!home) {
            for (int i = members.size(); i > 0 && !members.isEmpty(); i--) {
                turn = (turn + 1) % members.size();
                members.get(turn).take(this);
            }
        }
    }

    /** The oldest connection that waits, or null. */
    @Nullable
    Tcb accept() {
        Listener listener = this.listener;
        return listener == null ? null : thread.tcp().accept(listener);
    }

    /** The loop that owns the connections. */
    IxIoHandler handler() {
        return handler;
    }
}
