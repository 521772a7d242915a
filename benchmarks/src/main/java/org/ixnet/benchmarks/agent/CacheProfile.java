package org.ixnet.benchmarks.agent;

import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * A memcached workload of the IX paper (section 5.5), after Atikoglu et al., "Workload Analysis of a Large-Scale Key-Value
 * Store", SIGMETRICS '12. Keys are drawn uniformly from {@link #RECORDS}, all loaded before the run, so every GET hits.
 *
 * <ul>
 *   <li>ETC: 75 % GET; key length generalized extreme value (mu 30.7984, sigma 8.20449, xi 0.078688), clipped to 20..70 B;
 *       value length generalized Pareto (theta 0, sigma 214.476, k 0.348238), clipped to 1..1,024 B.
 *   <li>USR: 99 % GET; key length 16 or 19 B, evenly; value 2 B.
 * </ul>
 */
public enum CacheProfile {
    ETC(0.75) {
        @Override
        int keyBytes(RandomGenerator random) {
            double gev = 30.7984 + 8.20449 / 0.078688 * (Math.pow(-Math.log(random.nextDouble()), -0.078688) - 1);
            return Math.clamp(Math.round(gev), 20, 70);
        }

        @Override
        int valueBytes(RandomGenerator random) {
            double pareto = 214.476 / 0.348238 * (Math.pow(1 - random.nextDouble(), -0.348238) - 1);
            return Math.clamp(Math.round(pareto), 1, 1024);
        }
    },
    USR(0.99) {
        @Override
        int keyBytes(RandomGenerator random) {
            return random.nextBoolean() ? 16 : 19;
        }

        @Override
        int valueBytes(RandomGenerator random) {
            return 2;
        }
    };

    /** Records in the cache. */
    public static final int RECORDS = 10_000;

    private final double getRatio;

    CacheProfile(double getRatio) {
        this.getRatio = getRatio;
    }

    public static CacheProfile of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Share of GETs; the rest are SETs. */
    public double getRatio() {
        return getRatio;
    }

    abstract int keyBytes(RandomGenerator random);

    abstract int valueBytes(RandomGenerator random);
}
