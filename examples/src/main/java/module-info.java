import org.jspecify.annotations.NullMarked;

/** Servers that run on any Netty transport. */
@NullMarked
module org.ixnet.examples {
    requires static transitive org.jspecify;
    requires org.ixnet.netty;
    requires io.netty.handler;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.io_uring;
    requires info.picocli;
}
