package org.ixnet.stack.device;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.ixnet.stack.memory.MbufStore;

/**
 * Opens ends of {@link VirtualLink}s in real time: kind {@code virtual}. The first to open a name makes the link and is its
 * end A, the second gets end B; a third is refused until both have been closed. Arguments of the first, for both
 * directions: {@code loss duplicate reorder corrupt} (probabilities), {@code reorderNanos delayNanos jitterNanos
 * bitsPerSecond}, {@code seed}; of each: {@code rss=false} for a device without RSS. Thread rule: any thread.
 */
public final class VirtualDeviceProvider implements DeviceProvider {
    /** Links by name. Static, because two dataplanes of one process find each other through it as through a cable. */
    private static final Map<String, Cable> CABLES = new HashMap<>();

    private static final long DEFAULT_MAC = 0x02_00_00_00_00_00L;

    /** For {@link java.util.ServiceLoader}. */
    public VirtualDeviceProvider() {}

    private static final class Cable {
        final DeviceConfig first;
        final VirtualLink link;
        boolean taken;
        int open;

        Cable(DeviceConfig first, VirtualLink link) {
            this.first = first;
            this.link = link;
        }
    }

    @Override
    public boolean supports(String kind) {
        return kind.equals("virtual");
    }

    @Override
    public Optional<Throwable> unavailabilityCause() {
        return Optional.empty();
    }

    @Override
    public Device open(DeviceConfig config) {
        synchronized (CABLES) {
            Cable cable = CABLES.get(config.name());
            boolean first = cable == null;
            if (cable == null) {
                cable = plug(config);
                CABLES.put(config.name(), cable);
            } else if (cable.taken) {
                throw new DeviceException("virtual link \"" + config.name()
                        + "\" has both its ends open; close one, or choose another name");
            } else if (config.queues() != cable.first.queues() || config.mtuBytes() != cable.first.mtuBytes()) {
                throw new DeviceException("virtual link \"" + config.name() + "\" was opened with "
                        + cable.first.queues() + " queues and MTU " + cable.first.mtuBytes()
                        + "; the other end must use the same");
            } else {
                cable.taken = true;
            }
            cable.open++;
            return new Plug(first ? cable.link.a() : cable.link.b(), config, cable);
        }
    }

    private static Cable plug(DeviceConfig config) {
        long mac = config.macAddress() >= 0
                ? config.macAddress()
                : DEFAULT_MAC | (config.name().hashCode() & 0x7fffffffL) << 8;
        VirtualLink link = new VirtualLink(
                end(config, config.name() + "-a", mac),
                end(config, config.name() + "-b", mac ^ 1),
                System::nanoTime,
                (long) number(config, "seed", 1));
        link.impair(new Impairments(
                number(config, "loss", 0),
                number(config, "duplicate", 0),
                number(config, "reorder", 0),
                (long) number(config, "reorderNanos", 0),
                number(config, "corrupt", 0),
                (long) number(config, "delayNanos", 0),
                (long) number(config, "jitterNanos", 0),
                (long) number(config, "bitsPerSecond", 0),
                0));
        return new Cable(config, link);
    }

    private static VirtualLink.End end(DeviceConfig config, String name, long mac) {
        boolean rss = !"false".equals(config.arguments().get("rss"));
        return new VirtualLink.End(
                name,
                mac,
                config.mtuBytes(),
                config.queues(),
                rss ? 128 : 0,
                config.rxDescriptors(),
                config.mbufs(),
                config.mbufDataRoomBytes(),
                config.checksumOffload());
    }

    private static double number(DeviceConfig config, String key, double otherwise) {
        String text = config.arguments().get(key);
        if (text == null) {
            return otherwise;
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new DeviceException(
                    "argument " + key + " of virtual link \"" + config.name() + "\" is \"" + text
                            + "\"; must be a number",
                    e);
        }
    }

    /** An end that forgets the link when both are closed. */
    private static final class Plug implements Device {
        private final Device end;
        private final DeviceConfig config;
        private final Cable cable;
        private boolean closed;

        Plug(Device end, DeviceConfig config, Cable cable) {
            this.end = end;
            this.config = config;
            this.cable = cable;
        }

        @Override
        public String name() {
            return end.name();
        }

        @Override
        public Capabilities capabilities() {
            return end.capabilities();
        }

        @Override
        public long macAddress() {
            return config.macAddress() >= 0 ? config.macAddress() : end.macAddress();
        }

        @Override
        public int mtuBytes() {
            return end.mtuBytes();
        }

        @Override
        public int queueCount() {
            return end.queueCount();
        }

        @Override
        public DeviceQueue queue(int index) {
            return end.queue(index);
        }

        @Override
        public MbufStore mbufStore() {
            return end.mbufStore();
        }

        @Override
        public boolean linkUp() {
            return end.linkUp();
        }

        @Override
        public DeviceStatistics statistics() {
            return end.statistics();
        }

        @Override
        public RssState programRss(byte[] key, int[] reta) {
            return end.programRss(key, reta);
        }

        @Override
        public void close() {
            synchronized (CABLES) {
                if (closed) {
                    return;
                }
                closed = true;
                end.close();
                if (--cable.open == 0) {
                    // An end that was never opened goes too.
                    cable.link.close();
                    CABLES.remove(config.name());
                }
            }
        }
    }
}
