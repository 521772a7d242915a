package org.ixnet.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Properties;
import org.ixnet.stack.dataplane.IxConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of how to reach a server is true, or is not said. */
class ReachTest {
    @AfterEach
    void forget() {
        System.clearProperty(Reach.NAMESPACE_KEY);
    }

    @Test
    void withoutTheLauncherNothingIsSaid() {
        assertThat(Reach.hint(Transport.IX, new InetSocketAddress("0.0.0.0", 7007), "nc HOST PORT"))
                .isNull();
    }

    @Test
    void namesTheRealPort() {
        System.setProperty(Reach.NAMESPACE_KEY, "ix-run-s");
        assertThat(Reach.hint(Transport.IX, new InetSocketAddress("0.0.0.0", 49152), "sh HOST PORT"))
                .isEqualTo("ix: from another terminal:  ip netns exec ix-run-s sh 10.18.0.2 49152");
        assertThat(Reach.hint(Transport.IX, new InetSocketAddress("0.0.0.0", 80), "nosuch http://HOST:PORT/"))
                .isEqualTo("ix: from another terminal:  ip netns exec ix-run-s nosuch http://10.18.0.2:80/"
                        + "   (apt-get install nosuch)");
    }

    @Test
    void aKernelServerOnLoopbackIsNotReached() {
        System.setProperty(Reach.NAMESPACE_KEY, "ix-run-c");
        assertThat(Reach.hint(Transport.NIO, new InetSocketAddress("127.0.0.1", 7007), "nc HOST PORT"))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "ix.device=tap | 0.0.0.0 | 10.18.0.2",
                "ix.device=tap | 10.18.0.2 | 10.18.0.2",
                "ix.device=tap | 127.0.0.1 | -",
                "ix.hostAddress= | 0.0.0.0 | -",
                "ix.address=10.9.0.2/24 | 0.0.0.0 | -",
                "ix.address=10.9.0.2/24,10.18.0.7/24 | 0.0.0.0 | 10.18.0.7",
                "ix.address=10.18.0.2/24,10.18.0.7/24 | 10.18.0.7 | 10.18.0.7",
                "ix.device=memif | 0.0.0.0 | -",
                "ix.device=ring | 0.0.0.0 | -",
                "ix.device=virtual | 0.0.0.0 | -",
                "ix.device=pci | 0.0.0.0 | -"
            })
    void onlyTheHostsSideOfATapReachesIx(String setting, String bound, String host) {
        Properties properties = new Properties();
        int equals = setting.indexOf('=');
        properties.setProperty(setting.substring(0, equals), setting.substring(equals + 1));
        assertThat(Reach.hostOnTap(IxConfig.fromProperties(properties), new InetSocketAddress(bound, 7007)))
                .isEqualTo(host);
    }
}
