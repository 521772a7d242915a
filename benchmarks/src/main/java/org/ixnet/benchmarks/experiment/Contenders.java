package org.ixnet.benchmarks.experiment;

import java.util.ArrayList;
import java.util.List;
import org.ixnet.benchmarks.session.Contender;
import org.ixnet.benchmarks.session.Wire;

/** The usual sets of contenders. Kernel first: what it reaches may be a rate that the others are asked for. */
final class Contenders {
    private Contenders() {}

    /** Kernel transports at both ends. */
    static List<Contender> kernel(boolean few) {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(Contender.of("epoll", Wire.LOOPBACK, "epoll"));
        contenders.add(Contender.of("epoll", Wire.VETH, "epoll"));
        contenders.add(Contender.of("io_uring", Wire.LOOPBACK, "io_uring"));
        if (!few) {
            contenders.add(Contender.of("io_uring", Wire.VETH, "io_uring"));
            contenders.add(Contender.of("nio", Wire.LOOPBACK, "nio"));
        }
        return contenders;
    }

    /** IX at both ends of memif. */
    static Contender memif() {
        return Contender.of("ix", Wire.MEMIF, "ix");
    }

    /** As {@link #all}; with {@code few} the kernel and memif alone, to keep a quick run of everything short. */
    static List<Contender> most(boolean few) {
        if (!few) {
            return all(false);
        }
        List<Contender> contenders = kernel(true);
        contenders.add(memif());
        return contenders;
    }

    /** Every server, under a client of its own kind and, where one end can be the kernel's, under both. */
    static List<Contender> all(boolean few) {
        List<Contender> contenders = kernel(few);
        contenders.add(memif());
        contenders.add(Contender.of("ix", Wire.AF_XDP, "epoll"));
        contenders.add(Contender.of("epoll", Wire.AF_XDP, "ix"));
        contenders.add(Contender.of("ix", Wire.AF_XDP, "ix"));
        if (!few) {
            contenders.add(Contender.of("ix", Wire.TAP, "epoll"));
        }
        return contenders;
    }
}
