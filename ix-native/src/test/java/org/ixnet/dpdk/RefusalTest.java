package org.ixnet.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.ixnet.dpdk.samples.Reflector;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceConfig;
import org.ixnet.stack.device.DeviceException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be opened says what, the value, the bound and the remedy, in one message. */
class RefusalTest {
    private final DpdkDeviceProvider provider = new DpdkDeviceProvider();

    @BeforeEach
    void needsRoot() {
        Exercised.requires("tap", "af_xdp");
    }

    @Test
    void unknownKindNamesTheKnownOnes() {
        assertThat(provider.supports("floppy")).isFalse();
        refused(config("floppy", "a", 1))
                .hasMessageContaining("unknown device kind 'floppy'")
                .hasMessageContaining("tap, af_xdp, af_packet, memif, ring, pci");
    }

    @Test
    void missingInterfaceIsNamed() {
        refused(config("af_xdp", "ixnone", 1)).hasMessageContaining("interface 'ixnone' does not exist (af_xdp)");
        refused(config("af_packet", "ixnone", 1)).hasMessageContaining("interface 'ixnone' does not exist (af_packet)");
        refused(config("tap", "a-name-too-long-for-linux", 1)).hasMessageContaining("must be 1..15 characters");
        refused(config("pci", "0000:ff:1f.7", 1)).hasMessageContaining("PCI device 0000:ff:1f.7 does not exist");
        refused(config("pci", "eth0", 1)).hasMessageContaining("PCI address is 'eth0'; must be like 0000:03:00.0");
    }

