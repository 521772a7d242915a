package org.ixnet.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Side;
import org.ixnet.benchmarks.session.Wire;
import org.junit.jupiter.api.Test;

class SuiteTest {
    private static final Plan QUICK = Plan.of(true, 1, false, List.of(), List.of());
    private static final Plan FULL = Plan.of(false, 5, false, List.of(), List.of());

    @Test
    void kernelEndsAreOnlyOnWiresThatTheKernelHas() {
        for (Experiment experiment : Suite.experiments()) {
            for (Plan plan : List.of(QUICK, FULL)) {
                assertThat(experiment.contenders(plan))
                        .as(experiment.name())
                        .isNotEmpty()
                        .allSatisfy(contender -> {
                            boolean kernelServer = contender.kernel(Side.SERVER);
                            boolean kernelClient = contender.kernel(Side.CLIENT);
                            switch (contender.wire()) {
                                case LOOPBACK, VETH ->
                                    assertThat(kernelServer && kernelClient).isTrue();
                                case MEMIF ->
                                    assertThat(kernelServer || kernelClient).isFalse();
                                case TAP ->
                                    assertThat(kernelServer != kernelClient).isTrue();
                                case AF_XDP ->
                                    assertThat(kernelServer && kernelClient).isFalse();
                            }
                        });
            }
        }
    }

    @Test
    void epollComesBeforeIxSoThatItsSaturationIsKnown() {
        List<Contender> contenders = new Tail().contenders(QUICK);
        int ix = contenders.indexOf(Contenders.memif());
        int epoll = contenders.indexOf(Contender.of("epoll", Wire.LOOPBACK, "epoll"));
        assertThat(epoll).isNotNegative().isLessThan(ix);
    }

    @Test
    void theKernelGetsAProcessForEvery18000Connections() {
        Connections connections = new Connections();
        assertThat(connections.processes(Contender.of("epoll", Wire.VETH, "epoll"), FULL))
                .isEqualTo(14);
        assertThat(connections.processes(Contenders.memif(), FULL)).isEqualTo(1);
    }

    @Test
    void filtersNameTransportAndWire() {
        Plan plan = Plan.of(true, 1, false, List.of("ix"), List.of("memif"));
        assertThat(plan.wants(Contenders.memif())).isTrue();
        assertThat(plan.wants(Contender.of("ix", Wire.TAP, "epoll"))).isFalse();
        assertThat(plan.wants(Contender.of("epoll", Wire.VETH, "epoll"))).isFalse();
    }
}
