package org.ixnet.benchmarks.experiment;

import java.util.ArrayList;
import java.util.List;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Wire;

/** The usual sets of contenders. Kernel first: what it reaches may be a rate that the others are asked for. */
final class Contenders {
    static final Contender EPOLL_ON_LOOPBACK = Contender.of("epoll", Wire.LOOPBACK, "epoll");
    static final Contender EPOLL_ON_VETH = Contender.of("epoll", Wire.VETH, "epoll");

    /** AF_XDP under a client of the kernel. */
    static final Contender AF_XDP_AND_KERNEL = Contender.of("ix", Wire.AF_XDP, "epoll");

    private Contenders() {}

    /** The same with loops that sleep as soon as they have nothing to do: less CPU time, more latency. */
    static Contender sleeping(Contender contender) {
        return contender.with("idle.spinMicros", 0);
    }

    /** Kernel transports at both ends; with {@code few} without nio, to keep a quick run of everything short. */
    private static List<Contender> kernel(boolean few) {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(EPOLL_ON_LOOPBACK);
        contenders.add(EPOLL_ON_VETH);
        contenders.add(Contender.of("io_uring", Wire.LOOPBACK, "io_uring"));
        if (!few) {
            contenders.add(Contender.of("nio", Wire.LOOPBACK, "nio"));
        }
        return contenders;
    }

    /** IX at both ends of memif. */
    static Contender memif() {
        return Contender.of("ix", Wire.MEMIF, "ix");
    }

    /** The same with larger frames. The rings are as small as what may be in flight, so that their buffers stay in the caches. */
    private static Contender memif(int mtu, int descriptors, int mbufs) {
        return memif().with("mtu", mtu)
                .with("rxDescriptors", descriptors)
                .with("txDescriptors", descriptors)
                .with("mbufs", mbufs);
    }

    /** What large messages tell apart: the kernel, and memif with frames of three sizes; with {@code few} of two. */
    static List<Contender> large(boolean few) {
        List<Contender> contenders = most(few);
        if (!few) {
            contenders.add(memif(9000, 128, 2048)); // jumbo frames
        }
        contenders.add(memif(32_000, 64, 1024)); // about as large as loopback's packets
        return contenders;
    }

    /** The kernel, memif, and AF_XDP under a kernel client; with {@code few} epoll and memif. */
    static List<Contender> most(boolean few) {
        if (few) {
            return new ArrayList<>(List.of(EPOLL_ON_LOOPBACK, memif()));
        }
        List<Contender> contenders = kernel(false);
        contenders.add(memif());
        contenders.add(AF_XDP_AND_KERNEL);
        return contenders;
    }

    /**
     * For CPU time: every server, and a loop that does not spin; with {@code few} neither that nor io_uring nor, on AF_XDP,
     * those under the IX generator.
     */
    static List<Contender> costs(boolean few) {
        if (few) {
            return List.of(EPOLL_ON_LOOPBACK, EPOLL_ON_VETH, memif(), AF_XDP_AND_KERNEL);
        }
        List<Contender> contenders = all(false);
        contenders.add(contenders.indexOf(AF_XDP_AND_KERNEL) + 1, sleeping(AF_XDP_AND_KERNEL));
        return contenders;
    }

    /** Every server, under a client of its own kind and, where one end can be the kernel's, under both. */
    static List<Contender> all(boolean few) {
        List<Contender> contenders = kernel(few);
        contenders.add(memif());
        contenders.add(AF_XDP_AND_KERNEL);
        contenders.add(Contender.of("epoll", Wire.AF_XDP, "ix"));
        contenders.add(Contender.of("ix", Wire.AF_XDP, "ix"));
        if (!few) {
            contenders.add(Contender.of("ix", Wire.TAP, "epoll"));
        }
        return contenders;
    }
}