    @Test
    void tooManyQueuesNameTheBoundAndLeaveNothingBehind() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.vethPair("ixv0", "ixv1", 1);
            namespace.call(() -> {
                // The driver of DPDK 22.11 has 16 queues, that of 24.11 has 64, as many as IX.
                int most = Dpdk.version().startsWith("DPDK 22.") ? 16 : 64;
                refused(config("tap", "ixt0", most + 1))
                        .hasMessageContaining("queues is " + (most + 1))
                        .hasMessageContaining("1.." + most);
                assertThat(HostInterface.named("ixt0").exists()).isFalse();
                refused(config("af_xdp", "ixv0", 2)).hasMessageContaining("queues is 2; interface 'ixv0' has 1");
                try (Device device = provider.open(config("tap", "ixt0", 4))) {
                    assertThat(device.queueCount()).isEqualTo(4);
                }
                return null;
            });
        }
    }

    @Test
    void impossibleNumbersNameTheirBounds() {
        refused(new DeviceConfig(
                        "memif", "@ixt0", Map.of(), -1, 9000, 1, 256, 256, 4096, 2176, "off", 0, false, List.of()))
                .hasMessageContaining("mbufDataRoomBytes is 2176; must be at least 9146 for an MTU of 9000");
        refused(new DeviceConfig(
                        "tap", "ixt0", Map.of(), -1, 1505, 1, 256, 256, 4096, 9216, "off", 0, false, List.of()))
                .hasMessageContaining("mtuBytes is 1505; must be 68..1504 on a device tap");
        refused(new DeviceConfig(
                        "tap", "ixt0", Map.of(), -1, 1400, 1, 100, 256, 4096, 2176, "off", 0, false, List.of()))
                .hasMessageContaining("rxDescriptors is 100; must be a power of two, 64..4096");
        refused(new DeviceConfig("tap", "ixt0", Map.of(), -1, 1400, 1, 256, 256, 512, 2176, "off", 0, false, List.of()))
                .hasMessageContaining("mbufs is 512; must be more than 512");
    }

    @Test
    void theLargestMtuOfAKindIsWhatItsDriverTakes() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.vethPair("ixv0", "ixv1", 1);
            namespace.call(() -> {
                opensWithTheLargestMtu("tap", "ixt0", 1504);
                opensWithTheLargestMtu("af_packet", "ixv0", 1500);
                // The interface's; a veth takes no XDP program at 3542.
                opensWithTheLargestMtu("af_xdp", "ixv0", 1500);
                return null;
            });
        }
        refused(new DeviceConfig(
                        "af_xdp", "ixv0", Map.of(), -1, 3543, 1, 256, 256, 4096, 9216, "off", 0, false, List.of()))
                .hasMessageContaining("mtuBytes is 3543; must be 68..3542 on a device af_xdp");
    }

    private static void opensWithTheLargestMtu(String kind, String name, int expectedBytes) {
        try (DpdkDevice device = DpdkDevice.open(kind, name, Map.of(), DeviceConfig.largestMtuBytes(kind))) {
            assertThat(device.mtuBytes()).as(kind).isEqualTo(expectedBytes);
        }
    }

    @Test
    void poolThatDoesNotFitSaysHowMuchThereIs() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.call(() -> {
                provider.open(config("tap", "ixt0", 1)).close(); // EAL runs from here on
                refused(new DeviceConfig(
                                "tap", "ixt0", Map.of(), -1, 1400, 1, 256, 256, 4_000_000, 2176, "off", 0, false,
                                List.of()))
                        .hasMessageContaining("cannot create a pool of 4000000 mbufs")
                        // ENOMEM when DPDK finds no first piece of memory, ENOBUFS when it runs out after one.
                        .hasMessageMatching("(?s).*rte_pktmbuf_pool_create failed with error "
                                + "(12 \\(Cannot allocate memory\\)|105 \\(No buffer space available\\)).*");
                assertThat(HostInterface.named("ixt0").exists()).isFalse();
                return null;
            });
        }
    }

    @Test
    void hostAddressMustBeOne() throws Exception {
        try (NetworkNamespace namespace = new NetworkNamespace()) {
            namespace.call(() -> {
                refused(KernelPeerTest.config("tap", "ixt0", Map.of("host_address", "10.18.0.1"), 1, false))
                        .hasMessageContaining("host_address is '10.18.0.1'; must be an address and prefix length");
                assertThat(HostInterface.named("ixt0").exists()).isFalse();
                return null;
            });
        }
    }

    @Test
    void withoutPrivilegesTheMissingOnesAreNamed() throws Exception {
        Run run =
                reflector(List.of("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"), List.of(), "tap", "ixt0");
        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.output)
                .contains("Reflector: tap devices need CAP_NET_ADMIN, which this process lacks; remedy: run as root");
    }

    @Test
    void hugepagesThatAreRequiredAndMissingAreCounted() {
        long free = Eal.freeHugepageBytes() >> 20;
        assertThatThrownBy(() -> Eal.start(new Eal.Options("require", 1 << 20, 0, List.of(), List.of())))
                .isInstanceOf(DeviceException.class)
                .message()
                .satisfiesAnyOf(
                        message -> assertThat(message)
                                .contains("hugepages is 'require', but " + free + " MB of hugepages are free")
                                .contains("remedy: echo 524289 > /proc/sys/vm/nr_hugepages"),
                        message -> assertThat(message).contains("DPDK already runs without hugepages in this process"));
    }

    @Test
    void shimForAnotherDpdkSaysSo(@TempDir Path directory) throws Exception {
        Path source = Files.writeString(directory.resolve("shim.c"), "int rte(void); int ix(void) { return rte(); }");
        Path eal = Files.writeString(directory.resolve("eal.c"), "int rte(void) { return 1; }");
        Path library = directory.resolve("librte_eal.so.99");
        Path shim = directory.resolve("libix_dpdk.so");
        NetworkNamespace.run(
                "cc", "-shared", "-fPIC", "-Wl,-soname,librte_eal.so.99", eal.toString(), "-o", library.toString());
        NetworkNamespace.run("cc", "-shared", "-fPIC", source.toString(), library.toString(), "-o", shim.toString());
        Files.delete(library);
        Run run = reflector(List.of(), List.of("-Dix.native.library=" + shim), "ring", "a.0");
        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.output)
                .contains("librte_eal.so.99: cannot open shared object file")
                .contains("the shim was built for another DPDK than the installed [librte_eal.so.")
                .contains("remedy: rebuild it on this machine");
    }

    @Test
    void shimThatDoesNotExistSaysSo() throws Exception {
        Run run = reflector(List.of(), List.of("-Dix.native.library=/nonexistent/libix_dpdk.so"), "ring", "a.0");
        assertThat(run.exitCode).isEqualTo(1);
        assertThat(run.output)
                .contains("cannot load the DPDK shim (/nonexistent/libix_dpdk.so)")
                .contains("remedy:");
    }

    @Test
    void grantToTheModuleIsEnoughOnTheModulePath() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "--illegal-native-access=deny",
                "--enable-native-access=org.ixnet.dpdk",
                "--module-path",
                location(DpdkDevice.class) + ":" + location(Device.class),
                "-m",
                "org.ixnet.dpdk/" + Reflector.class.getName()));
        command.addAll(List.of("floppy", "a"));
        Run run = run(command);
        assertThat(run.output).contains("unknown device kind 'floppy'");
        assertThat(run.exitCode).isEqualTo(1);
        command.subList(command.size() - 2, command.size()).clear();
        command.addAll(List.of("pci", "0000:ff:1f.7"));
        assertThat(run(command).output).contains("PCI device 0000:ff:1f.7 does not exist");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> refused(DeviceConfig config) {
        return assertThatThrownBy(() -> provider.open(config)).isInstanceOf(DeviceException.class);
    }

    private static DeviceConfig config(String kind, String name, int queues) {
        return new DeviceConfig(kind, name, Map.of(), -1, 1400, queues, 64, 64, 4096, 2176, "off", 0, false, List.of());
    }

    private record Run(int exitCode, String output) {}

    private static Run reflector(List<String> prefix, List<String> options, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(java(), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Reflector.class.getName()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static Run run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }
}
