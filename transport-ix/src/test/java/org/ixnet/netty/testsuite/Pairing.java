package org.ixnet.netty.testsuite;

/**
 * Which transport's server talks to which transport's client in this JVM. With {@link #IX_NIO} and {@link #NIO_IX} the
 * kernel's end of a TAP is between them: {@code -Dix.testsuite.pairing=IX_NIO}.
 */
enum Pairing {
    /** Over the internal loopback of one dataplane. */
    IX_IX,
    /** An IX server, whose clients come through the kernel's routing. */
    IX_NIO,
    /** IX clients of a server of the kernel. */
    NIO_IX,
    /** What IX is compared with. */
    EPOLL;

    static final Pairing HERE = valueOf(System.getProperty("ix.testsuite.pairing", "IX_IX"));

    boolean withKernel() {
        return this == IX_NIO || this == NIO_IX;
    }
}
