package org.ixnet.netty.testsuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketHalfClosedTest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class IxSocketHalfClosedTest extends SocketHalfClosedTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return IxTestPermutation.INSTANCE.socket();
    }

    @Test
    @NotOn(
            value = Pairing.IX_IX,
            why =
                    "blocks the event loop until the peer has answered what it wrote; an elastic thread that blocks sends nothing")
    @Override
    public void testAutoCloseFalseDoesShutdownOutput(TestInfo testInfo) throws Throwable {
        super.testAutoCloseFalseDoesShutdownOutput(testInfo);
    }

    /** With the kernel: those of its cases in which the side that blocks its event loop is the kernel's. */
    @Override
    public void testAutoCloseFalseDoesShutdownOutput(ServerBootstrap server, Bootstrap client) throws Throwable {
        if (!Pairing.HERE.withKernel()) {
            super.testAutoCloseFalseDoesShutdownOutput(server, client);
            return;
        }
        Method oneCase = SocketHalfClosedTest.class.getDeclaredMethod(
                "testAutoCloseFalseDoesShutdownOutput",
                boolean.class,
                boolean.class,
                ServerBootstrap.class,
                Bootstrap.class);
        oneCase.setAccessible(true);
        boolean clientBlocks = Pairing.HERE == Pairing.IX_NIO;
        try {
            oneCase.invoke(null, false, clientBlocks, server, client);
            oneCase.invoke(null, true, clientBlocks, server, client);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
