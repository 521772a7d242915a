package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.WriteBufferWaterMark;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The write path, as epoll does it: promises, flush, writability, accounting, regions, cancelling, closing. */
class WriteSequenceTest extends SceneComparison {
    private static final int BIG = 32 << 20;

    @TempDir
    static Path directory;

    private static ChannelFuture watch(Stage stage, String what, ChannelFuture future) {
        return stage.client.watch(what, future);
    }

    private static void recordPending(Stage stage) throws InterruptedException {
        stage.onClient(() -> stage.client.record(stage.pending()));
    }

    private static void awaitReleased(ByteBuf buffer) throws InterruptedException {
        TappedHosts.await("release", () -> buffer.refCnt() == 0);
    }

    // ---- promises and flush

    @Test
    void completesPromisesInOrderAndOnlyOfWhatWasFlushed() throws Exception {
        compare(stage -> {
            Channel channel = stage.connected;
            stage.onClient(() -> {
                watch(stage, "first", channel.write(text("a")));
                watch(stage, "empty", channel.write(Unpooled.EMPTY_BUFFER));
                watch(stage, "second", channel.write(text("b")));
                stage.client.record("written: " + stage.pending());
                channel.flush();
                stage.client.record("flushed: " + stage.pending());
                watch(stage, "third", channel.write(text("c")));
                stage.client.record("written: " + stage.pending());
            });
            stage.server.awaitReceived("ab");
            stage.onClient(() -> {
                stage.client.record("not yet");
                channel.flush();
                channel.flush();
                stage.client.record("flushed: " + stage.pending());
            });
            stage.server.awaitReceived("abc");
            stage.server.awaitLast("readComplete");
        });
    }

    @Test
    void aListenerMayWriteFlushAndClose() throws Exception {
        compare(stage -> {
            Channel channel = stage.connected;
            stage.onClient(() -> {
                watch(stage, "first", channel.write(text("a"))).addListener(done -> {
                    watch(stage, "inner", channel.writeAndFlush(text("c")));
                    stage.client.record("in the listener: " + stage.pending());
                });
                watch(stage, "second", channel.write(text("b"))).addListener(done -> {
                    channel.close();
                    stage.client.record("closed: " + stage.pending());
                });
                watch(stage, "third", channel.write(text("c")));
                channel.flush();
                watch(stage, "late", channel.writeAndFlush(text("d")));
            });
            stage.client.awaitEnd();
            stage.server.awaitEnd();
            stage.client.awaitEvent("late failed: ClosedChannelException");
        });
    }

    @Test
    void failsWhatIsWrittenAfterTheClose() throws Exception {
        compare(stage -> {
            Channel channel = stage.connected;
            ByteBuf late = text("late");
            stage.onClient(() -> {
                channel.closeFuture().addListener(closed -> {
                    watch(stage, "in the close", channel.writeAndFlush(late));
                    stage.client.record("closed: " + stage.pending());
                });
                watch(stage, "close", channel.close());
                channel.write(text("void"), channel.voidPromise());
                watch(stage, "after", channel.writeAndFlush(text("after")));
                channel.flush();
            });
            stage.client.awaitEnd();
            stage.server.awaitEnd();
            awaitReleased(late);
        });
    }

    @Test
    void refusesMessagesThatAreNoBytes() throws Exception {
        compare(stage -> {
            stage.onClient(() -> {
                watch(stage, "text", stage.connected.writeAndFlush("no bytes"));
                stage.connected.writeAndFlush("no bytes", stage.connected.voidPromise());
            });
            recordPending(stage);
        });
    }

    // ---- gathering

    @Test
    void gathersThousandsOfSmallBuffers() throws Exception {
        gather(Setup.PLAIN);
    }

    @Test
    void gathersThousandsOfSmallBuffersThroughASmallSendBuffer() throws Exception {
        gather(Setup.PLAIN.withClientOption(ChannelOption.SO_SNDBUF, 8192));
    }

