package org.ixnet.dpdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.dpdk.ffi.NativeLibrary;
import org.jspecify.annotations.Nullable;

/** Whether DPDK can be used in this process. Thread rule: any thread. */
public final class Dpdk {
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_BPF = 39;

    private Dpdk() {}

    /** Whether the shim and the DPDK libraries load here. Devices may need more: {@link #unavailabilityCause(String)}. */
    public static boolean isAvailable() {
        return unavailabilityCause() == null;
    }

    /** @throws UnsatisfiedLinkError with the reason and the remedy, when DPDK cannot be used */
    public static void ensureAvailability() {
        Throwable cause = unavailabilityCause();
        if (cause != null) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(String.valueOf(cause.getMessage()));
            error.initCause(cause);
            throw error;
        }
    }

    /** Why DPDK cannot be used, with the remedy; null when it can. */
    public static @Nullable Throwable unavailabilityCause() {
        return NativeLibrary.failure();
    }

    /**
     * Why devices of {@code kind} cannot be opened by this process, with the remedy; null when nothing is known against it.
     *
     * @param kind as in {@link org.ixnet.stack.device.DeviceConfig#kind()}
     */
    public static @Nullable Throwable unavailabilityCause(String kind) {
        Throwable cause = unavailabilityCause();
        if (cause != null) {
            return cause;
        }
        String missing = switch (kind) {
            case "tap" -> missingForTap();
            case "af_packet" ->
                hasCapability(CAP_NET_RAW) && hasCapability(CAP_NET_ADMIN)
                        ? null
                        : notPrivileged(kind, "CAP_NET_RAW and CAP_NET_ADMIN");
            case "af_xdp" ->
                hasCapability(CAP_NET_ADMIN) && (hasCapability(CAP_BPF) || hasCapability(CAP_SYS_ADMIN))
                        ? null
                        : notPrivileged(kind, "CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF");
            case "pci" -> hasCapability(CAP_SYS_ADMIN) ? null : notPrivileged(kind, "CAP_SYS_ADMIN");
            case "memif", "ring" -> null;
            default -> "unknown device kind '" + kind + "'; must be one of " + PortKind.names();
        };
        return missing == null ? null : new IllegalStateException(missing);
    }

    /** For example {@code DPDK 22.11.11}. DPDK must be available. */
    public static String version() {
        ensureAvailability();
        return EalCalls.version();
    }

    private static @Nullable String missingForTap() {
        if (!hasCapability(CAP_NET_ADMIN)) {
            return notPrivileged("tap", "CAP_NET_ADMIN");
        }
        return Files.exists(Path.of("/dev/net/tun"))
                ? null
                : "tap devices need /dev/net/tun, which does not exist; remedy: modprobe tun (in a container: run it with"
                        + " --device /dev/net/tun)";
    }

    private static String notPrivileged(String kind, String capabilities) {
        return kind + " devices need " + capabilities
                + ", which this process lacks; remedy: run as root, or give the java"
                + " process these capabilities (container: --cap-add), or use a memif device, which needs no privilege";
    }

    private static boolean hasCapability(int bit) {
        try {
            return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                    .filter(line -> line.startsWith("CapEff:"))
                    .anyMatch(line -> ((Long.parseUnsignedLong(line.substring(7).strip(), 16) >>> bit) & 1) == 1);
        } catch (IOException e) {
            return true; // no /proc: let the kernel say it
        }
    }
}
