import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.ixnet.netty.Ix;
import org.ixnet.netty.IxEventLoopGroup;
import org.ixnet.netty.IxIoHandler;
import org.ixnet.netty.IxServerSocketChannel;
import org.ixnet.netty.IxSocketChannel;
import org.ixnet.stack.dataplane.IxConfig;

/**
 * A megabyte through an echo server, from an IxEventLoopGroup to a plain group of Netty's on the same dataplane, over the
 * device of the system properties. Run from its source, with IX on the module path, the class path, or relocated; in the last
 * case scripts/e2e/loops.sh rewrites the imports. Exit code 0, or 1 with the message of what failed.
 */
public final class EchoOnce {
    private static final int BYTES = 1 << 20;
    private static final int SECONDS = 60;

    private EchoOnce() {}

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    private static final class Count extends ChannelInboundHandlerAdapter {
        final CountDownLatch all = new CountDownLatch(1);
        private int received;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf data = (ByteBuf) message;
            while (data.isReadable()) {
                if (data.readByte() != (byte) (received++ * 31)) {
                    throw new IllegalStateException("byte " + (received - 1) + " came back changed");
                }
            }
            data.release();
            if (received == BYTES) {
                all.countDown();
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        try {
            Ix.ensureAvailability();
            echo();
        } catch (RuntimeException | LinkageError e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void echo() throws InterruptedException {
        IxConfig config = IxConfig.fromSystemProperties();
        EventLoopGroup servers = new IxEventLoopGroup(1, config);
        EventLoopGroup clients = new MultiThreadIoEventLoopGroup(1, IxIoHandler.newFactory(config));
        Channel listening = new ServerBootstrap()
                .group(servers)
                .channel(IxServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Echo());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        Count count = new Count();
        Channel client = new Bootstrap()
                .group(clients)
                .channel(IxSocketChannel.class)
                .handler(count)
                .connect(listening.localAddress())
                .sync()
                .channel();
        ByteBuf data = Unpooled.directBuffer(BYTES);
        for (int i = 0; i < BYTES; i++) {
            data.writeByte(i * 31);
        }
        client.writeAndFlush(data);
        boolean came = count.all.await(SECONDS, TimeUnit.SECONDS);
        client.close().sync();
        clients.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        servers.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        if (!came) {
            throw new IllegalStateException("not everything came back within " + SECONDS + " s");
        }
        Module module = IxEventLoopGroup.class.getModule();
        System.out.println(BYTES + " bytes echoed over " + config.device() + ", "
                + IxEventLoopGroup.class.getPackageName() + " in "
                + (module.isNamed() ? "module " + module.getName() : "the unnamed module"));
    }
}
