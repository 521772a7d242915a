package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import org.ixnet.stack.memory.Memory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thread learns between two frames of a batch that it must give a flow group away. */
class GiveInMidBatchTest {
    private static final int THREADS = 3;
    private static final int FLAGS = 47;
    private static final int SYN_ACK = 0x12;
    private static final int SYN = 0x02;

    /** Of these seeds six have a SYN whose group goes in that moment. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 11, 17, 18, 19})
    void aSynWhoseGroupGoesReachesTheNewOwner(int seed) {
        try (VirtualNet net = new VirtualNet(
                VirtualNet.end("a", 0x02_00_00_00_00_0aL),
                VirtualNet.end("b", 0x02_00_00_00_00_0bL),
                1,
                THREADS,
                seed)) {
            net.serverThreads.forEach(thread -> EchoServer.listen(thread, 7));
            net.serverThreads.get(2).ownsFlows(false);
            net.run(VirtualNet.MILLI);
            StreamClient warm = new StreamClient(net.clientThread(), VirtualNet.SERVER, 7, 10, 1);
            net.runUntil(warm::isDone, VirtualNet.SECOND);
            net.serverThreads.get(0).capture(new Capture() {
                private boolean done;

                @Override
                public void received(long frame, int length) {
                    if (!done && length >= 54 && (Memory.getByte(frame + FLAGS) & SYN_ACK) == SYN) {
                        done = true;
                        // What other threads may do meanwhile: one wants flows, another gives its share first.
                        net.serverThreads.get(2).ownsFlows(true);
                        net.serverThreads.get(1).pollOnce(net.nowNanos);
                    }
                }

                @Override
                public void transmitted(long frame, int length) {}
            });
            StreamClient client = new StreamClient(net.clientThread(), VirtualNet.SERVER, 7, 1000, 2);
            net.runUntil(client::isDone, 30 * VirtualNet.SECOND);
            assertThat(client.death).isNull();
            assertThat(client.receivedBytes).isEqualTo(1000);
        }
    }
}
