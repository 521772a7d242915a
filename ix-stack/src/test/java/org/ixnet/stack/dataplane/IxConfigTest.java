package org.ixnet.stack.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.ixnet.stack.device.DeviceConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class IxConfigTest {

    private static IxConfig of(String... keysAndValues) {
        Properties properties = new Properties();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.setProperty(keysAndValues[i], keysAndValues[i + 1]);
        }
        return IxConfig.fromProperties(properties);
    }

    @Test
    void buffersFitTheMtu() {
        assertThat(IxConfig.builder().build().dataRoomBytes()).isEqualTo(2176);
        IxConfig jumbo = IxConfig.builder().device("pci").mtuBytes(9000).build();
        assertThat(jumbo.dataRoomBytes()).isEqualTo(9152);
        assertThat(jumbo.toBuilder().mtuBytes(1500).build().dataRoomBytes()).isEqualTo(2176);
        assertThat(jumbo.toBuilder().dataRoomBytes(10_000).build().toBuilder()
                        .mtuBytes(1500)
                        .build()
                        .dataRoomBytes())
                .isEqualTo(10_000);
    }

    @Test
    void theMtuIsBoundByTheKindOfTheDevice() {
        for (String device : List.of("memif", "ring", "virtual")) {
            assertThat(of("ix.device", device, "ix.iface", "wire.0", "ix.mtu", "65000")
                            .mtuBytes())
                    .isEqualTo(65_000);
            assertThatThrownBy(() -> of("ix.device", device, "ix.iface", "wire.0", "ix.mtu", "65001"))
                    .hasMessage("mtu is 65001; must be 68..65000 on a device " + device + " (IxConfig.mtu / -Dix.mtu)");
        }
        Map.of("tap", 1504, "af_packet", 1500, "af_xdp", 3542, "pci", 9000).forEach((device, most) -> {
            String tooMuch = Integer.toString(most + 1);
            assertThat(of("ix.device", device, "ix.mtu", most.toString()).mtuBytes())
                    .isEqualTo(most);
            assertThatThrownBy(() -> of("ix.device", device, "ix.mtu", tooMuch))
                    .hasMessage("mtu is " + tooMuch + "; must be 68.." + most + " on a device " + device
                            + " (IxConfig.mtu / -Dix.mtu)");
        });
    }

    @Test
    void noArgumentGivesTheEmbeddedDefault() {
        IxConfig config = of();
        assertThat(config).isEqualTo(IxConfig.defaults());
        assertThat(config.device()).isEqualTo("tap");
        assertThat(config.interfaceName()).isEqualTo("ix0");
        assertThat(config.addresses()).containsExactly(Cidr.parse("10.18.0.2/24"));
        assertThat(config.loops()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.idle().kind()).isEqualTo(IdlePolicy.Kind.ADAPTIVE);
        DeviceConfig device = config.deviceConfig(1);
        assertThat(device.arguments()).containsEntry("host_address", "10.18.0.1/24");
        assertThat(device.kind()).isEqualTo("tap");
        assertThat(device.queues()).isEqualTo(1);
    }

    @Test
    void everyKeyReachesItsComponent() {
        IxConfig config = of(
                "ix.device",
                "af_xdp",
                "ix.iface",
                "veth1",
                "ix.deviceArgs",
                "queue_count=2,busy_budget=0",
                "ix.address",
                "192.168.7.2/16, 192.168.7.3/32",
                "ix.gateway",
                "192.168.0.1",
                "ix.routes",
                "172.16.0.0/12@192.168.0.9",
                "ix.mtu",
                "1400",
                "ix.mac",
                "02:00:00:00:00:0a",
                "ix.loops",
                "3",
                "ix.maxThreads",
                "5",
                "ix.queues",
                "2",
                "ix.distribution",
                "software",
                "ix.rxBatch",
                "16",
                "ix.rxDescriptors",
                "128",
                "ix.txDescriptors",
                "256",
                "ix.mbufs",
                "4096",
                "ix.dataRoom",
                "4096",
                "ix.hugepages",
                "off",
                "ix.memoryMegabytes",
                "64",
                "ix.checksumOffload",
                "false",
                "ix.ealArgs",
                "--log-level 8",
                "ix.idle",
                "spin",
                "ix.tcp.rtoMinMillis",
                "5",
                "ix.tcp.congestion",
                "newreno",
                "ix.tcp.timeWaitMillis",
                "1000",
                "ix.seed",
                "77");
        assertThat(config.device()).isEqualTo("af_xdp");
        assertThat(config.deviceArguments()).isEqualTo(Map.of("queue_count", "2", "busy_budget", "0"));
        assertThat(config.addresses()).containsExactly(Cidr.parse("192.168.7.2/16"), Cidr.parse("192.168.7.3/32"));
        assertThat(config.gateway()).isEqualTo(Address.parse("192.168.0.1"));
        assertThat(config.routes()).containsExactly(StaticRoute.parse("172.16.0.0/12@192.168.0.9"));
        assertThat(config.mtuBytes()).isEqualTo(1400);
        assertThat(config.macAddress()).isEqualTo(0x0200_0000_000aL);
        assertThat(config.loops()).isEqualTo(3);
        assertThat(config.maxThreads()).isEqualTo(5);
        assertThat(config.queues()).isEqualTo(2);
        assertThat(config.distribution()).isEqualTo(Distribution.SOFTWARE);
        assertThat(config.rxBatch()).isEqualTo(16);
        assertThat(config.rxDescriptors()).isEqualTo(128);
        assertThat(config.txDescriptors()).isEqualTo(256);
        assertThat(config.mbufs()).isEqualTo(4096);
        assertThat(config.dataRoomBytes()).isEqualTo(4096);
        assertThat(config.hugepages()).isEqualTo("off");
        assertThat(config.memoryMegabytes()).isEqualTo(64);
        assertThat(config.checksumOffload()).isFalse();
        assertThat(config.ealArguments()).isEqualTo(List.of("--log-level", "8"));
        assertThat(config.idle().kind()).isEqualTo(IdlePolicy.Kind.SPIN);
        assertThat(config.tcp().rtoMinNanos()).isEqualTo(5_000_000);
        assertThat(config.tcp().congestion()).isEqualTo("newreno");
        assertThat(config.tcp().timeWaitNanos()).isEqualTo(1_000_000_000L);
        assertThat(config.seed()).isEqualTo(77);
        assertThat(config.deviceConfig(2).arguments()).doesNotContainKey("host_address");
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ix.rxBatch|512|rxBatch is 512; must be 1..256 (IxConfig.rxBatch / -Dix.rxBatch)",
                "ix.rxBatch|many|rxBatch is \"many\"; must be a whole number (IxConfig.rxBatch / -Dix.rxBatch)",
                "ix.rxDescriptors|100|rxDescriptors is 100; must be a power of two, 64..4096"
                        + " (IxConfig.rxDescriptors / -Dix.rxDescriptors)",
                "ix.mtu|67|mtu is 67; must be 68..1504 on a device tap (IxConfig.mtu / -Dix.mtu)",
                "ix.idle|sleepy|idle is \"sleepy\"; must be one of spin, adaptive, park (IxConfig.idle / -Dix.idle)",
                "ix.device|wifi|device is \"wifi\"; must be one of"
                        + " af_packet, af_xdp, memif, pci, ring, tap, virtual (IxConfig.device / -Dix.device)",
                "ix.address|10.18.0.2/33|address: \"10.18.0.2/33\" has the prefix length \"33\"; must be 0..32"
                        + " (-Dix.address)",
                "ix.address|10.18.0.2|address: \"10.18.0.2\" has no prefix length; must be an address and its prefix,"
                        + " for example 10.18.0.2/24 (-Dix.address)",
                "ix.address|10.18.0.1/24|address is 10.18.0.1/24; must be another one than hostAddress, which the"
                        + " host's side of the TAP gets (IxConfig.address / -Dix.address)",
                "ix.loops|65|loops is 65; must be 1..64 (IxConfig.loops / -Dix.loops)",
                "ix.mbufs|100|mbufs is 100; must be 2560..16777216 (descriptors of all queues and 512 more)"
                        + " (IxConfig.mbufs / -Dix.mbufs)",
                "ix.mac|01:00:5e:00:00:01|mac is 1005e000001; must be a unicast address: the lowest bit of the first"
                        + " byte 0 (IxConfig.mac / -Dix.mac)",
                "ix.checksumOffload|yes|checksumOffload is \"yes\"; must be true or false"
                        + " (IxConfig.checksumOffload / -Dix.checksumOffload)",
                "ix.rxbatch|64|unknown key ix.rxbatch; did you mean ix.rxBatch?",
                "ix.adress|10.0.0.1/8|unknown key ix.adress; did you mean ix.address?",
                "ix.tcp.rtoMin|5|unknown key ix.tcp.rtoMin; did you mean ix.tcp.rtoMinMillis?",
                "ix.rtoMinMillis|5|unknown key ix.rtoMinMillis; did you mean ix.tcp.rtoMinMillis?",
                "ix.ix.mtu|1400|unknown key ix.ix.mtu; did you mean ix.mtu?",
                "ix.mtuu|5|unknown key ix.mtuu; did you mean ix.mtu?",
            })
    void whatIsWrongIsNamedWithBoundAndKey(String key, String value, String message) {
        assertThatThrownBy(() -> of(key, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"ix.nosuch", "ix.t", "ix.frobnicate", "ix."})
    void aKeyThatIsNearNoneGetsAllOfThem(String key) {
        assertThatThrownBy(() -> of(key, "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("unknown key " + key + "; must be one of ix.device, ix.iface, ")
                .hasMessageEndingWith(", ix.seed");
    }

    @Test
    void systemPropertiesOverrideTheFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("ix.properties"), "ix.rxBatch=8\nix.mtu=1300\n");
        IxConfig config = of("ix.config", file.toString(), "ix.rxBatch", "32");
        assertThat(config.rxBatch()).isEqualTo(32);
        assertThat(config.mtuBytes()).isEqualTo(1300);
    }

    @Test
    void unreadableFileAndForeignKeyInItAreErrors(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> of("ix.config", missing.toString()))
                .hasMessageContaining("config is " + missing)
                .hasMessageContaining("-Dix.config");
        Path file = Files.writeString(folder.resolve("ix.properties"), "rxBatch=8\n");
        assertThatThrownBy(() -> IxConfig.fromFile(file)).hasMessageContaining("unknown key rxBatch");
    }

    @Test
    void keysOfOtherPartsAreLeftAlone() {
        assertThat(of("ix.native.library", "/x", "ix.netty.quantum", "3", "java.version", "25"))
                .isEqualTo(IxConfig.defaults());
    }

    @ParameterizedTest
    @EnumSource(IxConfigKey.class)
    void everyKeyHasADescription(IxConfigKey key) {
        assertThat(key.key()).startsWith("ix.");
        assertThat(key.description()).isNotBlank();
    }
}
