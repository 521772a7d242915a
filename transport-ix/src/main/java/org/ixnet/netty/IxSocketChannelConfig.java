package org.ixnet.netty;

import static io.netty.util.internal.ObjectUtil.checkPositive;
import static io.netty.util.internal.ObjectUtil.checkPositiveOrZero;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannelConfig;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ixnet.stack.tcp.TcbOptions;

/**
 * Options of an {@link IxSocketChannel}: those of {@link SocketChannelConfig} and of {@link IxChannelOption}. A change reaches
 * the connection through its loop. Buffer sizes that nobody has set are those of {@code IxConfig.tcp()} from the time of
 * registration on. {@code SO_REUSEADDR} is accepted and has no effect: a connection in TIME-WAIT never keeps a
 * port from being bound here. {@code TCP_FASTOPEN_CONNECT} is refused until the stack has TCP Fast Open.
 *
 * <p>Thread rule: any thread.
 */
@SuppressWarnings("ReferenceEquality") // options are constants, compared as in all of Netty
public final class IxSocketChannelConfig extends DefaultChannelConfig implements SocketChannelConfig {
    /** Guarded by itself, because setters may be called from any thread; so are the two that follow. */
    private final TcbOptions options;

    private boolean sendBufferSet;
    private boolean receiveBufferSet;

    private volatile boolean allowHalfClosure;
    private volatile int lingerSeconds = -1;
    private volatile boolean reuseAddress;
    private volatile boolean readSizeLimited;

    IxSocketChannelConfig(IxSocketChannel channel) {
        this(channel, new TcbOptions());
        options.noDelay = true; // Netty's default where the platform has no reason against it
    }

    /** For an accepted connection, whose options these are. */
    IxSocketChannelConfig(IxSocketChannel channel, TcbOptions options) {
        super(channel);
        this.options = options.copy();
    }

    /** A client joins a dataplane with these defaults: they count where the user has set nothing. */
    void defaults(TcbOptions defaults) {
        synchronized (options) {
            options.congestionControl = defaults.congestionControl;
            if (!sendBufferSet) {
                options.sendBufferBytes = defaults.sendBufferBytes;
            }
            if (!receiveBufferSet) {
                options.receiveBufferBytes = defaults.receiveBufferBytes;
            }
        }
    }

    /** A copy of the options for a new connection. */
    TcbOptions options() {
        synchronized (options) {
            return options.copy();
        }
    }

    /** Brings a live connection's options up to date. */
    void copyTo(TcbOptions target) {
        synchronized (options) {
            target.receiveBufferBytes = options.receiveBufferBytes;
            target.sendBufferBytes = options.sendBufferBytes;
            target.noDelay = options.noDelay;
            target.keepAlive = options.keepAlive;
            target.trafficClass = options.trafficClass;
            target.cork = options.cork;
            target.quickAck = options.quickAck;
            target.notSentLowWaterBytes = options.notSentLowWaterBytes;
            target.keepIdleNanos = options.keepIdleNanos;
            target.keepIntervalNanos = options.keepIntervalNanos;
            target.keepCount = options.keepCount;
            target.userTimeoutNanos = options.userTimeoutNanos;
        }
    }

