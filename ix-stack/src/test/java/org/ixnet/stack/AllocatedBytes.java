package org.ixnet.stack;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Bytes that a thread has allocated, to show that a path allocates none. By method handle, because the module does not read
 * {@code jdk.management} and its tests are compiled as part of it.
 */
public final class AllocatedBytes {
    private static final MethodHandle ALLOCATED = find();

    private AllocatedBytes() {}

    private static MethodHandle find() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
            Class<?> plain = Class.forName("java.lang.management.ThreadMXBean");
            Class<?> bean = Class.forName("com.sun.management.ThreadMXBean");
            Object threads = lookup.findStatic(factory, "getThreadMXBean", MethodType.methodType(plain))
                    .invoke();
            return lookup.findVirtual(bean, "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class))
                    .bindTo(threads);
        } catch (Throwable e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Bytes allocated by the calling thread so far; the call itself allocates nothing. */
    public static long ofThisThread() {
        try {
            return (long) ALLOCATED.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
