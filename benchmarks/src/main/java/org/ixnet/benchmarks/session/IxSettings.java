package org.ixnet.benchmarks.session;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.ixnet.stack.dataplane.IxConfig;

/** Checks the settings that are to be those of every IX end, before there is one. Thread rule: stateless. */
public final class IxSettings {
    /** A wire sets these, so that another value would be measured by nobody. */
    private static final List<String> OF_THE_WIRE = List.of("device", "iface", "address");

    private IxSettings() {}

    /**
     * @param settings keys without the prefix {@code ix.}
     * @param contenders who gets them
     * @throws IllegalArgumentException naming the value at fault, what is allowed, and whose end refuses it
     */
    public static void check(Map<String, String> settings, Collection<Contender> contenders) {
        if (settings.isEmpty()) {
            return;
        }
        for (String key : OF_THE_WIRE) {
            if (settings.containsKey(key)) {
                throw new IllegalArgumentException(
                        key + " is " + settings.get(key) + "; must not be set: it is the wire's (--ix, --wire)");
            }
        }
        // Of a wire that allows all, so that a wrong key or no number is not blamed on a contender.
        parse(settings, Map.of("ix.device", "virtual"));
        for (Contender contender : contenders) {
            for (Side side : Side.values()) {
                if (!contender.kernel(side)) {
                    check(settings, contender, side);
                }
            }
        }
    }

    private static void check(Map<String, String> settings, Contender contender, Side side) {
        try {
            parse(settings, Session.properties(contender, Link.planned(contender.wire()), side));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    e.getMessage() + " on " + contender + "; remedy: another value (--ix), or others with --wire", e);
        }
    }

    /** {@code own} wins, as it does on the command line of an agent. */
    private static void parse(Map<String, String> settings, Map<String, String> own) {
        Properties properties = new Properties();
        settings.forEach((key, value) -> properties.setProperty("ix." + key, value));
        own.forEach(properties::setProperty);
        IxConfig.fromProperties(properties);
    }
}
