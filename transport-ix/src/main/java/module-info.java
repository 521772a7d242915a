import org.jspecify.annotations.NullMarked;

/** The Netty transport on the IX dataplane. */
@NullMarked
module org.ixnet.netty {
    requires static transitive org.jspecify;
    requires transitive org.ixnet.stack;
    requires transitive io.netty.transport;
    requires transitive io.netty.buffer;
    requires transitive io.netty.common;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires static micrometer.core;

    exports org.ixnet.netty;

    uses org.ixnet.stack.device.DeviceProvider;
}
