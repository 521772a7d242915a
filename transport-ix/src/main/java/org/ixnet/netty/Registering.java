package org.ixnet.netty;

import io.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A registration that waits for the channel's connection, which comes from another loop. What the user asks for meanwhile and
 * what the connection is needed for is done afterwards, in the same order: to the user it is as if the registration had been
 * complete at once. Thread rule: the loop that the channel has joined.
 */
final class Registering {
    private final ChannelPromise promise;
    private final Queue<Runnable> afterwards = new ArrayDeque<>();

    Registering(ChannelPromise promise) {
        this.promise = promise;
    }

    ChannelPromise promise() {
        return promise;
    }

    void afterwards(Runnable action) {
        afterwards.add(action);
    }

    void runAfterwards() {
        Runnable action;
        while ((action = afterwards.poll()) != null) {
            action.run();
        }
    }
}
