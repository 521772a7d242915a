package org.ixnet.benchmarks.raw;

import org.ixnet.stack.device.Capabilities;
import org.ixnet.stack.device.Device;
import org.ixnet.stack.device.DeviceQueue;
import org.ixnet.stack.device.DeviceStatistics;
import org.ixnet.stack.device.PacketBurst;
import org.ixnet.stack.memory.MbufStore;

/** A device with one queue that tells when it is polled. Thread rule: as its device; the watcher is called by the poller. */
final class TimedDevice implements Device, DeviceQueue {
    private final Device device;
    private final DeviceQueue queue;
    private final Runnable polled;

    /** @param polled called before each look into the queue */
    TimedDevice(Device device, Runnable polled) {
        this.device = device;
        this.queue = device.queue(0);
        this.polled = polled;
    }

    @Override
    public int rxBurst(PacketBurst burst, int maxPackets) {
        polled.run();
        return queue.rxBurst(burst, maxPackets);
    }

    @Override
    public int txBurst(PacketBurst burst, int first, int count) {
        return queue.txBurst(burst, first, count);
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public Capabilities capabilities() {
        return device.capabilities();
    }

    @Override
    public long macAddress() {
        return device.macAddress();
    }

    @Override
    public int mtuBytes() {
        return device.mtuBytes();
    }

    @Override
    public int queueCount() {
        return 1;
    }

    @Override
    public DeviceQueue queue(int index) {
        return this;
    }

    @Override
    public MbufStore mbufStore() {
        return device.mbufStore();
    }

    @Override
    public boolean linkUp() {
        return device.linkUp();
    }

    @Override
    public DeviceStatistics statistics() {
        return device.statistics();
    }

    @Override
    public RssState programRss(byte[] key, int[] reta) {
        return device.programRss(key, reta);
    }

    @Override
    public void close() {
        device.close();
    }
}
