package org.ixnet.netty.testsuite;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketShutdownOutputByPeerTest;
import java.util.List;

@NotOn(value = Pairing.IX_IX, why = NotOn.PEER_IS_THE_KERNELS)
class IxSocketShutdownOutputByPeerTest extends SocketShutdownOutputByPeerTest {
    @Override
    protected List<BootstrapFactory<ServerBootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.serverSocket();
    }
}
