package org.ixnet.stack.dataplane;

import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.flow.FlowGroups;
import org.ixnet.stack.flow.FlowKey;
import org.ixnet.stack.flow.Toeplitz;
import org.ixnet.stack.stats.Counters;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcpLayer;
import org.ixnet.stack.timer.Timer;
import org.ixnet.stack.timer.TimingWheel;

/**
 * One thread's part when flow groups or single connections go from thread to thread; {@link Membership} decides who owns
 * which group. Groups move without their connections, which stay with their users; a connection moves when its user says
 * so. Either way the owner of the flow group forwards its packets. Thread rule: the elastic thread.
 */
final class FlowGroupMigration {
    /** How often connections are looked for that ended, and that others still forward. */
    private static final long SWEEP_NANOS = 1_000_000_000;

    private final ElasticThread thread;
    private final Membership membership;
    private final FlowGroups flowGroups;
    private final Toeplitz toeplitz;
    private final TcpLayer tcp;
    private final TimingWheel timers;
    private final Strays strays;
    private final Counters<ThreadCounter> counters;
    private final Timer sweep = new Sweep();

    FlowGroupMigration(
            ElasticThread thread,
            Membership membership,
            Toeplitz toeplitz,
            TcpLayer tcp,
            TimingWheel timers,
            Strays strays) {
        this.thread = thread;
        this.membership = membership;
        this.flowGroups = membership.flowGroups();
        this.toeplitz = toeplitz;
        this.tcp = tcp;
        this.timers = timers;
        this.strays = strays;
        this.counters = thread.counters();
        tcp.onActiveOpen(this::opened);
    }

    /** A connection of this thread's own begins; where its replies hash to another thread, that one must know. */
    private void opened(FlowKey flow) {
        int group = group(flow);
        if (flowGroups.owner(group) != thread.index()) {
            FlowKey.Tuple key = FlowKey.Tuple.of(flow);
            host(key);
            membership.announceStray(group, key, thread.index());
        }
    }

    /** As owner of the flow group of {@code key}: forward its packets. Should the group be gone, its new owner must. */
    void forward(int group, FlowKey.Tuple key, int host) {
        if (flowGroups.owner(group) != thread.index()) {
            membership.announceStray(group, key, host);
        } else {
            forward(key, host);
        }
    }

    /**
     * What this thread knows itself stands: it is where the connection went from here, and leads on to where it is. Whoever
     * tells another place may know an older one, from where the way could lead back here.
     */
    private void forward(FlowKey.Tuple key, int host) {
        if (lives(key)) {
            strays.remove(key);
        } else if (host != thread.index() && membership.isAttached(host) && !strays.forwards(key)) {
            strays.forward(key, host);
        }
    }

    /** What this thread forwards; while it leaves it goes on doing so, for packets that are in its rings. */
    List<Strays.Entry> detours() {
        return strays.entries();
    }

    /** {@code leaver} leaves: what this thread forwards to it goes where the leaver would have forwarded it. */
    void avoid(int leaver, List<Strays.Entry> itsDetours) {
        for (Strays.Entry detour : itsDetours) {
            if (strays.forwardsTo(detour.key(), leaver)) {
                strays.remove(detour.key());
                forward(detour.key(), detour.thread());
            }
        }
    }

    /** The flow group of a connection. */
    int group(FlowKey key) {
        return flowGroups.group(toeplitz.hash(
                key.remoteHi(), key.remoteLo(), key.localHi(), key.localLo(), key.remotePort(), key.localPort()));
    }

    /**
     * The groups marked in {@code groups} go to others.
     *
     * @return what the new owners must forward: connections that stay here, and those that this thread forwarded
     */
    List<Strays.Entry> giveGroups(boolean[] groups) {
        List<Strays.Entry> elsewhere = new ArrayList<>();
        tcp.forEachFlow(flow -> {
            if (groups[group(flow)]) {
                FlowKey.Tuple key = FlowKey.Tuple.of(flow);
                elsewhere.add(new Strays.Entry(key, thread.index()));
                host(key);
            }
        });
        for (Strays.Entry entry : strays.entries()) {
            if (groups[group(entry)]) {
                // Stays here too: others may still know this thread as a place of the connection.
                elsewhere.add(entry);
            }
        }
        return elsewhere;
    }

    /** This thread comes to own flow groups with connections that live elsewhere. */
    void takeGroups(List<Strays.Entry> elsewhere) {
        counters.increment(ThreadCounter.GROUPS_TAKEN);
        for (Strays.Entry entry : elsewhere) {
            forward(entry.key(), entry.thread());
        }
    }

    /** See {@link ElasticThread#moveConnection}. */
    boolean move(Tcb tcb, ElasticThread target, Runnable moved, long nowNanos) {
        FlowKey.Tuple key = FlowKey.Tuple.of(tcb);
        if (!tcp.release(tcb, nowNanos)) {
            // No segments reach it any more. Those of its ports and addresses may be a later connection's.
            return target.message(() -> target.migration().adoptEnded(tcb, moved)) || abort(tcb, nowNanos);
        }
        boolean hosted = strays.unhost(key);
        if (target.message(() -> target.migration().adopt(tcb, key, moved))) {
            // After the connection was sent: its packets find it there.
            strays.forward(key, target.index());
            return true;
        }
        if (hosted) {
            host(key);
        }
        return abort(tcb, nowNanos);
    }

    private boolean abort(Tcb tcb, long nowNanos) {
        tcp.adopt(tcb, nowNanos);
        tcp.userCalls().abort(tcb);
        return false;
    }

    private void adopt(Tcb tcb, FlowKey.Tuple key, Runnable moved) {
        // Back on a thread that forwarded it: the detour ends here.
        strays.remove(key);
        host(key);
        adoptEnded(tcb, moved);
    }

    private void adoptEnded(Tcb tcb, Runnable moved) {
        counters.increment(ThreadCounter.CONNECTIONS_ADOPTED);
        tcp.adopt(tcb, thread.nowNanos());
        moved.run();
    }

    private void host(FlowKey.Tuple key) {
        strays.host(key);
        if (!sweep.isArmed()) {
            timers.arm(sweep, thread.nowNanos() + SWEEP_NANOS);
        }
    }

    /** Nothing lives here any more: the others must not forward. */
    void forgetAll() {
        for (FlowKey.Tuple key : strays.takeGone(key -> false)) {
            membership.forgetStray(key);
        }
    }

    private boolean lives(FlowKey.Tuple key) {
        return tcp.contains(
                key.localHi(), key.localLo(), key.localPort(), key.remoteHi(), key.remoteLo(), key.remotePort());
    }

    private final class Sweep extends Timer {
        @Override
        protected void expire(long nowNanos) {
            for (FlowKey.Tuple key : strays.takeGone(FlowGroupMigration.this::lives)) {
                membership.forgetStray(key);
            }
            if (strays.hostsAny()) {
                timers.arm(this, nowNanos + SWEEP_NANOS);
            }
        }
    }
}
