package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.DatagramUnicastInetTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class IxDatagramUnicastInetTest extends DatagramUnicastInetTest {
    @Override
    protected List<BootstrapComboFactory<Bootstrap, Bootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.datagram(SocketProtocolFamily.INET);
    }

    @Test
    @NotOnIx("its client is a socket of the kernel, which the internal loopback does not reach")
    @Override
    public void testReceiveEmptyDatagrams(TestInfo testInfo) throws Throwable {
        super.testReceiveEmptyDatagrams(testInfo);
    }
}
