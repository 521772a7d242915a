package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketChannelNotYetConnectedTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class IxSocketChannelNotYetConnectedTest extends SocketChannelNotYetConnectedTest {
    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.clientSocket();
    }

    @Test
    @NotOnIx("its server is a socket of the kernel, which the internal loopback does not reach")
    @Override
    public void readMustBePendingUntilChannelIsActive(TestInfo testInfo) throws Throwable {
        super.readMustBePendingUntilChannelIsActive(testInfo);
    }
}
