package org.ixnet.netty;

import java.util.Optional;
import java.util.ServiceLoader;
import org.ixnet.stack.dataplane.IxConfig;
import org.ixnet.stack.device.DeviceProvider;
import org.ixnet.stack.memory.MemoryAccess;
import org.jspecify.annotations.Nullable;

/**
 * Whether IX can be used here, as {@code Epoll} says it for epoll. The answer is for the device of
 * {@link IxConfig#fromSystemProperties()}; it does not open the device. Thread rule: any thread.
 */
public final class Ix {
    private Ix() {}

    /** Whether a group can be made on this machine, as far as can be told without opening the device. */
    public static boolean isAvailable() {
        return unavailabilityCause() == null;
    }

    /** @throws UnsatisfiedLinkError with the cause and its remedy, when {@link #isAvailable} is false */
    public static void ensureAvailability() {
        Throwable cause = unavailabilityCause();
        if (cause != null) {
            throw (Error) new UnsatisfiedLinkError("IX is not available: " + cause.getMessage()).initCause(cause);
        }
    }

    /** Why {@link #isAvailable} is false, with the remedy in the message; null when it is true. */
    public static @Nullable Throwable unavailabilityCause() {
        try {
            return unavailabilityCause(IxConfig.fromSystemProperties().device());
        } catch (IllegalArgumentException e) {
            return e;
        }
    }

    /** As {@link #unavailabilityCause()}, for a device kind such as {@code tap} or {@code pci}. */
    public static @Nullable Throwable unavailabilityCause(String deviceKind) {
        try {
            for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class, Ix.class.getClassLoader())) {
                if (provider.supports(deviceKind)) {
                    Optional<Throwable> cause = provider.unavailabilityCause();
                    return cause.orElseGet(MemoryAccess::unavailabilityCause);
                }
            }
        } catch (java.util.ServiceConfigurationError | LinkageError e) {
            return e;
        }
        return new IllegalStateException("no device provider for \"" + deviceKind
                + "\" on the class or module path; add org.ixnet:ix-native, or choose another device (ix.device)");
    }
}
