package org.ixnet.examples;

import io.netty.channel.ChannelPipeline;

/** What a server does with its connections, whichever transport carries them. */
public interface Service extends AutoCloseable {
    /** Fills the pipeline of a new connection; called on its event loop. */
    void initialize(ChannelPipeline pipeline);

    /** Frees what the connections shared; called once, after the last event loop has ended. */
    @Override
    default void close() {}
}