    private void changed() {
        ((IxSocketChannel) channel).optionsChanged();
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(),
                ChannelOption.SO_RCVBUF,
                ChannelOption.SO_SNDBUF,
                ChannelOption.TCP_NODELAY,
                ChannelOption.SO_KEEPALIVE,
                ChannelOption.IP_TOS,
                IxChannelOption.TCP_CORK,
                IxChannelOption.TCP_QUICKACK,
                IxChannelOption.TCP_NOTSENT_LOWAT,
                IxChannelOption.TCP_KEEPIDLE,
                IxChannelOption.TCP_KEEPINTVL,
                IxChannelOption.TCP_KEEPCNT,
                IxChannelOption.TCP_USER_TIMEOUT,
                ChannelOption.SO_REUSEADDR,
                ChannelOption.SO_LINGER,
                ChannelOption.ALLOW_HALF_CLOSURE);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        if (option == ChannelOption.SO_RCVBUF) {
            return (T) Integer.valueOf(getReceiveBufferSize());
        }
        if (option == ChannelOption.SO_SNDBUF) {
            return (T) Integer.valueOf(getSendBufferSize());
        }
        if (option == ChannelOption.TCP_NODELAY) {
            return (T) Boolean.valueOf(isTcpNoDelay());
        }
        if (option == ChannelOption.SO_KEEPALIVE) {
            return (T) Boolean.valueOf(isKeepAlive());
        }
        if (option == ChannelOption.IP_TOS) {
            return (T) Integer.valueOf(getTrafficClass());
        }
        if (option == IxChannelOption.TCP_CORK) {
            return (T) Boolean.valueOf(isTcpCork());
        }
        if (option == IxChannelOption.TCP_QUICKACK) {
            return (T) Boolean.valueOf(isTcpQuickAck());
        }
        if (option == IxChannelOption.TCP_NOTSENT_LOWAT) {
            return (T) Long.valueOf(getTcpNotSentLowAt());
        }
        if (option == IxChannelOption.TCP_KEEPIDLE) {
            return (T) Integer.valueOf(getTcpKeepIdle());
        }
        if (option == IxChannelOption.TCP_KEEPINTVL) {
            return (T) Integer.valueOf(getTcpKeepIntvl());
        }
        if (option == IxChannelOption.TCP_KEEPCNT) {
            return (T) Integer.valueOf(getTcpKeepCnt());
        }
        if (option == IxChannelOption.TCP_USER_TIMEOUT) {
            return (T) Integer.valueOf(getTcpUserTimeout());
        }
        if (option == ChannelOption.SO_REUSEADDR) {
            return (T) Boolean.valueOf(isReuseAddress());
        }
        if (option == ChannelOption.SO_LINGER) {
            return (T) Integer.valueOf(getSoLinger());
        }
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            return (T) Boolean.valueOf(isAllowHalfClosure());
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option == ChannelOption.SO_RCVBUF) {
            setReceiveBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_SNDBUF) {
            setSendBufferSize((Integer) value);
        } else if (option == ChannelOption.TCP_NODELAY) {
            setTcpNoDelay((Boolean) value);
        } else if (option == ChannelOption.SO_KEEPALIVE) {
            setKeepAlive((Boolean) value);
        } else if (option == ChannelOption.IP_TOS) {
            setTrafficClass((Integer) value);
        } else if (option == IxChannelOption.TCP_CORK) {
            setTcpCork((Boolean) value);
        } else if (option == IxChannelOption.TCP_QUICKACK) {
            setTcpQuickAck((Boolean) value);
        } else if (option == IxChannelOption.TCP_NOTSENT_LOWAT) {
            setTcpNotSentLowAt((Long) value);
        } else if (option == IxChannelOption.TCP_KEEPIDLE) {
            setTcpKeepIdle((Integer) value);
        } else if (option == IxChannelOption.TCP_KEEPINTVL) {
            setTcpKeepIntvl((Integer) value);
        } else if (option == IxChannelOption.TCP_KEEPCNT) {
            setTcpKeepCnt((Integer) value);
        } else if (option == IxChannelOption.TCP_USER_TIMEOUT) {
            setTcpUserTimeout((Integer) value);
        } else if (option == ChannelOption.SO_REUSEADDR) {
            setReuseAddress((Boolean) value);
        } else if (option == ChannelOption.SO_LINGER) {
            setSoLinger((Integer) value);
        } else if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            setAllowHalfClosure((Boolean) value);
        } else if (option == ChannelOption.TCP_FASTOPEN_CONNECT) {
            // False tells the caller that nothing changed; the bootstraps log it.
            return !(Boolean) value;
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    @Override
    public int getReceiveBufferSize() {
        synchronized (options) {
            return options.receiveBufferBytes;
        }
    }

    @Override
    public IxSocketChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        checkPositive(receiveBufferSize, "receiveBufferSize");
        synchronized (options) {
            options.receiveBufferBytes = receiveBufferSize;
            receiveBufferSet = true;
        }
        changed();
        return this;
    }

    @Override
    public int getSendBufferSize() {
        synchronized (options) {
            return options.sendBufferBytes;
        }
    }

    @Override
    public IxSocketChannelConfig setSendBufferSize(int sendBufferSize) {
        checkPositive(sendBufferSize, "sendBufferSize");
        synchronized (options) {
            options.sendBufferBytes = sendBufferSize;
            sendBufferSet = true;
        }
        changed();
        return this;
    }

    @Override
    public boolean isTcpNoDelay() {
        synchronized (options) {
            return options.noDelay;
        }
    }

    @Override
    public IxSocketChannelConfig setTcpNoDelay(boolean tcpNoDelay) {
        synchronized (options) {
            options.noDelay = tcpNoDelay;
        }
        changed();
        return this;
    }

    @Override
    public boolean isKeepAlive() {
        synchronized (options) {
            return options.keepAlive;
        }
    }

    @Override
    public IxSocketChannelConfig setKeepAlive(boolean keepAlive) {
        synchronized (options) {
            options.keepAlive = keepAlive;
        }
        changed();
        return this;
    }

    @Override
    public int getTrafficClass() {
        synchronized (options) {
            return options.trafficClass;
        }
    }

    @Override
    public IxSocketChannelConfig setTrafficClass(int trafficClass) {
        synchronized (options) {
            options.trafficClass = trafficClass;
        }
        changed();
        return this;
    }

    /** {@link IxChannelOption#TCP_CORK}. */
    public boolean isTcpCork() {
        synchronized (options) {
            return options.cork;
        }
    }

    /** Sets {@link IxChannelOption#TCP_CORK}. */
    public IxSocketChannelConfig setTcpCork(boolean tcpCork) {
        synchronized (options) {
            options.cork = tcpCork;
        }
        changed();
        return this;
    }

    /** {@link IxChannelOption#TCP_QUICKACK}. */
    public boolean isTcpQuickAck() {
        synchronized (options) {
            return options.quickAck;
        }
    }

    /** Sets {@link IxChannelOption#TCP_QUICKACK}. */
    public IxSocketChannelConfig setTcpQuickAck(boolean tcpQuickAck) {
        synchronized (options) {
            options.quickAck = tcpQuickAck;
        }
        changed();
        return this;
    }

    /** {@link IxChannelOption#TCP_NOTSENT_LOWAT}. */
    public long getTcpNotSentLowAt() {
        synchronized (options) {
            return options.notSentLowWaterBytes;
        }
    }

    /** Sets {@link IxChannelOption#TCP_NOTSENT_LOWAT}. */
    public IxSocketChannelConfig setTcpNotSentLowAt(long tcpNotSentLowAt) {
        checkPositive(tcpNotSentLowAt, "tcpNotSentLowAt");
        synchronized (options) {
            options.notSentLowWaterBytes = (int) Math.min(tcpNotSentLowAt, Integer.MAX_VALUE);
        }
        changed();
        return this;
    }

    /** {@link IxChannelOption#TCP_KEEPIDLE}. */
    public int getTcpKeepIdle() {
        synchronized (options) {
            return (int) TimeUnit.NANOSECONDS.toSeconds(options.keepIdleNanos);
        }
    }

    /** Sets {@link IxChannelOption#TCP_KEEPIDLE}. */
    public IxSocketChannelConfig setTcpKeepIdle(int tcpKeepIdle) {
        checkPositive(tcpKeepIdle, "tcpKeepIdle");
        synchronized (options) {
            options.keepIdleNanos = TimeUnit.SECONDS.toNanos(tcpKeepIdle);
        }
        changed();
        return this;
    }

    /** {@link IxChannelOption#TCP_KEEPINTVL}. */
    public int getTcpKeepIntvl() {
        synchronized (options) {
            return (int) TimeUnit.NANOSECONDS.toSeconds(options.keepIntervalNanos);
        }
    }

    /** Sets {@link IxChannelOption#TCP_KEEPINTVL}. */
    public IxSocketChannelConfig setTcpKeepIntvl(int tcpKeepIntvl) {
        checkPositive(tcpKeepIntvl, "tcpKeepIntvl");
        synchronized (options) {
            options.keepIntervalNanos = TimeUnit.SECONDS.toNanos(tcpKeepIntvl);
        }
        changed();
        return this;
    }

    /** {@link IxChannelOption#TCP_KEEPCNT}. */
    public int getTcpKeepCnt() {
        synchronized (options) {
            return options.keepCount;
        }
    }

    /** Sets {@link IxChannelOption#TCP_KEEPCNT}. */
    public IxSocketChannelConfig setTcpKeepCnt(int tcpKeepCnt) {
        checkPositive(tcpKeepCnt, "tcpKeepCnt");
        synchronized (options) {
            options.keepCount = tcpKeepCnt;
        }
        changed();
        return this;
    }

    /** {@link IxChannelOption#TCP_USER_TIMEOUT}. */
    public int getTcpUserTimeout() {
        synchronized (options) {
            return (int) TimeUnit.NANOSECONDS.toMillis(options.userTimeoutNanos);
        }
    }

    /** Sets {@link IxChannelOption#TCP_USER_TIMEOUT}. */
    public IxSocketChannelConfig setTcpUserTimeout(int tcpUserTimeout) {
        checkPositiveOrZero(tcpUserTimeout, "tcpUserTimeout");
        synchronized (options) {
            options.userTimeoutNanos = TimeUnit.MILLISECONDS.toNanos(tcpUserTimeout);
        }
        changed();
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return reuseAddress;
    }

    @Override
    public IxSocketChannelConfig setReuseAddress(boolean reuseAddress) {
        this.reuseAddress = reuseAddress;
        return this;
    }

    /** Seconds that a close waits for the peer's acknowledgement; 0: close by reset; -1: close in the background. */
    @Override
    public int getSoLinger() {
        return lingerSeconds;
    }

    @Override
    public IxSocketChannelConfig setSoLinger(int soLinger) {
        lingerSeconds = Math.max(-1, soLinger);
        return this;
    }

    @Override
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    @Override
    public IxSocketChannelConfig setAllowHalfClosure(boolean allowHalfClosure) {
        this.allowHalfClosure = allowHalfClosure;
        return this;
    }

    /** Has no meaning here. */
    @Override
    public IxSocketChannelConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public IxSocketChannelConfig setConnectTimeoutMillis(int value) {
        super.setConnectTimeoutMillis(value);
        return this;
    }

    @Override
    @Deprecated
    public IxSocketChannelConfig setMaxMessagesPerRead(int value) {
        super.setMaxMessagesPerRead(value);
        return this;
    }

    @Override
    public IxSocketChannelConfig setWriteSpinCount(int value) {
        super.setWriteSpinCount(value);
        return this;
    }

    @Override
    public IxSocketChannelConfig setAllocator(ByteBufAllocator value) {
        super.setAllocator(value);
        return this;
    }

    /**
     * Whether one read may have no more bytes than the receive allocator guesses. Not so for Netty's default, which adapts its
     * guess to the reads: here the packets decide how long they are.
     */
    boolean isReadSizeLimited() {
        return readSizeLimited;
    }

    @Override
    public IxSocketChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator value) {
        super.setRecvByteBufAllocator(value);
        readSizeLimited = !(value instanceof AdaptiveRecvByteBufAllocator);
        return this;
    }

    @Override
    protected void autoReadCleared() {
        ((AbstractIxChannel) channel).autoReadCleared();
    }

    @Override
    public IxSocketChannelConfig setAutoRead(boolean value) {
        super.setAutoRead(value);
        return this;
    }

    @Override
    public IxSocketChannelConfig setAutoClose(boolean value) {
        super.setAutoClose(value);
        return this;
    }

    @Override
    public IxSocketChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark value) {
        super.setWriteBufferWaterMark(value);
        return this;
    }

    @Override
    public IxSocketChannelConfig setMessageSizeEstimator(MessageSizeEstimator value) {
        super.setMessageSizeEstimator(value);
        return this;
    }

    @Override
    public IxSocketChannelConfig setWriteBufferHighWaterMark(int value) {
        super.setWriteBufferHighWaterMark(value);
        return this;
    }

    @Override
    public IxSocketChannelConfig setWriteBufferLowWaterMark(int value) {
        super.setWriteBufferLowWaterMark(value);
        return this;
    }
}
