package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.DatagramUnicastInetTest;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class IxDatagramUnicastInetTest extends DatagramUnicastInetTest {
    @Override
    protected List<BootstrapComboFactory<Bootstrap, Bootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.datagram(SocketProtocolFamily.INET);
    }

    @Test
    @NotOn(value = Pairing.IX_IX, why = NotOn.PEER_IS_THE_KERNELS)
    @Override
    public void testReceiveEmptyDatagrams(TestInfo testInfo) throws Throwable {
        super.testReceiveEmptyDatagrams(testInfo);
    }

    /** Its client is the kernel's, so that the server must be the side under test. */
    @Override
    public void testReceiveEmptyDatagrams(Bootstrap server, Bootstrap client) throws Throwable {
        boolean swap = Pairing.HERE == Pairing.NIO_IX;
        super.testReceiveEmptyDatagrams(swap ? client : server, swap ? server : client);
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return IxTestPermutation.INSTANCE.kernelSocket();
    }
}
