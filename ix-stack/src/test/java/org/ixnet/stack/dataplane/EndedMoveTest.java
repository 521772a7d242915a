package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ixnet.stack.tcp.ConnectionUser;
import org.ixnet.stack.tcp.DeathReason;
import org.ixnet.stack.tcp.Listener;
import org.ixnet.stack.tcp.ListenerUser;
import org.ixnet.stack.tcp.Tcb;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Connections that move when they have ended, or to a thread that has. */
class EndedMoveTest {
    private static final int PORT = 7;
    private static final int CLIENT_PORT = 40_000;

    /** Takes what comes and closes its output after the peer, but not the connection. */
    private static final class User implements ConnectionUser {
        ElasticThread thread;
        int bytes;

        @Nullable
        DeathReason death;

        User(ElasticThread thread) {
            this.thread = thread;
        }

        @Override
        public void connected(Tcb tcb) {}

        @Override
        public void readable(Tcb tcb) {
            bytes += VirtualNet.drain(thread, tcb);
            if (thread.tcp().receiveFinished(tcb)) {
                thread.tcp().shutdownOutput(tcb);
            }
        }

        @Override
        public void sent(Tcb tcb, long ackedBytes) {}

        @Override
        public void dead(Tcb tcb, DeathReason reason) {
            death = reason;
        }
    }

    private static final class Server implements ListenerUser {
        final ElasticThread thread;
        final List<Tcb> tcbs = new ArrayList<>();
        final List<User> users = new ArrayList<>();

        Server(VirtualNet net) throws Exception {
            thread = net.serverThread();
            thread.tcp().listen(0, 0, PORT, 16, net.options(), this);
        }

        @Override
        public void knock(Listener listener) {
            Tcb tcb;
            while ((tcb = thread.tcp().accept(listener)) != null) {
                User user = new User(thread);
                tcbs.add(tcb);
                users.add(user);
                thread.tcp().attach(tcb, user);
            }
        }
    }

    /** Three server threads, of which the first owns all flows. */
    private static VirtualNet net() {
        VirtualNet net = new VirtualNet(
                VirtualNet.end("a", 0x02_00_00_00_00_0aL), VirtualNet.end("b", 0x02_00_00_00_00_0bL), 1, 3, 31);
        net.serverThreads.get(1).ownsFlows(false);
        net.serverThreads.get(2).ownsFlows(false);
        net.run(VirtualNet.MILLI);
        return net;
    }

    private static Tcb connect(VirtualNet net, Server server, User user) throws Exception {
        int before = server.tcbs.size();
        Tcb tcb = net.clientThread()
                .tcp()
                .open(0, 0, CLIENT_PORT, VirtualNet.SERVER.hi(), VirtualNet.SERVER.lo(), PORT, net.options(), user);
        assertThat(net.runUntil(() -> server.tcbs.size() > before, VirtualNet.SECOND))
                .isTrue();
        return tcb;
    }

    private static boolean send(VirtualNet net, Tcb tcb, User receiver) {
        var data = java.lang.foreign.Arena.ofAuto().allocate(100);
        net.clientThread().tcp().send(tcb, data.address(), 100);
        boolean came = net.runUntil(() -> receiver.bytes == 100, VirtualNet.SECOND);
        net.run(VirtualNet.SECOND); // and the acknowledgement
        java.lang.ref.Reference.reachabilityFence(data);
        return came;
    }

    /** The packets of a later connection with the same ports go on to where that one is. */
    @Test
    void anEndedConnectionMovesAloneWhenItsPortsAreUsedAgain() throws Exception {
        try (VirtualNet net = net()) {
            Server server = new Server(net);
            User firstClient = new User(net.clientThread());
            Tcb first = connect(net, server, firstClient);
            net.clientThread().tcp().close(first);
            net.run(3 * VirtualNet.SECOND); // the end of the client's TIME-WAIT
            assertThat(server.users.getFirst().death)
                    .as("its user has not closed")
                    .isNull();

            User secondClient = new User(net.clientThread());
            Tcb second = connect(net, server, secondClient);
            User live = server.users.get(1);
            live.thread = net.serverThreads.get(1);
            assertThat(server.thread.moveConnection(server.tcbs.get(1), live.thread, () -> {}))
                    .isTrue();
            net.run(VirtualNet.MILLI);
            User ended = server.users.getFirst();
            ended.thread = net.serverThreads.get(2);
            assertThat(server.thread.moveConnection(server.tcbs.getFirst(), ended.thread, () -> {}))
                    .isTrue();
            net.run(VirtualNet.MILLI);

            assertThat(send(net, second, live)).as("data comes").isTrue();
            assertThat(secondClient.death).isNull();
            ended.thread.tcp().close(server.tcbs.getFirst());
            net.run(VirtualNet.MILLI);
            assertThat(ended.death).isEqualTo(DeathReason.CLOSED);
            assertThat(live.death).isNull();
            net.clientThread().tcp().abort(second);
            net.run(VirtualNet.SECOND);
            assertThat(live.death).isEqualTo(DeathReason.RESET_BY_PEER);
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }

    @Test
    void aConnectionForAThreadThatHasLeftDiesWhereItIs() throws Exception {
        try (VirtualNet net = net()) {
            Server server = new Server(net);
            User client = new User(net.clientThread());
            connect(net, server, client);
            ElasticThread left = net.serverThreads.get(2);
            net.detach(left);
            List<String> moved = new ArrayList<>();
            assertThat(server.thread.moveConnection(server.tcbs.getFirst(), left, () -> moved.add("moved")))
                    .isFalse();
            net.run(VirtualNet.SECOND);
            assertThat(server.users.getFirst().death).isEqualTo(DeathReason.ABORTED);
            assertThat(client.death).isEqualTo(DeathReason.RESET_BY_PEER);
            assertThat(moved).isEmpty();
            assertThat(net.missingMbufs()).containsExactly(0, 0);
        }
    }
}
