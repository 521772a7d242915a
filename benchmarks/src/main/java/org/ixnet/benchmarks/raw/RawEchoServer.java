package org.ixnet.benchmarks.raw;

import java.net.BindException;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Listener;
import org.ixnet.stack.tcp.ListenerUser;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.TcbOptions;
import org.ixnet.stack.tcp.UserCalls;

/**
 * TCP echo on the bare stack, zero copy both ways: the mbuf that came in is what is sent, and goes back to the pool when the
 * peer has acknowledged it; the window opens then. Allocates nothing once a connection stands. Thread rule: the elastic
 * thread.
 */
public final class RawEchoServer implements ListenerUser {
    private static final int BACKLOG = 4096;

    private final ElasticThread thread;
    private final UserCalls tcp;

    /** Echoes on {@code thread}. */
    public RawEchoServer(ElasticThread thread) {
        this.thread = thread;
        this.tcp = thread.tcp();
    }

    /** Listens on {@code port} of all addresses. */
    public void listen(int port) throws BindException {
        TcbOptions options = thread.dataplane().config().tcp().tcbOptions();
        options.noDelay = true;
        tcp.listen(0, 0, port, BACKLOG, options, this);
    }

    @Override
    public void knock(Listener listener) {
        for (Tcb tcb = tcp.accept(listener); tcb != null; tcb = tcp.accept(listener)) {
            tcp.attach(tcb, new Connection());
        }
    }

    /**
     * The mbufs of one connection in a chain, oldest first: sent and not yet acknowledged, then (from {@code unsent}) those
     * that the send buffer had no room for.
     */
    private final class Connection implements ConnectionUser {
        private long oldest;
        private long newest;
        private long unsent;
        private int sentOfUnsent;
        private int ackedOfOldest;
        private boolean finished;

        @Override
        public void connected(Tcb tcb) {}

        @Override
        public void readable(Tcb tcb) {
            for (long mbuf = tcp.receive(tcb); mbuf != 0; mbuf = tcp.receive(tcb)) {
                thread.mbufTaken();
                Mbuf.next(mbuf, 0);
                if (oldest == 0) {
                    oldest = mbuf;
                } else {
                    Mbuf.next(newest, mbuf);
                }
                newest = mbuf;
                if (unsent == 0) {
                    unsent = mbuf;
                }
            }
            finished = tcp.receiveFinished(tcb);
            send(tcb);
        }

        private void send(Tcb tcb) {
            while (unsent != 0) {
                int left = Mbuf.payloadLengthBytes(unsent) - sentOfUnsent;
                int accepted = tcp.send(tcb, Mbuf.payloadAddress(unsent) + sentOfUnsent, left);
                if (accepted < left) {
                    sentOfUnsent += accepted;
                    return;
                }
                unsent = Mbuf.next(unsent);
                sentOfUnsent = 0;
            }
            if (finished) {
                tcp.close(tcb);
            }
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {
            long left = ackedBytes;
            while (left > 0) {
                int length = Mbuf.payloadLengthBytes(oldest);
                int taken = (int) Math.min(left, length - ackedOfOldest);
                left -= taken;
                ackedOfOldest += taken;
                if (ackedOfOldest == length) {
                    tcp.receiveDone(tcb, length);
                    freeOldest();
                }
            }
            if (unsent != 0) {
                send(tcb);
            }
        }

        private void freeOldest() {
            long mbuf = oldest;
            oldest = Mbuf.next(mbuf);
            ackedOfOldest = 0;
            thread.mbufReturned(mbuf);
        }

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            unsent = 0;
            while (oldest != 0) {
                freeOldest();
            }
        }
    }
}
