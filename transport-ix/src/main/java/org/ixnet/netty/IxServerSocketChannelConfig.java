package org.ixnet.netty;

import static io.netty.util.internal.ObjectUtil.checkPositive;
import static io.netty.util.internal.ObjectUtil.checkPositiveOrZero;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ServerSocketChannelConfig;
import io.netty.util.NetUtil;
import java.util.Map;
import org.ixnet.stack.tcp.TcbOptions;

/**
 * Options of an {@link IxServerSocketChannel}. They take effect at {@code bind}. {@code SO_REUSEADDR} has no effect, as for
 * {@link IxSocketChannelConfig}; {@code TCP_FASTOPEN} is refused until the stack has TCP Fast Open.
 *
 * <p>Thread rule: any thread.
 */
@SuppressWarnings("ReferenceEquality") // options are constants, compared as in all of Netty
public final class IxServerSocketChannelConfig extends DefaultChannelConfig implements ServerSocketChannelConfig {
    private volatile int backlog = NetUtil.SOMAXCONN;
    /** 0: that of {@link #defaults}. */
    private volatile int receiveBufferBytes;

    /** Of the dataplane that the channel is registered with; never changed. */
    private volatile TcbOptions defaults = new TcbOptions();

    private volatile boolean reuseAddress;
    private volatile boolean reusePort;
    private volatile int deferAcceptSeconds;

    IxServerSocketChannelConfig(IxServerSocketChannel channel) {
        super(channel);
    }

    /** The channel joins a dataplane with these defaults, which are never changed. */
    void defaults(TcbOptions defaults) {
        this.defaults = defaults;
    }

    /** What accepted connections start with. */
    TcbOptions childOptions() {
        TcbOptions options = defaults.copy();
        options.noDelay = true; // Netty's default where the platform has no reason against it
        if (receiveBufferBytes > 0) {
            options.receiveBufferBytes = receiveBufferBytes;
        }
        return options;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(),
                ChannelOption.SO_RCVBUF,
                ChannelOption.SO_REUSEADDR,
                ChannelOption.SO_BACKLOG,
                IxChannelOption.SO_REUSEPORT,
                IxChannelOption.TCP_DEFER_ACCEPT);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        if (option == ChannelOption.SO_RCVBUF) {
            return (T) Integer.valueOf(getReceiveBufferSize());
        }
        if (option == ChannelOption.SO_REUSEADDR) {
            return (T) Boolean.valueOf(isReuseAddress());
        }
        if (option == ChannelOption.SO_BACKLOG) {
            return (T) Integer.valueOf(getBacklog());
        }
        if (option == IxChannelOption.SO_REUSEPORT) {
            return (T) Boolean.valueOf(isReusePort());
        }
        if (option == IxChannelOption.TCP_DEFER_ACCEPT) {
            return (T) Integer.valueOf(getTcpDeferAccept());
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option == ChannelOption.SO_RCVBUF) {
            setReceiveBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_REUSEADDR) {
            setReuseAddress((Boolean) value);
        } else if (option == ChannelOption.SO_BACKLOG) {
            setBacklog((Integer) value);
        } else if (option == IxChannelOption.SO_REUSEPORT) {
            setReusePort((Boolean) value);
        } else if (option == IxChannelOption.TCP_DEFER_ACCEPT) {
            setTcpDeferAccept((Integer) value);
        } else if (option == ChannelOption.TCP_FASTOPEN) {
            // False tells the caller that nothing changed; the bootstraps log it.
            return (Integer) value == 0;
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    /** Connections that may wait on each elastic thread for being accepted. */
    @Override
    public int getBacklog() {
        return backlog;
    }

    @Override
    public IxServerSocketChannelConfig setBacklog(int backlog) {
        this.backlog = Math.max(1, checkPositiveOrZero(backlog, "backlog"));
        return this;
    }

    /** {@link IxChannelOption#TCP_DEFER_ACCEPT}. */
    public int getTcpDeferAccept() {
        return deferAcceptSeconds;
    }

    /**
     * Sets {@link IxChannelOption#TCP_DEFER_ACCEPT}; 0, the default, accepts at once. A connection that stays silent is
     * accepted when the time is over, and no more than {@link #getBacklog} of each elastic thread wait; both as with Linux.
     * Takes effect for connections to come.
     */
    public IxServerSocketChannelConfig setTcpDeferAccept(int deferAcceptSeconds) {
        this.deferAcceptSeconds = checkPositiveOrZero(deferAcceptSeconds, "deferAcceptSeconds");
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return reuseAddress;
    }

    @Override
    public IxServerSocketChannelConfig setReuseAddress(boolean reuseAddress) {
        this.reuseAddress = reuseAddress;
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return childOptions().receiveBufferBytes;
    }

    @Override
    public IxServerSocketChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        receiveBufferBytes = checkPositive(receiveBufferSize, "receiveBufferSize");
        return this;
    }

    /** {@link IxChannelOption#SO_REUSEPORT}. */
    public boolean isReusePort() {
        return reusePort;
    }

    /**
     * Sets {@link IxChannelOption#SO_REUSEPORT}: other server channels that set it too may listen on the same address. One
     * on each loop of a group then gets the connections of its own loop; on loops without one the channels take turns, and
     * when one closes the others go on. {@code SO_BACKLOG} and {@code SO_RCVBUF} on a loop are those of the first of them.
     */
    public IxServerSocketChannelConfig setReusePort(boolean reusePort) {
        this.reusePort = reusePort;
        return this;
    }

    /** Has no meaning here. */
    @Override
    public IxServerSocketChannelConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setConnectTimeoutMillis(int value) {
        super.setConnectTimeoutMillis(value);
        return this;
    }

    @Override
    @Deprecated
    public IxServerSocketChannelConfig setMaxMessagesPerRead(int value) {
        super.setMaxMessagesPerRead(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setWriteSpinCount(int value) {
        super.setWriteSpinCount(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setAllocator(ByteBufAllocator value) {
        super.setAllocator(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator value) {
        super.setRecvByteBufAllocator(value);
        return this;
    }

    @Override
    protected void autoReadCleared() {
        ((AbstractIxChannel) channel).autoReadCleared();
    }

    @Override
    public IxServerSocketChannelConfig setAutoRead(boolean value) {
        super.setAutoRead(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setAutoClose(boolean value) {
        super.setAutoClose(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark value) {
        super.setWriteBufferWaterMark(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setMessageSizeEstimator(MessageSizeEstimator value) {
        super.setMessageSizeEstimator(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setWriteBufferHighWaterMark(int value) {
        super.setWriteBufferHighWaterMark(value);
        return this;
    }

    @Override
    public IxServerSocketChannelConfig setWriteBufferLowWaterMark(int value) {
        super.setWriteBufferLowWaterMark(value);
        return this;
    }
}
