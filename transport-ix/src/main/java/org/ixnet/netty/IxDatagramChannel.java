package org.ixnet.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultAddressedEnvelope;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.internal.StringUtil;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeUnit;
import org.ixnet.stack.dataplane.ElasticThread;
import org.ixnet.stack.ip.IcmpError;
import org.ixnet.stack.memory.Mbuf;
import org.ixnet.stack.udp.UdpLayer;
import org.ixnet.stack.udp.UdpSocket;
import org.ixnet.stack.udp.UdpUser;
import org.ixnet.stack.util.IpAddresses;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket. A read datagram is the device's own buffer where possible; a written one is copied once, into its packet. All
 * datagrams for the socket come to the loop that it is registered on, whichever thread their flow hashes to.
 *
 * <p>A {@link SegmentedDatagramPacket} is sent as that many datagrams. Multicast groups are refused until the stack has IGMP. Thread rule: as every {@link io.netty.channel.Channel}.
 */
public final class IxDatagramChannel extends AbstractIxChannel implements DatagramChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(true, 64);
    private static final String EXPECTED_TYPES =
            " (expected: DatagramPacket, AddressedEnvelope<ByteBuf, InetSocketAddress>, ByteBuf)";
    /** When no packet buffer was free, the next attempt comes this much later. */
    private static final long RETRY_MICROS = 200;

    private final IxDatagramChannelConfig config = new IxDatagramChannelConfig(this);
    private final Runnable readTask = this::runReadTask;
    private final SocketUser socketUser = new SocketUser();

    private volatile @Nullable IxIoHandler handler;
    private volatile boolean connected;
    private @Nullable UdpSocket socket;
    private boolean dataWaiting;
    private boolean readTaskScheduled;
    private boolean retryScheduled;
    /** An ICMP error that the next write reports, as the kernel's socket does when nobody reads. */
    private @Nullable IOException pendingError;

    public IxDatagramChannel() {
        super(null);
    }

    @Override
    public IxDatagramChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return (InetSocketAddress) super.localAddress();
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return (InetSocketAddress) super.remoteAddress();
    }

    @Override
    public boolean isActive() {
        return isOpen() && (active || (config.isActiveOnOpen() && isRegistered()));
    }

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    @SuppressWarnings("exports") // Netty wants it protected; nobody else can name the type
    protected AbstractIxUnsafe newUnsafe() {
        return new DatagramUnsafe();
    }

    @Override
    void registered(IxIoHandler handler, ChannelPromise promise) {
        IxIoHandler before = this.handler;
        if (before != null && before != handler && socket != null) {
            promise.setFailure(new IllegalStateException(
                    "a bound IxDatagramChannel cannot change its loop; close it and bind another"));
            return;
        }
        this.handler = handler;
        if (socket != null) {
            applyOptions(socket); // which may have changed meanwhile
        }
        promise.setSuccess();
        if (dataWaiting) {
            scheduleRead();
        }
    }

    private ElasticThread thread() {
        return requireNonNull(handler, "not registered").thread();
    }

    @Override
    protected void doBind(SocketAddress localAddress) throws Exception {
        bind(checkResolved(localAddress));
    }

    private UdpSocket bind(InetSocketAddress address) throws IOException {
        if (socket != null) {
            throw new BindException("Invalid argument: the channel is bound already");
        }
        long hi = IpAddresses.hi(address.getAddress());
        long lo = IpAddresses.lo(address.getAddress());
        OwnAddresses.check(thread(), hi, lo);
        UdpSocket bound = thread().udp().bind(hi, lo, address.getPort(), config.isReusePort(), socketUser);
        socket = bound;
        applyOptions(bound);
        local = address(hi, lo, bound.localPort());
        active = true;
        return bound;
    }

    private void applyOptions(UdpSocket socket) {
        socket.broadcast(config.isBroadcast());
        socket.receiveBufferBytes(config.getReceiveBufferSize());
        socket.trafficClass(config.getTrafficClass());
    }

    /** Options were changed: any thread. */
    void optionsChanged() {
        changeOnLoop(() -> {
            UdpSocket socket = this.socket;
            if (socket != null) {
                applyOptions(socket);
            }
        });
    }

    private void connect(InetSocketAddress to, @Nullable InetSocketAddress from) throws IOException {
        if (connected) {
            throw new AlreadyConnectedException();
        }
        UdpSocket socket = this.socket;
        if (socket == null) {
            socket = bind(from == null ? new InetSocketAddress(0) : from);
        }
        long hi = IpAddresses.hi(to.getAddress());
        long lo = IpAddresses.lo(to.getAddress());
        if (IpAddresses.isUnspecified(hi, lo)) {
            // Linux: connecting to "any" means this host.
            lo = IpAddresses.ipv4(127, 0, 0, 1);
        }
        if (OwnAddresses.isIpv6(hi, lo)) {
            throw new NoRouteToHostException("the stack has no IPv6 yet, use an IPv4 address");
        }
        thread().udp().connect(socket, hi, lo, to.getPort());
        local = address(socket.localHi(), socket.localLo(), socket.localPort());
        remote = to;
        connected = true;
        active = true;
    }

    @Override
    protected void doDisconnect() throws Exception {
        UdpSocket socket = this.socket;
        if (socket != null) {
            thread().udp().disconnect(socket);
        }
        connected = false;
        active = false;
        remote = null;
    }

    @Override
    protected void doClose() throws Exception {
        super.doClose();
        connected = false;
        IxIoHandler handler = this.handler;
        if (handler != null && handler.isStarted()) {
            if (handler.thread().inThread()) {
                closeSocket();
            } else {
                handler.thread().execute(this::closeSocket);
            }
        }
        doDeregister();
    }

    private void closeSocket() {
        UdpSocket closing = socket;
        if (closing != null) {
            socket = null;
            thread().udp().close(closing);
        }
    }

    // ---- reading

    @Override
    void readWanted() {
        if (dataWaiting) {
            scheduleRead();
        }
    }

    private void scheduleRead() {
        if (!readTaskScheduled) {
            readTaskScheduled = true;
            eventLoop().execute(readTask);
        }
    }

    private void runReadTask() {
        readTaskScheduled = false;
        if (isOnLoop()) {
            readReady();
        }
    }

    @Override
    void readReady() {
        AbstractIxUnsafe unsafe = ixUnsafe();
        UdpSocket socket = this.socket;
        IxIoHandler handler = requireNonNull(this.handler);
        if (socket == null || unsafe.shouldStopReading(config)) {
            return;
        }
        UdpLayer udp = handler.thread().udp();
        var handle = unsafe.recvBufAllocHandle();
        ChannelPipeline pipeline = pipeline();
        handle.reset(config);
        do {
            long mbuf = udp.receive(socket);
            if (mbuf == 0) {
                dataWaiting = false;
                handle.lastBytesRead(-1);
                break;
            }
            InetSocketAddress sender = address(Mbuf.sourceHi(mbuf), Mbuf.sourceLo(mbuf), Mbuf.sourcePort(mbuf));
            int lengthBytes = Mbuf.payloadLengthBytes(mbuf);
            // An empty datagram is a message too, so it counts as one byte: 0 would end the loop.
            handle.attemptedBytesRead(Math.max(1, lengthBytes));
            handle.lastBytesRead(Math.max(1, lengthBytes));
            handle.incMessagesRead(1);
            unsafe.readPending = false;
            ByteBuf data = handler.receiveBuffers().wrapDatagram(mbuf, config.getAllocator());
            pipeline.fireChannelRead(new DatagramPacket(data, localAddress(), sender));
        } while (isOpen() && handle.continueReading());
        handle.readComplete();
        pipeline.fireChannelReadComplete();
        if (dataWaiting && isOpen() && isOnLoop() && !unsafe.shouldStopReading(config)) {
            scheduleRead();
        }
    }

    // ---- writing

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
        for (int left = maxMessagesPerWrite(); left > 0; left--) {
            Object message = in.current();
            if (message == null) {
                return;
            }
            try {
                if (!send(message)) {
                    break;
                }
                in.remove();
            } catch (IOException e) {
                // Other datagrams may have other destinations: https://github.com/netty/netty/issues/2665
                in.remove(e);
            }
        }
        if (!in.isEmpty() && !retryScheduled) {
            retryScheduled = true;
            eventLoop().schedule(this::retryWrite, RETRY_MICROS, TimeUnit.MICROSECONDS);
        }
    }

    private void retryWrite() {
        retryScheduled = false;
        ((DatagramUnsafe) ixUnsafe()).flushNow();
    }

    /** False when no packet buffer is free. */
    private boolean send(Object message) throws IOException {
        IOException error = pendingError;
        if (error != null) {
            pendingError = null;
            throw error;
        }
        ByteBuf data;
        InetSocketAddress to = null;
        if (message instanceof AddressedEnvelope<?, ?> envelope) {
            data = (ByteBuf) envelope.content();
            to = (InetSocketAddress) envelope.recipient();
        } else {
            data = (ByteBuf) message;
        }
        UdpSocket socket = this.socket;
        if (socket == null) {
            // As the kernel does: sending binds to a port of its choice.
            socket = bind(new InetSocketAddress(0));
        }
        long hi;
        long lo;
        int port;
        if (to != null) {
            hi = IpAddresses.hi(to.getAddress());
            lo = IpAddresses.lo(to.getAddress());
            port = to.getPort();
        } else if (connected) {
            hi = socket.remoteHi();
            lo = socket.remoteLo();
            port = socket.remotePort();
        } else {
            throw new IOException("Destination address required", new NotYetConnectedException());
        }
        int segmentBytes = message instanceof SegmentedDatagramPacket segmented && segmented.segmentSize() > 0
                ? segmented.segmentSize()
                : Integer.MAX_VALUE;
        while (data.readableBytes() > segmentBytes) {
            if (!send(socket, hi, lo, port, data, segmentBytes)) {
                return false;
            }
            data.skipBytes(segmentBytes); // what was sent is not sent again when the rest has to wait
        }
        return send(socket, hi, lo, port, data, data.readableBytes());
    }

    private boolean send(UdpSocket socket, long hi, long lo, int port, ByteBuf data, int lengthBytes)
            throws IOException {
        if (lengthBytes > UdpLayer.MAX_PAYLOAD_BYTES) {
            throw new IOException("Message too long: " + lengthBytes + " bytes; at most " + UdpLayer.MAX_PAYLOAD_BYTES);
        }
        long address = data.hasMemoryAddress()
                ? data.memoryAddress() + data.readerIndex()
                : MemorySegment.ofBuffer(data.internalNioBuffer(data.readerIndex(), lengthBytes))
                        .address();
        return thread().udp().send(socket, hi, lo, port, address, lengthBytes);
    }

    @Override
    protected Object filterOutboundMessage(Object msg) {
        if (msg instanceof ByteBuf buffer) {
            return isSendable(buffer) ? buffer : copy(buffer, buffer);
        }
        if (msg instanceof AddressedEnvelope<?, ?> envelope
                && envelope.content() instanceof ByteBuf content
                && (envelope.recipient() == null || envelope.recipient() instanceof InetSocketAddress)) {
            InetSocketAddress recipient = (InetSocketAddress) envelope.recipient();
            if (recipient != null && recipient.isUnresolved()) {
                throw new UnresolvedAddressException();
            }
            if (isSendable(content)) {
                return envelope;
            }
            // A packet stays one: the estimator of the water marks knows no other envelope.
            return msg instanceof DatagramPacket packet
                    ? packet.replace(copy(content, envelope))
                    : new DefaultAddressedEnvelope<>(copy(content, envelope), recipient);
        }
        throw new UnsupportedOperationException(
                "unsupported message type: " + StringUtil.simpleClassName(msg) + EXPECTED_TYPES);
    }

    private static boolean isSendable(ByteBuf buffer) {
        return buffer.hasMemoryAddress() || (buffer.isDirect() && buffer.nioBufferCount() == 1);
    }

    /** A direct copy of {@code buffer}; {@code holder} is released. */
    private ByteBuf copy(ByteBuf buffer, Object holder) {
        ByteBuf copy = alloc().directBuffer(Math.max(1, buffer.readableBytes()));
        copy.writeBytes(buffer, buffer.readerIndex(), buffer.readableBytes());
        ReferenceCountUtil.safeRelease(holder);
        return copy;
    }

    // ---- multicast

    private static ChannelFuture refuse(ChannelPromise promise) {
        return promise.setFailure(
                new UnsupportedOperationException("multicast is not supported: the stack has no IGMP yet"));
    }

    @Override
    public ChannelFuture joinGroup(InetAddress multicastAddress) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture joinGroup(InetAddress multicastAddress, ChannelPromise promise) {
        return refuse(promise);
    }

    @Override
    public ChannelFuture joinGroup(InetSocketAddress multicastAddress, NetworkInterface networkInterface) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture joinGroup(
            InetSocketAddress multicastAddress, NetworkInterface networkInterface, ChannelPromise promise) {
        return refuse(promise);
    }

    @Override
    public ChannelFuture joinGroup(
            InetAddress multicastAddress, NetworkInterface networkInterface, @Nullable InetAddress source) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture joinGroup(
            InetAddress multicastAddress,
            NetworkInterface networkInterface,
            @Nullable InetAddress source,
            ChannelPromise promise) {
        return refuse(promise);
    }

    @Override
    public ChannelFuture leaveGroup(InetAddress multicastAddress) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture leaveGroup(InetAddress multicastAddress, ChannelPromise promise) {
        return refuse(promise);
    }

    @Override
    public ChannelFuture leaveGroup(InetSocketAddress multicastAddress, NetworkInterface networkInterface) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture leaveGroup(
            InetSocketAddress multicastAddress, NetworkInterface networkInterface, ChannelPromise promise) {
        return refuse(promise);
    }

    @Override
    public ChannelFuture leaveGroup(
            InetAddress multicastAddress, NetworkInterface networkInterface, @Nullable InetAddress source) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture leaveGroup(
            InetAddress multicastAddress,
            NetworkInterface networkInterface,
            @Nullable InetAddress source,
            ChannelPromise promise) {
        return refuse(promise);
    }

    @Override
    public ChannelFuture block(
            InetAddress multicastAddress, NetworkInterface networkInterface, InetAddress sourceToBlock) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture block(
            InetAddress multicastAddress,
            NetworkInterface networkInterface,
            InetAddress sourceToBlock,
            ChannelPromise promise) {
        return refuse(promise);
    }

    @Override
    public ChannelFuture block(InetAddress multicastAddress, InetAddress sourceToBlock) {
        return refuse(newPromise());
    }

    @Override
    public ChannelFuture block(InetAddress multicastAddress, InetAddress sourceToBlock, ChannelPromise promise) {
        return refuse(promise);
    }

    /** Upcalls of the socket. */
    private final class SocketUser implements UdpUser {
        @Override
        public void readable(UdpSocket readable) {
            dataWaiting = true;
            if (isOnLoop()) {
                readReady();
            }
        }

        @Override
        public void error(UdpSocket failed, IcmpError.Kind kind) {
            if (!isOnLoop() || !isActive()) {
                return;
            }
            IOException cause = kind == IcmpError.Kind.PORT_UNREACHABLE
                    ? new PortUnreachableException("Connection refused")
                    : new NoRouteToHostException("ICMP: " + kind);
            if (ixUnsafe().shouldStopReading(config)) {
                pendingError = cause;
            } else {
                pipeline().fireChannelReadComplete();
                pipeline().fireExceptionCaught(cause);
            }
        }
    }

    private final class DatagramUnsafe extends AbstractIxUnsafe {
        @Override
        public void connect(SocketAddress remoteAddress, @Nullable SocketAddress localAddress, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            boolean wasActive = isActive();
            try {
                IxDatagramChannel.this.connect(
                        checkResolved(remoteAddress), localAddress == null ? null : checkResolved(localAddress));
            } catch (Exception e) {
                safeSetFailure(promise, annotateConnectException(e, remoteAddress));
                closeIfClosed();
                return;
            }
            safeSetSuccess(promise);
            if (!wasActive && isActive()) {
                pipeline().fireChannelActive();
            }
        }

        @Override
        protected void flush0() {
            if (!retryScheduled) {
                super.flush0();
            }
        }

        void flushNow() {
            super.flush0();
        }
    }
}
