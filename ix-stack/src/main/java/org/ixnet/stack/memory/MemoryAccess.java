package org.ixnet.stack.memory;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Whether Java lets IX see memory by address: the module that looks needs native access, which is ix-native's, or without
 * that ix-stack's. Thread rule: any thread.
 */
public final class MemoryAccess {
    private MemoryAccess() {}

    /** Why {@link Memory} cannot be used, with the remedy; null when it can. */
    public static @Nullable Throwable unavailabilityCause() {
        try {
            everything();
            return null;
        } catch (IllegalCallerException e) {
            return new IllegalStateException(
                    "Java denies native access to IX (" + e.getMessage() + "); remedy: start it with"
                            + " --enable-native-access=" + module(),
                    e);
        }
    }

    /** @throws IllegalCallerException when native access is denied */
    @SuppressWarnings("restricted") // the fallback for programs without ix-native; see MemoryProvider
    static MemorySegment everything() {
        return provider()
                .map(provider -> provider.get().everything())
                .orElseGet(() -> MemorySegment.NULL.reinterpret(Long.MAX_VALUE));
    }

    private static String module() {
        Class<?> caller = provider().<Class<?>>map(ServiceLoader.Provider::type).orElse(MemoryAccess.class);
        return caller.getModule().isNamed() ? caller.getModule().getName() : "ALL-UNNAMED";
    }

    private static Optional<ServiceLoader.Provider<MemoryProvider>> provider() {
        return ServiceLoader.load(MemoryProvider.class).stream().findFirst();
    }
}
