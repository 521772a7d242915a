package org.ixnet.dpdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.ixnet.stack.device.Device;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process that ends without closing its device (kill -9) leaves nothing that stops the next one. */
class KilledProcessTest {
    private static final int FRAMES = 500;
    private static final long SECONDS_20 = 20_000_000_000L;

    @BeforeEach
    void needsRoot() {
        Exercised.requires("tap", "af_packet", "af_xdp");
    }

    @Test
    void tapIsFreeAgain() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            for (int round = 0; round < 2; round++) {
                try (ReflectorProcess process =
                        ReflectorProcess.start(inside(namespace), "tap", "ixt0", "host_address=10.18.0.1/24")) {
                    assertThat(process.output()).contains("reflecting on net_tap");
                    process.kill();
                }
            }
            namespace.call(() -> {
                assertThat(HostInterface.named("ixt0").exists()).isFalse();
                return null;
            });
        }
    }

    @Test
    void tapIsGoneAfterCtrlC() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            try (ReflectorProcess process = ReflectorProcess.start(inside(namespace), "tap", "ixt0")) {
                assertThat(process.output()).contains("reflecting on net_tap");
                assertThat(process.stop()).isEqualTo(143);
            }
            namespace.call(() -> {
                assertThat(HostInterface.named("ixt0").exists()).isFalse();
                return null;
            });
        }
    }

    @Test
    void afXdpInterfaceWorksAgain() throws Exception {
        interfaceWorksAgain("af_xdp");
    }

    @Test
    void afPacketInterfaceWorksAgain() throws Exception {
        interfaceWorksAgain("af_packet");
    }

    /** The peer sends raw frames over the other end of the veth pair and gets them back, from each of three processes. */
    private static void interfaceWorksAgain(String kind) throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.vethPair("ixv0", "ixv1", 1);
            for (int round = 0; round < 3; round++) {
                try (ReflectorProcess process = ReflectorProcess.start(inside(namespace), kind, "ixv0")) {
                    assertThat(process.output()).contains("reflecting on net_" + kind);
                    int exchanged = namespace.call(() -> {
                        try (Device peer = new DpdkDeviceProvider()
                                        .open(KernelPeerTest.config("af_packet", "ixv1", Map.of(), 1, false));
                                FrameExchange frames = new FrameExchange(peer)) {
                            return frames.exchange(0, FRAMES, SECONDS_20);
                        }
                    });
                    assertThat(exchanged).isEqualTo(FRAMES);
                    process.kill();
                }
            }
        }
    }

    private static List<String> inside(NetworkNamespace namespace) {
        return List.of("ip", "netns", "exec", namespace.name());
    }
}
