package org.ixnet.stack.device;

import org.ixnet.stack.memory.MbufStore;
import org.jspecify.annotations.Nullable;

/**
 * A network device: DPDK port, or {@link VirtualLink} end. Thread rule: control calls from one thread at a time, not from
 * an elastic thread's cycle; each {@link DeviceQueue} from its owner.
 */
public interface Device extends AutoCloseable {

    /** Name for logs and metrics, for example {@code net_tap0}. */
    String name();

    Capabilities capabilities();

    /** The 48-bit MAC address, in the low bits, first byte highest. */
    long macAddress();

    /** Largest IP packet in bytes that a frame carries. */
    int mtuBytes();

    /** Queue pairs that are set up, at least 1. */
    int queueCount();

    DeviceQueue queue(int index);

    /**
     * A place to sleep in for the calling thread, which closes it before the device; null when this device cannot say that a
     * frame has come, so that its queues have to be polled in time. Any thread.
     */
    default @Nullable Sleeper openSleeper() {
        return null;
    }

    /** The store that this device receives into and that frames to transmit must come from. */
    MbufStore mbufStore();

    boolean linkUp();

    /** Reads the device's own counters; may be slow. */
    DeviceStatistics statistics();

    /**
     * Programs receive-side scaling and returns what the device really does, read back.
     *
     * @param key 40 bytes (or {@code capabilities().rssKeyBytes()})
     * @param reta queue of each indirection entry; its length is {@code capabilities().retaEntries()}
     * @throws DeviceException when the device has no RSS ({@code capabilities().retaEntries() == 0}) or refuses
     */
    RssState programRss(byte[] key, int[] reta);

    /** What a device says of its RSS after programming: the key and table in force. */
    record RssState(byte[] key, int[] reta) {}

    /** Stops the device and frees everything that it holds; the elastic threads have left it before. */
    @Override
    void close();
}