    private void gather(Setup setup) throws Exception {
        int count = 20_000;
        compare(setup, stage -> {
            Random random = new Random(7);
            List<Integer> done = new ArrayList<>();
            List<ByteBuf> buffers = new ArrayList<>();
            stage.onClient(() -> {
                for (int i = 0; i < count; i++) {
                    byte[] bytes = new byte[1 + random.nextInt(60)];
                    random.nextBytes(bytes);
                    ByteBuf buffer = i % 3 == 0 ? Unpooled.wrappedBuffer(bytes) : Unpooled.copiedBuffer(bytes);
                    buffers.add(buffer);
                    int index = i;
                    stage.connected.write(buffer).addListener(sent -> {
                        done.add(index);
                        if (index == count - 1) {
                            stage.client.record("last done");
                        }
                    });
                }
                stage.client.record("written: " + stage.pending());
                stage.connected.flush();
            });
            stage.client.awaitEvent("last done");
            recordPending(stage);
            assertThat(done).isSorted().hasSize(count);
            long bytes = total(count);
            stage.server.awaitBytes(bytes);
            stage.server.awaitLast("readComplete");
            stage.server.record("checksum " + stage.server.checksum());
            for (ByteBuf buffer : buffers) {
                awaitReleased(buffer);
            }
        });
    }

