package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketSslEchoTest;
import java.util.Collection;
import java.util.List;
import org.ixnet.netty.Combinations;

class IxSocketSslEchoTest extends SocketSslEchoTest {
    /** Hides the suite's 192 combinations of TLS providers, executors and ways to write; found by its name. */
    public static Collection<Object[]> data() throws Exception {
        return Combinations.wanted(List.copyOf(SocketSslEchoTest.data()));
    }

    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.socket();
    }
}
