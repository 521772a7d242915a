package org.ixnet.dpdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.Mempool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the other end of a memif may write into the shared memory: it is another process, and it may be wrong or hostile. */
class MemifRingTest {
    private static final int SLOTS = 256;
    private static final int COOKIE = 0x3E31F20;
    private static final int RING_HEADER_BYTES = 128;
    private static final int HEAD_OFFSET = 6;
    private static final int TAIL_OFFSET = 64;
    private static final int DESC_BYTES = 16;
    private static final int OFFSET_OFFSET = 8;
    private static final int NEXT = 1;
    private static final int ROOM_BYTES = 2048;
    private static final long SECONDS_20 = 20_000_000_000L;

    private final Arena arena = Arena.ofConfined();
    private final PacketBurst burst = new PacketBurst(arena, 64);

    private ReflectorProcess reflector;
    private DpdkDevice client;
    private FrameExchange frames;
    private Mempool pool;
    private ByteBuffer memory;
    /** Of the ring by which the server sends. */
    private int ring;

    @BeforeEach
    void connect() throws IOException {
        Exercised.requires("memif");
        String name = "@ix-native-ring-" + ProcessHandle.current().pid();
        reflector = ReflectorProcess.start(List.of(), "memif", name, "role=server");
        assertThat(reflector.output()).contains("reflecting on net_memif");
        client = (DpdkDevice)
                new DpdkDeviceProvider().open(KernelPeerTest.config("memif", name, Map.of("role", "client"), 1, false));
        frames = new FrameExchange(client);
        pool = new Mempool(arena, client.mbufStore());
        // The driver makes the memory when it connects, and the shim learns which ring is the queue's.
        exchangeUntilQuiet();
        memory = sharedMemory();
        ring = RING_HEADER_BYTES + DESC_BYTES * SLOTS;
        assertThat(List.of(memory.getInt(0), memory.getInt(ring))).containsOnly(COOKIE);
        assertThat(client.port().extendedStatistics().get("rx_ix_packets")).isPositive();
    }

    @AfterEach
    void disconnect() {
        if (client != null) {
            pool.drain();
            frames.close();
            client.close();
        }
        if (reflector != null) {
            reflector.close();
        }
        arena.close();
    }

    @Test
    void ofAFrameInSeveralBuffersTheFirstComesAndIsMarked() {
        write(0, NEXT, 0, 100);
        write(1, NEXT, 0, 200);
        write(2, 0, 0, 300);
        write(3, 0, 0, 60);
        publish(4);
        assertThat(received()).containsExactly("100 cut", "60");
        goesOn();
    }

    @Test
    void ofAChainWithoutAnEndTheFirstBufferComes() {
        write(0, NEXT, 0, 100);
        publish(1);
        assertThat(received()).containsExactly("100 cut");
        goesOn();
    }

    @Test
    void aFrameThatIsLongerThanAnMbufIsCut() {
        write(0, 0, 0, ROOM_BYTES + 1);
        write(1, 0, 0, -1); // 4 GB
        write(2, 0, 0, ROOM_BYTES);
        publish(3);
        assertThat(received()).containsExactly("2048 cut", "2048 cut", "2048");
        goesOn();
    }

    @Test
    void aFrameOutsideOfTheMemoryIsDroppedAndCounted() {
        long before = client.statistics().rxErrors();
        int[] offsets = new int[4];
        for (int number = 0; number < offsets.length; number++) {
            write(number, 0, number == 2 ? 1 : 0, 100); // the region 1 is not there
            offsets[number] = memory.getInt(descriptor(number) + OFFSET_OFFSET);
        }
        memory.putInt(descriptor(0) + OFFSET_OFFSET, memory.capacity() - 99);
        memory.putInt(descriptor(1) + OFFSET_OFFSET, -1);
        memory.putInt(descriptor(3) + OFFSET_OFFSET, memory.capacity() - 100);
        publish(4);
        assertThat(received()).containsExactly("100"); // the last bytes of the memory
        assertThat(client.statistics().rxErrors()).isEqualTo(before + 3);
        publish(-4);
        for (int number = 0; number < offsets.length; number++) {
            write(number, 0, 0, ROOM_BYTES);
            memory.putInt(descriptor(number) + OFFSET_OFFSET, offsets[number]);
        }
        publish(4);
        goesOn();
    }

