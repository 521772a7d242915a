import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxSocketChannel;
import org.ixnet.stack.dataplane.IxConfig;

/**
 * Messages of 1 B to 8 MB to an echo server and back, each once the last has come back whole, and every byte compared. Run
 * from its source as ToAndFro ADDRESS PORT, IX configured by system properties. Exit code 0, or 1 with what failed.
 */
public final class ToAndFro {
    private static final int[] SIZES = {1, 64, 4096, 65536, 8 << 20};
    private static final int[] TIMES = {1000, 1000, 500, 100, 5};
    private static final int SECONDS = 60;
    private static final int CONNECT_SECONDS = 10;

    private ToAndFro() {}

    /** Takes one message after the other; its bytes depend on their place and on the message's number. */
    private static final class Receiver extends ChannelInboundHandlerAdapter {
        private CompletableFuture<Void> whole = CompletableFuture.completedFuture(null);
        private int number;
        private int missing;
        private int received;

        /** On the event loop, before the message is sent. */
        CompletableFuture<Void> expect(int message, int bytes) {
            number = message;
            missing = bytes;
            received = 0;
            whole = new CompletableFuture<>();
            return whole;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf data = (ByteBuf) message;
            try {
                while (data.isReadable()) {
                    if (missing == 0 || data.readByte() != byteAt(number, received)) {
                        throw new IllegalStateException(
                                "message " + number + ": byte " + received + " is wrong, or nobody sent it");
                    }
                    received++;
                    missing--;
                }
            } finally {
                data.release();
            }
            if (missing == 0) {
                whole.complete(null);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            whole.completeExceptionally(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            whole.completeExceptionally(new IllegalStateException("the server closed the connection"));
        }
    }

    private static byte byteAt(int number, int place) {
        return (byte) (number + place * 31 + (place >>> 8));
    }

    public static void main(String[] arguments) {
        try {
            IxConfig config = IxConfig.fromSystemProperties();
            EventLoopGroup group = new IxEventLoopGroup(1, config);
            try {
                toAndFro(group, arguments[0], Integer.parseInt(arguments[1]), config.device());
            } finally {
                group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
            }
        } catch (Exception e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void toAndFro(EventLoopGroup group, String address, int port, String device) throws Exception {
        Receiver receiver = new Receiver();
        Channel channel = new Bootstrap()
                .group(group)
                .channel(IxSocketChannel.class)
                .handler(receiver)
                .connect(address, port)
                .sync()
                .channel();
        int number = 0;
        StringBuilder done = new StringBuilder();
        for (int size = 0; size < SIZES.length; size++) {
            for (int time = 0; time < TIMES[size]; time++) {
                int message = number++;
                int bytes = SIZES[size];
                ByteBuf data = channel.alloc().directBuffer(bytes);
                for (int i = 0; i < bytes; i++) {
                    data.writeByte(byteAt(message, i));
                }
                CompletableFuture<CompletableFuture<Void>> sent = new CompletableFuture<>();
                channel.eventLoop().execute(() -> {
                    CompletableFuture<Void> whole = receiver.expect(message, bytes);
                    channel.writeAndFlush(data);
                    sent.complete(whole);
                });
                sent.get(CONNECT_SECONDS, TimeUnit.SECONDS).get(SECONDS, TimeUnit.SECONDS);
            }
            done.append(size == 0 ? "" : ", ").append(TIMES[size]).append(" of ").append(SIZES[size]);
        }
        channel.close().sync();
        System.out.println(number + " messages went to and fro over " + device + ", every byte compared: " + done + " B");
    }
}
