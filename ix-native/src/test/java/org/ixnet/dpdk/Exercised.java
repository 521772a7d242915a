package org.ixnet.dpdk;

import org.junit.jupiter.api.Assumptions;

/** Says on standard output which devices the tests really used, and which not and why: {@code ./ix test} reads it. */
final class Exercised {
    private Exercised() {}

    static void device(String kind) {
        System.out.println("IX-DEVICE exercised " + kind);
    }

    /** Skips the test, saying why, when this machine cannot open devices of {@code kinds}. */
    static void requires(String... kinds) {
        for (String kind : kinds) {
            Throwable cause = Dpdk.unavailabilityCause(kind);
            if (cause != null) {
                System.out.println("IX-DEVICE skipped " + kind + ": " + cause.getMessage());
                Assumptions.abort(kind + ": " + cause.getMessage());
            }
        }
    }
}
