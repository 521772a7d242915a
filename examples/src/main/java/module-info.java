import org.jspecify.annotations.NullMarked;

/** Servers that run on any Netty transport. */
@NullMarked
module org.ixnet.examples {
    requires static transitive org.jspecify;
    requires org.ixnet.netty;
    requires org.ixnet.stack;
    requires transitive io.netty.transport;
    requires transitive io.netty.buffer;
    requires io.netty.common;
    requires transitive io.netty.handler;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.codec.http2;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.io_uring;
    requires transitive info.picocli;

    exports org.ixnet.examples;
    exports org.ixnet.examples.echo;
    exports org.ixnet.examples.http;
    exports org.ixnet.examples.memcached;
    exports org.ixnet.examples.memcached.store;

    opens org.ixnet.examples to
            info.picocli;
    opens org.ixnet.examples.echo to
            info.picocli;
    opens org.ixnet.examples.http to
            info.picocli;
    opens org.ixnet.examples.memcached to
            info.picocli;
}
