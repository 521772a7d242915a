package org.ixnet.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.ixnet.stack.device.DeviceException;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.memory.Memory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API below the device SPI, on {@code net_null}: the one driver with RSS that needs no NIC. */
class EthernetPortTest {
    @BeforeEach
    void startEal() {
        Exercised.requires("ring");
        Eal.start(new Eal.Options("off", 0, 0, List.of(), List.of()));
    }

    @Test
    void rssKeyAndTableAreProgrammedAndReadBack() {
        try (DpdkMbufStore store = DpdkMbufStore.create(2048, 2176);
                EthernetPort port = EthernetPort.attach("vdev", "net_null_rss", "size=64", "cannot open null", "-")) {
            assertThat(port.driver()).isEqualTo("net_null");
            assertThat(port.retaEntries()).isEqualTo(128);
            port.configure(4, 1500, EnumSet.allOf(Offload.class), 64, 64, store);
            port.start();
            // net_null of DPDK 22.11 does not say that its key has 40 bytes.
            byte[] key = new byte[Math.max(40, port.rssKeyBytes())];
            new Random(1).nextBytes(key);
            short[] reta = new short[128];
            for (int i = 0; i < reta.length; i++) {
                reta[i] = (short) (3 - i % 4);
            }
            port.programRss(key, reta);
            byte[] keyInForce = new byte[key.length];
            short[] retaInForce = new short[128];
            port.readRss(keyInForce, retaInForce);
            assertThat(keyInForce).isEqualTo(key);
            assertThat(retaInForce).isEqualTo(reta);
            assertThat(port.promiscuous(true)).isTrue();
            assertThat(port.promiscuous()).isTrue();
            assertThat(port.extendedStatistics()).containsKeys("rx_good_packets", "tx_good_packets");
            assertThat(port.mtuBytes()).isEqualTo(1500);
        }
        Exercised.device("null");
    }

    @Test
    void driverThatDoesNotExistIsQuotedFromDpdk() {
        assertThatThrownBy(
                        () -> EthernetPort.attach("vdev", "net_nonesuch0", "", "cannot open 'nonesuch'", "install it"))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("cannot open 'nonesuch': rte_eal_hotplug_add(net_nonesuch0,) failed with error")
                .hasMessageContaining("DPDK says: ")
                .hasMessageContaining("net_nonesuch0")
                .hasMessageEndingWith("remedy: install it");
    }

    @Test
    void storeGivesOutWhatItHasAndOutlivesItsCloseWhileMbufsAreHeld() {
        try (Arena arena = Arena.ofConfined()) {
            DpdkMbufStore store = DpdkMbufStore.create(1000, 2176);
            long array = arena.allocate(2000 * 8L, 8).address();
            assertThat(store.take(array, 600)).isEqualTo(600);
            assertThat(store.take(array + 600 * 8L, 1000)).isEqualTo(400); // a bulk that does not fit is not refused
            assertThat(store.availableMbufs()).isZero();
            long last = Memory.getLong(array + 999 * 8L);
            assertThat(Mbuf.bufferLengthBytes(last)).isEqualTo(2176);
            assertThat(Mbuf.bufferAddress(last)).isEqualTo(last + Mbuf.HEADER_BYTES + Mbuf.PRIVATE_BYTES);
            store.give(array, 999);
            store.close();
            assertThat(store.isFreed()).isFalse();
            Memory.putByte(Mbuf.bufferAddress(last), 1); // still memory
            store.give(array + 999 * 8L, 1);
            DpdkMbufStore.create(64, 2176).close(); // any open or close takes the old one along
            assertThat(store.isFreed()).isTrue();
        }
    }

    @Test
    void threadIsPinnedAndRegisteredAndFreeAgain() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                BitSet before = ThreadPinning.allowedCpus();
                int cpu = before.length() - 1;
                ThreadPinning.pin(cpu);
                assertThat(ThreadPinning.allowedCpus()).isEqualTo(BitSet.valueOf(new long[] {1L << cpu}));
                ThreadPinning.pin(before);
                assertThat(ThreadPinning.allowedCpus()).isEqualTo(before);
                assertThatThrownBy(() -> ThreadPinning.pin(1023))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("cannot bind thread")
                        .hasMessageContaining("this process may use CPUs " + before);
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        thread.join();
        assertThat(failure.get()).isNull();
    }

    /** DPDK has 128 places: without the one of each ended thread given back, the last ones would find none. */
    @Test
    void endedThreadsGiveTheirPlaceBack() throws Exception {
        for (int i = 0; i < 300; i++) {
            boolean[] registered = new boolean[1];
            Thread thread = Thread.ofPlatform().start(() -> registered[0] = ThreadPinning.registerWithDpdk());
            thread.join();
            assertThat(registered[0]).as("thread %d", i).isTrue();
        }
    }

    @Test
    void virtualThreadsAreRefused() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        ThreadPinning.registerWithDpdk();
                    } catch (IllegalStateException e) {
                        thrown.set(e);
                    }
                })
                .join();
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
    }
}
