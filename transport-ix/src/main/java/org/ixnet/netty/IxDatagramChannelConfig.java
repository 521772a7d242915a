package org.ixnet.netty;

import static io.netty.util.internal.ObjectUtil.checkPositive;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannelConfig;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Options of an {@link IxDatagramChannel}. The multicast options are refused until the stack has IGMP; {@code SO_SNDBUF} and
 * {@code SO_REUSEADDR} are accepted and have no effect, because a datagram is handed to the device at once and a port in use
 * is shared by {@code SO_REUSEPORT} only.
 *
 * <p>Thread rule: any thread.
 */
@SuppressWarnings("ReferenceEquality") // options are constants, compared as in all of Netty
public final class IxDatagramChannelConfig extends DefaultChannelConfig implements DatagramChannelConfig {
    private static final int RECEIVE_BYTES = 2048;
    private static final int BUFFER_BYTES = 212_992; // Linux's net.core.rmem_default

    private volatile int receiveBufferBytes = BUFFER_BYTES;
    private volatile int sendBufferBytes = BUFFER_BYTES;
    private volatile int trafficClass;
    private volatile boolean broadcast;
    private volatile boolean reuseAddress;
    private volatile boolean reusePort;
    private volatile boolean activeOnOpen;

    IxDatagramChannelConfig(IxDatagramChannel channel) {
        super(channel, new FixedRecvByteBufAllocator(RECEIVE_BYTES));
    }

    @Override
    @SuppressWarnings("deprecation") // DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION: still part of every datagram channel
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(),
                ChannelOption.SO_BROADCAST,
                ChannelOption.SO_RCVBUF,
                ChannelOption.SO_SNDBUF,
                ChannelOption.SO_REUSEADDR,
                ChannelOption.IP_TOS,
                ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION,
                IxChannelOption.SO_REUSEPORT);
    }

    @Override
    @SuppressWarnings({"unchecked", "deprecation"})
    public <T> @Nullable T getOption(ChannelOption<T> option) {
        if (option == ChannelOption.SO_BROADCAST) {
            return (T) Boolean.valueOf(isBroadcast());
        }
        if (option == ChannelOption.SO_RCVBUF) {
            return (T) Integer.valueOf(getReceiveBufferSize());
        }
        if (option == ChannelOption.SO_SNDBUF) {
            return (T) Integer.valueOf(getSendBufferSize());
        }
        if (option == ChannelOption.SO_REUSEADDR) {
            return (T) Boolean.valueOf(isReuseAddress());
        }
        if (option == ChannelOption.IP_TOS) {
            return (T) Integer.valueOf(getTrafficClass());
        }
        if (option == ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION) {
            return (T) Boolean.valueOf(activeOnOpen);
        }
        if (option == IxChannelOption.SO_REUSEPORT) {
            return (T) Boolean.valueOf(isReusePort());
        }
        return super.getOption(option);
    }

    @Override
    @SuppressWarnings("deprecation")
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option == ChannelOption.SO_BROADCAST) {
            setBroadcast((Boolean) value);
        } else if (option == ChannelOption.SO_RCVBUF) {
            setReceiveBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_SNDBUF) {
            setSendBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_REUSEADDR) {
            setReuseAddress((Boolean) value);
        } else if (option == ChannelOption.IP_TOS) {
            setTrafficClass((Integer) value);
        } else if (option == ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION) {
            activeOnOpen = (Boolean) value;
        } else if (option == IxChannelOption.SO_REUSEPORT) {
            setReusePort((Boolean) value);
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    private void changed() {
        ((IxDatagramChannel) channel).optionsChanged();
    }

    boolean isActiveOnOpen() {
        return activeOnOpen;
    }

    @Override
    public int getSendBufferSize() {
        return sendBufferBytes;
    }

    @Override
    public IxDatagramChannelConfig setSendBufferSize(int sendBufferSize) {
        sendBufferBytes = checkPositive(sendBufferSize, "sendBufferSize");
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return receiveBufferBytes;
    }

    /** Bytes of datagrams that may wait to be read; what comes beyond is dropped. */
    @Override
    public IxDatagramChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        receiveBufferBytes = checkPositive(receiveBufferSize, "receiveBufferSize");
        changed();
        return this;
    }

    @Override
    public int getTrafficClass() {
        return trafficClass;
    }

    @Override
    public IxDatagramChannelConfig setTrafficClass(int trafficClass) {
        this.trafficClass = trafficClass & 0xff;
        changed();
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return reuseAddress;
    }

    @Override
    public IxDatagramChannelConfig setReuseAddress(boolean reuseAddress) {
        this.reuseAddress = reuseAddress;
        return this;
    }

    /** {@link IxChannelOption#SO_REUSEPORT}. */
    public boolean isReusePort() {
        return reusePort;
    }

    /** Sets {@link IxChannelOption#SO_REUSEPORT}; takes effect at {@code bind}. */
    public IxDatagramChannelConfig setReusePort(boolean reusePort) {
        this.reusePort = reusePort;
        return this;
    }

    @Override
    public boolean isBroadcast() {
        return broadcast;
    }

    @Override
    public IxDatagramChannelConfig setBroadcast(boolean broadcast) {
        this.broadcast = broadcast;
        changed();
        return this;
    }

    private static ChannelException noMulticast() {
        return new ChannelException("multicast is not supported: the stack has no IGMP yet");
    }

    @Override
    public boolean isLoopbackModeDisabled() {
        return false;
    }

    @Override
    public IxDatagramChannelConfig setLoopbackModeDisabled(boolean loopbackModeDisabled) {
        throw noMulticast();
    }

    @Override
    public int getTimeToLive() {
        return 1;
    }

    @Override
    public IxDatagramChannelConfig setTimeToLive(int ttl) {
        throw noMulticast();
    }

    @Override
    public @Nullable InetAddress getInterface() {
        return null;
    }

    @Override
    public IxDatagramChannelConfig setInterface(InetAddress interfaceAddress) {
        throw noMulticast();
    }

    @Override
    public @Nullable NetworkInterface getNetworkInterface() {
        return null;
    }

    @Override
    public IxDatagramChannelConfig setNetworkInterface(NetworkInterface networkInterface) {
        throw noMulticast();
    }

    @Override
    public IxDatagramChannelConfig setConnectTimeoutMillis(int value) {
        super.setConnectTimeoutMillis(value);
        return this;
    }

    @Override
    @Deprecated
    public IxDatagramChannelConfig setMaxMessagesPerRead(int value) {
        super.setMaxMessagesPerRead(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setWriteSpinCount(int value) {
        super.setWriteSpinCount(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setAllocator(ByteBufAllocator value) {
        super.setAllocator(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator value) {
        super.setRecvByteBufAllocator(value);
        return this;
    }

    @Override
    protected void autoReadCleared() {
        ((AbstractIxChannel) channel).autoReadCleared();
    }

    @Override
    public IxDatagramChannelConfig setAutoRead(boolean value) {
        super.setAutoRead(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setAutoClose(boolean value) {
        super.setAutoClose(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark value) {
        super.setWriteBufferWaterMark(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setMessageSizeEstimator(MessageSizeEstimator value) {
        super.setMessageSizeEstimator(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setWriteBufferHighWaterMark(int value) {
        super.setWriteBufferHighWaterMark(value);
        return this;
    }

    @Override
    public IxDatagramChannelConfig setWriteBufferLowWaterMark(int value) {
        super.setWriteBufferLowWaterMark(value);
        return this;
    }
}
