package org.ixnet.stack.device;

import java.util.Optional;

/** Opens devices of some kinds; found by {@link java.util.ServiceLoader}. Thread rule: any thread, not concurrently. */
public interface DeviceProvider {

    /** Whether this provider opens devices of {@code kind} ({@link DeviceConfig#kind()}). */
    boolean supports(String kind);

    /** Why devices cannot be opened on this machine, with the remedy; empty when they can. */
    Optional<Throwable> unavailabilityCause();

    /**
     * Opens, configures and starts a device.
     *
     * @throws DeviceException with what failed, why and the remedy
     */
    Device open(DeviceConfig config);
}