    @Test
    void aCounterThatIsNonsenseMovesNothing() {
        long before = client.statistics().rxErrors();
        short tail = memory.getShort(ring + TAIL_OFFSET);
        memory.putShort(ring + TAIL_OFFSET, (short) (tail + SLOTS + 1));
        assertThat(received()).isEmpty();
        assertThat(client.statistics().rxErrors()).isGreaterThan(before);
        memory.putShort(ring + TAIL_OFFSET, tail);
        goesOn();
    }

    @Test
    void aBufferOutsideOfTheMemoryIsNotWritten() {
        int slot = memory.getShort(HEAD_OFFSET) & (SLOTS - 1);
        int at = RING_HEADER_BYTES + DESC_BYTES * slot + OFFSET_OFFSET;
        int offset = memory.getInt(at);
        memory.putInt(at, -1);
        assertThat(frames.send(0, 0, 100)).isFalse();
        memory.putInt(at, offset);
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverTheOtherEndWritesNoMbufIsLost(long seed) {
        Random random = new Random(seed);
        byte[] good = new byte[RING_HEADER_BYTES + DESC_BYTES * SLOTS];
        memory.get(ring, good);
        int next = ring + TAIL_OFFSET;
        short tail = memory.getShort(next);
        for (int round = 0; round < 3_000; round++) {
            int at = ring + RING_HEADER_BYTES + random.nextInt(DESC_BYTES * SLOTS / 2) * 2;
            memory.putShort(at, (short) random.nextInt(random.nextBoolean() ? 4 : 0x10000));
            memory.putShort(next, tail += (short) random.nextInt(random.nextInt(100) == 0 ? 0x10000 : 8));
            received();
        }
        // Where the receiver stands is in the head: it keeps no slot.
        memory.put(ring + RING_HEADER_BYTES, good, RING_HEADER_BYTES, good.length - RING_HEADER_BYTES);
        memory.putShort(next, (short) (memory.getShort(ring + HEAD_OFFSET) - SLOTS));
        assertThat(received()).isEmpty();
        goesOn();
    }

    private void goesOn() {
        exchangeUntilQuiet();
        frames.close();
        pool.drain();
        frames = new FrameExchange(client);
        assertThat(client.mbufStore().availableMbufs())
                .isEqualTo(client.mbufStore().capacityMbufs());
    }

    private void exchangeUntilQuiet() {
        int count = 2 * SLOTS;
        assertThat(frames.exchange(0, count, SECONDS_20)).isEqualTo(count);
        // Frames that were sent twice may be on their way. They come before one that is sent now, unless that is lost.
        BitSet seen = new BitSet();
        int number = count;
        long deadline = System.nanoTime() + SECONDS_20;
        do {
            assertThat(System.nanoTime()).isLessThan(deadline);
            frames.send(0, ++number, 60);
            seen.set(0, number);
            frames.receive(0, seen, number + 1, 100_000_000L, true);
        } while (!seen.get(number));
    }

    /** Of a slot, by number from the one that is to be sent next. */
    private int descriptor(int number) {
        int slot = (memory.getShort(ring + TAIL_OFFSET) + number) & (SLOTS - 1);
        return ring + RING_HEADER_BYTES + DESC_BYTES * slot;
    }

    private void write(int number, int flags, int region, int length) {
        int at = descriptor(number);
        memory.putShort(at, (short) flags);
        memory.putShort(at + 2, (short) region);
        memory.putInt(at + 4, length);
    }

    private void publish(int slots) {
        memory.putShort(ring + TAIL_OFFSET, (short) (memory.getShort(ring + TAIL_OFFSET) + slots));
    }

    /** The lengths of what comes with one burst; "cut" where the stack is told that there was more. */
    private List<String> received() {
        List<String> lengths = new ArrayList<>();
        int count = client.queue(0).rxBurst(burst, 64);
        for (int i = 0; i < count; i++) {
            boolean cut = (burst.flags(i) & PacketBurst.RX_MULTI_SEGMENT) != 0;
            lengths.add(burst.frameLengthBytes(i) + (cut ? " cut" : ""));
            pool.free(burst.mbuf(i));
        }
        return lengths;
    }

    /** The client makes the memory; its descriptor stays open. */
    private static ByteBuffer sharedMemory() throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).toString().contains("memif")) {
                    try (FileChannel file =
                            FileChannel.open(descriptor, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                        return file.map(FileChannel.MapMode.READ_WRITE, 0, file.size())
                                .order(ByteOrder.LITTLE_ENDIAN);
                    }
                }
            }
        }
        throw new AssertionError("no descriptor of memif's memory in /proc/self/fd");
    }
}
