package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IxTest {
    @Test
    void deviceWithAProviderIsAvailable() {
        assertThat(Ix.unavailabilityCause("virtual")).isNull();
    }

    @Test
    void deviceWithoutAProviderSaysWhatToAdd() {
        assertThat(Ix.unavailabilityCause("carrier-pigeon"))
                .isNotNull()
                .hasMessageContaining("carrier-pigeon")
                .hasMessageContaining("ix-native");
    }

    @Test
    void availabilityAndItsCauseAgree() {
        assertThat(Ix.isAvailable()).isEqualTo(Ix.unavailabilityCause() == null);
        if (Ix.isAvailable()) {
            assertThatCode(Ix::ensureAvailability).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(Ix::ensureAvailability)
                    .isInstanceOf(UnsatisfiedLinkError.class)
                    .hasMessageContaining("IX is not available");
        }
    }

    @Test
    void moreLoopsThanThreadsFailWithTheBound() {
        var config = VirtualNetwork.config("too-many", "10.3.0.2/24", 1).toBuilder()
                .maxThreads(1)
                .build();
        assertThatThrownBy(() -> new IxEventLoopGroup(2, config))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1");
        // Nothing of the failed group stays behind.
        new IxEventLoopGroup(1, config)
                .shutdownGracefully(0, 5, TimeUnit.SECONDS)
                .syncUninterruptibly();
    }

    @Test
    void optionsSayWhatTheyTookAndRefuseWhatIsNotBuilt() {
        IxSocketChannelConfig config = new IxSocketChannel().config();
        assertThat(config.isTcpNoDelay()).isTrue();
        assertThat(config.setOption(IxChannelOption.TCP_KEEPIDLE, 30)).isTrue();
        assertThat(config.options().keepIdleNanos).isEqualTo(TimeUnit.SECONDS.toNanos(30));
        assertThat(config.setOption(IxChannelOption.TCP_USER_TIMEOUT, 1500)).isTrue();
        assertThat(config.options().userTimeoutNanos).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1500));
        assertThat(config.setOption(ChannelOption.TCP_FASTOPEN_CONNECT, true)).isFalse();
        assertThatThrownBy(() -> config.setOption(ChannelOption.SO_SNDBUF, 0))
                .isInstanceOf(IllegalArgumentException.class);
        for (ChannelOption<?> option : config.getOptions().keySet()) {
            assertThat(config.getOption(option)).as(option.name()).isNotNull();
        }
    }
}
