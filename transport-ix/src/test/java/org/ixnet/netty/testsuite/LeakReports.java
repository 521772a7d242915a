package org.ixnet.netty.testsuite;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * After each class, makes Netty's leak detector report what is unreachable and was not released; left alone, the last
 * leaks before the end of the JVM would never show. The report is text on the standard error, which the test section
 * looks for. Registered for all classes by META-INF/services, in the profile netty-testsuite only.
 */
public final class LeakReports implements AfterAllCallback {
    private static final long LIMIT_MILLIS = 30_000;

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        // The second collection's reference is queued after all of the first's, the detector's among them.
        collect();
        collect();
        // The detector reports when it begins to watch another buffer.
        PooledByteBufAllocator.DEFAULT.buffer().release();
    }

    private static void collect() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        PhantomReference<Object> probe = new PhantomReference<>(new Object(), queue);
        System.gc();
        boolean queued = queue.remove(LIMIT_MILLIS) != null;
        Reference.reachabilityFence(probe);
        if (!queued) {
            throw new IllegalStateException("no garbage collection within " + LIMIT_MILLIS + " ms: leaks stay hidden");
        }
    }
}
