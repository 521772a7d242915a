package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketShutdownOutputBySelfTest;
import java.net.SocketAddress;
import java.util.List;

@NotOn(value = Pairing.IX_IX, why = NotOn.PEER_IS_THE_KERNELS)
class IxSocketShutdownOutputBySelfTest extends SocketShutdownOutputBySelfTest {
    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.clientSocketOfKernel();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return IxTestPermutation.INSTANCE.kernelSocket();
    }
}
