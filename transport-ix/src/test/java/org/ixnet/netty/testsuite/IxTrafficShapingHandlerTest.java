package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.TrafficShapingHandlerTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class IxTrafficShapingHandlerTest extends TrafficShapingHandlerTest {
    private static final String WHOLE_MESSAGES =
            "its server counts read bytes in whole messages of 1,024, which a read of one packet does not hold";

    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.socket();
    }

    @Test
    @NotOnIx(WHOLE_MESSAGES)
    @Override
    public void testReadTrafficShapping(TestInfo testInfo) throws Throwable {
        super.testReadTrafficShapping(testInfo);
    }

    @Test
    @NotOnIx(WHOLE_MESSAGES)
    @Override
    public void testNoTrafficShapping(TestInfo testInfo) throws Throwable {
        super.testNoTrafficShapping(testInfo);
    }

    @Test
    @NotOnIx(WHOLE_MESSAGES)
    @Override
    public void testReadGlobalTrafficShapping(TestInfo testInfo) throws Throwable {
        super.testReadGlobalTrafficShapping(testInfo);
    }
}
