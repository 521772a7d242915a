import org.jspecify.annotations.NullMarked;

/**
 * The experiments of the IX paper as one program. It exports nothing: {@code org.ixnet.benchmarks.Main} is its face.
 */
@NullMarked
module org.ixnet.benchmarks {
    requires static transitive org.jspecify;
    requires org.ixnet.dpdk;
    requires org.ixnet.netty;
    requires org.ixnet.examples;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.io_uring;
    requires java.instrument; // for async-profiler, which is loaded by reflection
    requires java.management;
    requires jdk.jfr;
    requires jdk.management;
    requires info.picocli;
    requires HdrHistogram;
    requires jmh.core;

    uses org.ixnet.stack.device.DeviceProvider;

    opens org.ixnet.benchmarks to
            info.picocli;
}
