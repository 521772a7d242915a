package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.ixnet.stack.tcp.DeathReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeathsTest {
    @Test
    void aResetIsWordedAsLinuxDoesAndCostsNoStackTrace() {
        IOException reset = Deaths.whileConnected(DeathReason.RESET_BY_PEER);
        assertThat(reset).hasMessage("Connection reset by peer");
        assertThat(reset.getStackTrace()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(DeathReason.class)
    void aChannelThatDiedTellsItsUsersWhy(DeathReason reason) {
        IOException cause = Deaths.whileConnected(reason);
        ClosedChannelException closed = Deaths.closedBy(cause);
        assertThat(closed).hasCause(cause);
        assertThat(closed.getStackTrace()).isEmpty();
    }
}
