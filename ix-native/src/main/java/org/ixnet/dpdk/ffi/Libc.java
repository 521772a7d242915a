package org.ixnet.dpdk.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The few libc calls that IX needs besides DPDK's. Results are 0 or more, or -errno. Thread rule: any. */
public final class Libc {
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EPROTOTYPE = 91;
    public static final int ECONNREFUSED = 111;

    private static final int SOL_SOCKET = 1;
    private static final int SO_DOMAIN = 39;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;

    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final MemoryLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_VALUE = ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET =
            NativeLibrary.libc("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);
    private static final MethodHandle CONNECT =
            NativeLibrary.libc("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT), ERRNO);
    private static final MethodHandle IOCTL = NativeLibrary.libc(
            "ioctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
            ERRNO,
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle GETSOCKOPT = NativeLibrary.libc(
            "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), ERRNO);
    private static final MethodHandle EVENTFD =
            NativeLibrary.libc("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), ERRNO);
    private static final MethodHandle PPOLL =
            NativeLibrary.libc("ppoll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final FunctionDescriptor TRANSFER = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle READ = NativeLibrary.libc("read", TRANSFER);
    private static final MethodHandle WRITE = NativeLibrary.libc("write", TRANSFER);
    private static final MethodHandle CLOSE = NativeLibrary.libc("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle SET_AFFINITY = NativeLibrary.libc(
            "sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), ERRNO);
    private static final MethodHandle GET_AFFINITY = NativeLibrary.libc(
            "sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), ERRNO);
    private static final MethodHandle STRERROR =
            NativeLibrary.libc("strerror", FunctionDescriptor.of(ValueLayout.ADDRESS, JAVA_INT));

    private Libc() {}

    /** A socket's descriptor, or -errno. */
    public static int socket(int family, int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO_LAYOUT);
            return result(state, (int) SOCKET.invokeExact(state, family, type | 0x80000, 0)); // SOCK_CLOEXEC
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static int connect(int descriptor, MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO_LAYOUT);
            return result(
                    state, (int) CONNECT.invokeExact(state, descriptor, address.address(), (int) address.byteSize()));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** The address family of a socket ({@code SO_DOMAIN}), or -errno, for example when it is none. */
    public static int socketFamily(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO_LAYOUT);
            MemorySegment family = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, 4);
            int rc = result(state, (int) GETSOCKOPT.invokeExact(
                    state, descriptor, SOL_SOCKET, SO_DOMAIN, family.address(), length.address()));
            return rc < 0 ? rc : family.get(JAVA_INT, 0);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** A descriptor that is readable while its counter is not 0, or -errno; reads and writes never block. */
    public static int eventDescriptor() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO_LAYOUT);
            return result(state, (int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC | EFD_NONBLOCK));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** ppoll(2) with the thread's own signal mask: how many descriptors are ready; 0 in time; -1 on an error. */
    public static int poll(long pollfds, int count, long timespec) {
        try {
            return (int) PPOLL.invokeExact(pollfds, (long) count, timespec, 0L);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Bytes read, or -1. */
    public static long read(int descriptor, long address, long bytes) {
        try {
            return (long) READ.invokeExact(descriptor, address, bytes);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Bytes written, or -1. */
    public static long write(int descriptor, long address, long bytes) {
        try {
            return (long) WRITE.invokeExact(descriptor, address, bytes);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** {@code ioctl(descriptor, request, &argument)}. */
    public static int ioctl(int descriptor, long request, MemorySegment argument) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO_LAYOUT);
            return result(state, (int) IOCTL.invokeExact(state, descriptor, request, argument.address()));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    public static void close(int descriptor) {
        try {
            int ignored = (int) CLOSE.invokeExact(descriptor);
            assert ignored == 0 : descriptor;
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Binds the calling thread to the CPUs whose bits are set in {@code mask}. */
    public static int setAffinity(MemorySegment mask) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO_LAYOUT);
            return result(state, (int) SET_AFFINITY.invokeExact(state, 0, mask.byteSize(), mask.address()));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** Reads the CPUs that the calling thread may run on into {@code mask}. */
    public static int affinity(MemorySegment mask) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO_LAYOUT);
            return result(state, (int) GET_AFFINITY.invokeExact(state, 0, mask.byteSize(), mask.address()));
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    /** For example {@code Operation not permitted}; {@code error} is positive. */
    @SuppressWarnings("restricted")
    public static String errorText(int error) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(error);
            return text.reinterpret(256).getString(0);
        } catch (Throwable e) {
            throw NativeLibrary.unexpected(e);
        }
    }

    private static int result(MemorySegment state, int rc) {
        return rc >= 0 ? rc : -(int) ERRNO_VALUE.get(state, 0L);
    }
}
