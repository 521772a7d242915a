package org.ixnet.stack.dataplane;

import java.util.HashMap;
import java.util.Map;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Listener;
import org.ixnet.stack.tcp.ListenerUser;
import org.ixnet.stack.tcp.Tcb;
import org.ixnet.stack.tcp.UserCalls;
import org.jspecify.annotations.Nullable;

/**
 * Echoes without a copy: what is received is sent from the same mbuf, which goes back when the peer acknowledged it. One on
 * each thread. Allocates nothing once a connection stands.
 */
final class EchoServer implements ListenerUser {
    final ElasticThread thread;
    final Map<DeathReason, Integer> deaths = new HashMap<>();
    int accepted;
    int open;
    /** Every upcall came on its own thread, and a connection's on the thread that it lives on. */
    volatile boolean consistent = true;

    Runnable onAccept = () -> {};
    Runnable onInconsistent = () -> {};

    EchoServer(ElasticThread thread) {
        this.thread = thread;
    }

    static EchoServer listen(ElasticThread thread, int port) {
        EchoServer server = new EchoServer(thread);
        try {
            thread.tcp()
                    .listen(0, 0, port, 4096, thread.dataplane().config().tcp().tcbOptions(), server);
        } catch (java.net.BindException e) {
            throw new AssertionError(e);
        }
        return server;
    }

    @Override
    public void knock(Listener listener) {
        Tcb tcb;
        while ((tcb = thread.tcp().accept(listener)) != null) {
            accepted++;
            onAccept.run();
            open++;
            Connection connection = new Connection(this);
            tcb.userHandle = connection;
            thread.tcp().attach(tcb, connection);
        }
    }

    /** Mbufs in a chain: first those that were sent, then those that wait. */
    static final class Connection implements ConnectionUser {
        EchoServer home;
        private long head;
        private long tail;
        /** The mbuf that is being sent, and bytes of it that were. */
        private long sending;

        private int sentOfSending;
        /** Bytes of the head that are acknowledged. */
        private int ackedOfHead;

        private boolean finished;

        Connection(EchoServer home) {
            this.home = home;
        }

        private UserCalls tcp() {
            return home.thread.tcp();
        }

        @Override
        public void connected(Tcb tcb) {
            throw new AssertionError("a passive connection");
        }

        @Override
        public void readable(Tcb tcb) {
            check();
            long mbuf;
            while ((mbuf = tcp().receive(tcb)) != 0) {
                home.thread.mbufTaken();
                Mbuf.next(mbuf, 0);
                if (head == 0) {
                    head = mbuf;
                } else {
                    Mbuf.next(tail, mbuf);
                }
                tail = mbuf;
                if (sending == 0) {
                    sending = mbuf;
                    sentOfSending = 0;
                }
            }
            finished = tcp().receiveFinished(tcb);
            pump(tcb);
        }

        private void pump(Tcb tcb) {
            while (sending != 0) {
                int left = Mbuf.payloadLengthBytes(sending) - sentOfSending;
                int taken = left == 0 ? 0 : tcp().send(tcb, Mbuf.payloadAddress(sending) + sentOfSending, left);
                sentOfSending += taken;
                if (taken < left) {
                    return;
                }
                sending = Mbuf.next(sending);
                sentOfSending = 0;
            }
            if (finished) {
                tcp().close(tcb);
            }
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {
            check();
            long left = ackedBytes;
            while (left > 0) {
                int length = Mbuf.payloadLengthBytes(head);
                int of = (int) Math.min(left, length - ackedOfHead);
                left -= of;
                ackedOfHead += of;
                if (ackedOfHead == length) {
                    tcp().receiveDone(tcb, length);
                    freeHead();
                }
            }
            if (sending != 0) {
                pump(tcb);
            }
        }

        private void freeHead() {
            long mbuf = head;
            head = Mbuf.next(mbuf);
            ackedOfHead = 0;
            home.thread.mbufReturned(mbuf);
        }

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            check();
            while (head != 0) {
                freeHead();
            }
            sending = 0;
            home.open--;
            home.deaths.merge(reason, 1, Integer::sum);
        }

        private void check() {
            if (!home.thread.inThread()) {
                home.consistent = false;
                home.onInconsistent.run();
            }
        }

        /** The connection's user follows it to another thread. */
        void moveTo(EchoServer target) {
            home.open--;
            target.open++;
            home = target;
        }
    }

    /** The only server of {@code servers} with {@code thread}. */
    static @Nullable EchoServer on(java.util.List<EchoServer> servers, ElasticThread thread) {
        return servers.stream()
                .filter(server -> server.thread.index() == thread.index())
                .findFirst()
                .orElse(null);
    }
}
