package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.TrafficShapingHandlerTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Its server counts the whole messages in each read. A read on IX is a packet, so packets must hold whole messages. */
class IxTrafficShapingHandlerTest extends TrafficShapingHandlerTest {
    private static final String TWO_IN_ONE_READ =
            "takes two messages, 2,048 bytes, for one read; a packet of net_tap holds 1,500";

    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return IxTestPermutation.WholeMessages.INSTANCE.socket();
    }

    @Test
    @NotOn(
            value = {Pairing.IX_NIO, Pairing.NIO_IX},
            why = TWO_IN_ONE_READ)
    @Override
    public void testReadTrafficShapping(TestInfo testInfo) throws Throwable {
        super.testReadTrafficShapping(testInfo);
    }

    @Test
    @NotOn(
            value = {Pairing.IX_NIO, Pairing.NIO_IX},
            why = TWO_IN_ONE_READ)
    @Override
    public void testReadGlobalTrafficShapping(TestInfo testInfo) throws Throwable {
        super.testReadGlobalTrafficShapping(testInfo);
    }
}
