package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code setAutoRead(false)} from outside the read loop, and the water marks of datagrams. */
@Timeout(60)
class AutoReadTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    private final EventLoopGroup group = new IxEventLoopGroup(1, VirtualNetwork.config("autoread", "10.1.8.2/24", 1));

    /** Counts what is read, channels included. */
    private static final class Reads extends ChannelInboundHandlerAdapter {
        final Semaphore reads = new Semaphore(0);

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Channel child) {
                ctx.channel().eventLoop().register(child);
            } else {
                ReferenceCountUtil.release(message);
            }
            reads.release();
        }
    }

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /**
     * There is one loop, and what is sent to itself comes in the order in which it was sent: what one channel has read by the
     * time that another reads the marker is all that it will.
     *
     * @param sendMarker sends to another channel of the same kind, which reads it into {@code markers}
     */
    private static void stopsAndGoesOn(
            Channel reading, Reads handler, Runnable sendOne, Reads markers, Runnable sendMarker)
            throws InterruptedException {
        sendOne.run();
        handler.reads.acquire();
        reading.eventLoop().submit(() -> {}).sync(); // the read loop, with its read() for the next one, is over
        reading.config().setAutoRead(false);
        sendOne.run();
        sendMarker.run();
        markers.reads.acquire();
        reading.eventLoop().submit(() -> {}).sync(); // what it may have put off is done
        assertThat(handler.reads.tryAcquire())
                .as("read after setAutoRead(false)")
                .isFalse();
        reading.config().setAutoRead(true);
        handler.reads.acquire();
    }

    @Test
    void aSocketReadsNothingMore() throws Exception {
        Reads reads = new Reads();
        Channel[] accepted = new Channel[1];
        Channel client = connect(serve(reads, accepted));
        sendByte(client);
        reads.reads.acquire();
        Reads markers = new Reads();
        Channel markerClient = connect(serve(markers, new Channel[1]));
        stopsAndGoesOn(accepted[0], reads, () -> sendByte(client), markers, () -> sendByte(markerClient));
    }

    /** A server whose connections have {@code handler}; the last one is in {@code accepted}. */
    private Channel serve(Reads handler, Channel[] accepted) throws InterruptedException {
        Channel listening = new ServerBootstrap()
                .group(group)
                .channel(IxServerSocketChannel.class)
                .childHandler(handler)
                .bind(ANY_PORT)
                .sync()
                .channel();
        listening.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                accepted[0] = (Channel) message;
                ctx.fireChannelRead(message);
            }
        });
        return listening;
    }

    private static void sendByte(Channel channel) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1])).syncUninterruptibly();
    }

    @Test
    void aServerAcceptsNothingMore() throws Exception {
        Reads reads = new Reads();
        Channel listening = acceptInto(reads);
        Reads markers = new Reads();
        Channel markerListening = acceptInto(markers);
        stopsAndGoesOn(listening, reads, () -> connect(listening), markers, () -> connect(markerListening));
    }

    private Channel acceptInto(Reads handler) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channelFactory(IxServerSocketChannel::new)
                .handler(handler)
                .localAddress(ANY_PORT)
                .bind()
                .sync()
                .channel();
    }

    @Test
    void aDatagramChannelReadsNothingMore() throws Exception {
        Reads reads = new Reads();
        Channel reading = datagrams(reads);
        Channel sending = datagrams(new Reads());
        Reads markers = new Reads();
        Channel marked = datagrams(markers);
        stopsAndGoesOn(
                reading, reads, () -> sendDatagram(sending, reading), markers, () -> sendDatagram(sending, marked));
    }

    private static void sendDatagram(Channel from, Channel to) {
        from.writeAndFlush(
                        new DatagramPacket(Unpooled.wrappedBuffer(new byte[1]), (InetSocketAddress) to.localAddress()))
                .syncUninterruptibly();
    }

    @Test
    void packetsOnTheHeapCountAgainstTheWaterMarks() throws Exception {
        Channel channel = datagrams(new Reads());
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(8192, 16384));
        for (int i = 0; i < 100; i++) {
            channel.write(new DatagramPacket(
                    Unpooled.buffer(1000).writeZero(1000), (InetSocketAddress) channel.localAddress()));
        }
        channel.eventLoop().submit(() -> {}).sync();
        assertThat(channel.isWritable()).isFalse();
        assertThat(channel.bytesBeforeWritable()).isGreaterThan(90_000);
        channel.close().sync();
    }

    private Channel datagrams(Reads handler) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(IxDatagramChannel.class)
                .handler(handler)
                .bind(ANY_PORT)
                .sync()
                .channel();
    }

    private Channel connect(Channel listening) {
        return new Bootstrap()
                .group(group)
                .channel(IxSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(listening.localAddress())
                .syncUninterruptibly()
                .channel();
    }
}