    private static long total(int count) {
        Random random = new Random(7);
        long total = 0;
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[1 + random.nextInt(60)];
            random.nextBytes(bytes);
            total += bytes.length;
        }
        return total;
    }

    @Test
    void writesACompositeOfManyParts() throws Exception {
        compare(Setup.PLAIN.withClientOption(ChannelOption.SO_SNDBUF, 8192), stage -> {
            CompositeByteBuf composite = Unpooled.compositeBuffer(4096);
            Random random = new Random(9);
            for (int i = 0; i < 3000; i++) {
                byte[] bytes = new byte[random.nextInt(90)];
                random.nextBytes(bytes);
                ByteBuf part = i % 2 == 0
                        ? Unpooled.wrappedBuffer(bytes)
                        : Unpooled.directBuffer(100).writeBytes(bytes);
                composite.addComponent(true, part);
            }
            int bytes = composite.readableBytes();
            ChannelPromise promise = stage.connected.newPromise();
            watch(stage, "composite", promise); // before the write, which may be complete when it returns
            stage.onClient(() -> stage.connected.writeAndFlush(composite, promise));
            stage.server.awaitBytes(bytes);
            stage.server.awaitLast("readComplete");
            stage.client.awaitEvent("composite done");
            stage.server.record("checksum " + stage.server.checksum());
            stage.client.awaitEvent("writable");
            recordPending(stage);
            awaitReleased(composite);
        });
    }

    // ---- writability

    @Test
    void followsItsWaterMarks() throws Exception {
        Setup setup = Setup.PLAIN.withClientOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1000, 3000));
        compare(setup, stage -> {
            Channel channel = stage.connected;
            stage.onClient(() -> {
                for (int i = 0; i < 5; i++) {
                    watch(stage, "write " + i, channel.write(big(1000)));
                    stage.client.record(channel.isWritable() + ", " + stage.pending());
                }
                channel.flush();
                stage.client.record(channel.isWritable() + ", " + stage.pending());
                channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
                stage.client.record(channel.isWritable() + ", " + stage.pending());
                channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
                channel.config().setWriteBufferHighWaterMark(10_000);
                stage.client.record(channel.isWritable() + ", " + stage.pending());
            });
            stage.onClient(() -> stage.client.record("the user's own was told in a task of its own"));
            stage.server.awaitBytes(5000);
            stage.server.awaitLast("readComplete");
        });
    }

    @Test
    void writesMoreWhenItBecomesWritable() throws Exception {
        int rounds = 20;
        Setup setup = Setup.PLAIN
                .withClientOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1000, 3000))
                .withClient(name -> new EventRecorder(name) {
                    private int left = rounds;

                    @Override
                    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                        super.channelWritabilityChanged(ctx);
                        if (ctx.channel().isWritable() && left-- > 0) {
                            ctx.writeAndFlush(big(5000));
                        }
                    }
                });
        compare(setup, stage -> {
            stage.onClient(() -> stage.connected.writeAndFlush(big(5000)));
            stage.server.awaitBytes(5000 * (rounds + 1));
            stage.server.awaitLast("readComplete");
            recordPending(stage);
        });
    }

    // ---- file regions

    private static File file(int bytes) throws IOException {
        Path path = Files.createTempFile(directory, "region", ".bin");
        byte[] content = new byte[bytes];
        new Random(11).nextBytes(content);
        return Files.write(path, content).toFile();
    }

    @Test
    void sendsARegionOfAFileBetweenBuffers() throws Exception {
        File file = file(5 << 20);
        int count = 4 << 20;
        compare(stage -> {
            FileRegion region = new DefaultFileRegion(file, 12_345, count);
            FileRegion empty = new DefaultFileRegion(file, 0, 0);
            Channel channel = stage.connected;
            stage.onClient(() -> {
                watch(stage, "head", channel.write(text("head")));
                var progress = channel.newProgressivePromise();
                progress.addListener(new Progress(stage));
                watch(stage, "region", channel.write(region, progress));
                watch(stage, "empty", channel.write(empty));
                watch(stage, "tail", channel.write(text("tail")));
                stage.client.record("written: " + stage.pending());
                channel.flush();
            });
            stage.server.awaitBytes(count + 8);
            stage.server.awaitLast("readComplete");
            stage.client.awaitEvent("tail done");
            recordPending(stage);
            stage.server.record("checksum " + stage.server.checksum());
            stage.client.record("transferred " + region.transferred() + ", references " + region.refCnt() + " and "
                    + empty.refCnt());
        });
    }

    /** How far the region is; only that it never goes back, and where it ends. */
    private static final class Progress implements io.netty.channel.ChannelProgressiveFutureListener {
        private final Stage stage;
        private long last;

        Progress(Stage stage) {
            this.stage = stage;
        }

        @Override
        public void operationProgressed(io.netty.channel.ChannelProgressiveFuture future, long progress, long total) {
            if (progress < last) {
                stage.client.record("progress went back from " + last + " to " + progress);
            }
            last = progress;
        }

        @Override
        public void operationComplete(io.netty.channel.ChannelProgressiveFuture future) {
            stage.client.record("progress " + last + ", " + future.isSuccess());
        }
    }

    @Test
    void closesOnARegionBeyondTheEndOfItsFile() throws Exception {
        shortRegion(Setup.PLAIN);
    }

    @Test
    void shutsItsOutputOnARegionBeyondTheEndOfItsFileIfItMayNotClose() throws Exception {
        shortRegion(Setup.PLAIN.withHalfClosure().withClientOption(ChannelOption.AUTO_CLOSE, false));
    }

    private void shortRegion(Setup setup) throws Exception {
        File file = file(1000);
        compare(setup, stage -> {
            FileRegion region = new DefaultFileRegion(file, 500, 1000);
            Channel channel = stage.connected;
            stage.onClient(() -> {
                watch(stage, "head", channel.write(text("head")));
                watch(stage, "region", channel.write(region));
                watch(stage, "tail", channel.write(text("tail")));
                watch(stage, "unflushed", channel.flush().write(text("more")));
            });
            stage.server.await(
                    "the end",
                    () -> stage.server.events().stream()
                            .anyMatch(event -> event.contains("inactive") || event.contains("ReadComplete")));
            if (channel.config().isAutoClose()) {
                stage.client.awaitEnd();
                stage.server.awaitEnd();
            }
            stage.client.record("received " + stage.server.receivedBytes() + ", references " + region.refCnt());
        });
    }

    // ---- cancelling

    @Test
    void leavesOutWhatWasCancelledBeforeTheFlush() throws Exception {
        compare(stage -> {
            Channel channel = stage.connected;
            ByteBuf cancelled = text("b");
            stage.onClient(() -> {
                ChannelFuture first = channel.write(text("a"));
                ChannelFuture second = channel.write(cancelled);
                ChannelFuture third = channel.write(text("c"));
                watch(stage, "first", first);
                watch(stage, "second", second);
                watch(stage, "third", third);
                stage.client.record("cancelled " + second.cancel(false) + ": " + stage.pending());
                channel.flush();
                stage.client.record("cancelled " + first.cancel(false) + ": " + stage.pending());
                ChannelFuture alone = channel.write(text("alone"));
                watch(stage, "alone", alone);
                alone.cancel(true);
                channel.flush();
                stage.client.record("nothing to send: " + stage.pending());
            });
            stage.server.awaitReceived("ac");
            stage.server.awaitLast("readComplete");
            awaitReleased(cancelled);
        });
    }

    @Test
    void doesNotCancelWhatIsOnItsWay() throws Exception {
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            Channel channel = stage.connected;
            stage.onClient(() -> {
                ChannelFuture big = channel.writeAndFlush(big(BIG));
                ChannelFuture queued = channel.writeAndFlush(text("queued"));
                watch(stage, "big", big);
                watch(stage, "queued", queued);
                stage.client.record("cancelled " + big.cancel(false) + ", " + queued.cancel(false));
            });
            stage.server.channel().config().setAutoRead(true);
            stage.server.awaitBytes(BIG + 6);
            stage.server.awaitLast("readComplete");
            stage.client.awaitEvent("queued done");
            stage.client.awaitEvent("writable");
            recordPending(stage);
        });
    }

    // ---- closing and leaving in mid-write

    @Test
    void failsEverythingThatWaitsWhenItCloses() throws Exception {
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            Channel channel = stage.connected;
            ByteBuf big = big(BIG);
            ByteBuf unflushed = text("unflushed");
            stage.onClient(() -> {
                watch(stage, "small", channel.writeAndFlush(text("small")));
                watch(stage, "big", channel.writeAndFlush(big));
                watch(stage, "flushed", channel.writeAndFlush(text("flushed")));
                watch(stage, "unflushed", channel.write(unflushed));
                watch(stage, "close", channel.close());
                stage.client.record("closed: " + stage.pending());
            });
            stage.client.awaitEnd();
            stage.server.channel().config().setAutoRead(true);
            stage.server.awaitEnd();
            assertThat(stage.server.received()).startsWith("small");
            assertThat(stage.server.receivedBytes()).isGreaterThan(5).isLessThan(BIG);
            awaitReleased(big);
            awaitReleased(unflushed);
        });
    }

    @Test
    void failsEverythingThatWaitsWhenThePeerResets() throws Exception {
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            Channel channel = stage.connected;
            ByteBuf big = big(BIG);
            stage.onClient(() -> {
                watch(stage, "big", channel.writeAndFlush(big));
                watch(stage, "unflushed", channel.write(text("unflushed")));
            });
            stage.server.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            stage.server.channel().close().sync();
            stage.client.awaitEnd();
            stage.server.awaitEnd();
            awaitReleased(big);
        });
    }

    @Test
    void closesInTheMiddleOfARegion() throws Exception {
        File file = file(40 << 20);
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            FileRegion region = new DefaultFileRegion(file, 0, 40 << 20);
            stage.onClient(() -> {
                watch(stage, "region", stage.connected.writeAndFlush(region));
                watch(stage, "close", stage.connected.close());
            });
            stage.client.awaitEnd();
            stage.client.record("references " + region.refCnt());
            stage.server.channel().config().setAutoRead(true);
            stage.server.awaitEnd();
        });
    }

    @Test
    void leavesItsLoopInMidWriteAndComesBack() throws Exception {
        changeLoops(false);
    }

    @Test
    void movesToAnotherLoopInMidWrite() throws Exception {
        changeLoops(true);
    }

    private void changeLoops(boolean another) throws Exception {
        compare(Setup.PLAIN.withSilentServer(), stage -> {
            Channel channel = stage.connected;
            ByteBuf big = big(BIG);
            // A promise that is told on whichever loop the channel has then.
            ChannelPromise promise = new DefaultChannelPromise(channel);
            stage.onClient(() -> watch(stage, "big", channel.writeAndFlush(big, promise)));
            EventLoop from = channel.eventLoop();
            channel.deregister().sync();
            stage.client.record("without a loop: " + channel.isRegistered());
            stage.server.channel().config().setAutoRead(true);
            // What the peer takes now must not be refilled by a channel that no loop has.
            int taken = 100_000;
            stage.server.awaitBytes(taken);
            // And the next write must not carry everything before the pipeline has heard of its new loop.
            stage.server.channel().config().setAutoRead(false);
            from.submit(() -> watch(stage, "without a loop", channel.writeAndFlush(text("!"))))
                    .sync();
            EventLoop to = from;
            while (another && to.equals(from)) {
                to = from.parent().next();
            }
            to.register(channel).sync();
            stage.client.awaitLast("registered");
            stage.onClient(channel::flush);
            stage.server.channel().config().setAutoRead(true);
            stage.server.awaitBytes(BIG + 1);
            stage.server.awaitLast("readComplete");
            stage.client.awaitEvent("without a loop done");
            stage.client.awaitEvent("writable");
            recordPending(stage);
            awaitReleased(big);
            channel.close().sync();
            stage.client.awaitLast("unregistered");
            stage.server.awaitEnd();
        });
    }
}
