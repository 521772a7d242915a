package org.ixnet.netty;

import io.netty.channel.IoHandle;

/** What an {@link IxIoHandler} takes: the channels of this package. */
interface IxIoHandle extends IoHandle {
    @Override
    void close();
}
