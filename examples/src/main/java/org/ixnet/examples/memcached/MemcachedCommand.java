package org.ixnet.examples.memcached;

import java.security.SecureRandom;
import java.util.Locale;
import org.ixnet.examples.ServerCommand;
import org.ixnet.examples.Service;
import org.ixnet.examples.memcached.store.CacheClock;
import org.ixnet.examples.memcached.store.StoreConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code memcached}: a cache for any memcached client. */
@Command(
        name = "memcached",
        description = "A memcached server, text, meta and binary protocol, on port 11211 unless told otherwise.",
        mixinStandardHelpOptions = true)
public final class MemcachedCommand extends ServerCommand {
    private static final int PORT = 11211;

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "MIB",
            defaultValue = "64",
            description = "memory for items (default: ${DEFAULT-VALUE})")
    long memoryMebibytes = 64;

    @Option(
            names = {"-I", "--max-item-size"},
            paramLabel = "SIZE",
            defaultValue = "1m",
            description = "largest item with its key, in bytes or with k or m (default: ${DEFAULT-VALUE})")
    String maxItemSize = "1m";

    /** Creates the command. */
    public MemcachedCommand() {
        super(PORT);
    }

    /** Returns the service on its own, for tests and benchmarks. */
    public static Service service(StoreConfig config, CacheClock clock, int loops) {
        return new MemcachedService(config, clock, loops);
    }

    @Override
    protected Service open(int loops) {
        long memoryBytes = Math.clamp(memoryMebibytes, 0L, 1L << 24) << 20;
        StoreConfig config = new StoreConfig(memoryBytes, bytes(maxItemSize), new SecureRandom().nextLong());
        return service(config, CacheClock.system(), loops);
    }

    private static int bytes(String size) {
        String text = size.toLowerCase(Locale.ROOT);
        int shift = text.endsWith("m") ? 20 : text.endsWith("k") ? 10 : 0;
        String digits = shift == 0 ? text : text.substring(0, text.length() - 1);
        if (!digits.matches("\\d{1,9}")) {
            throw new IllegalArgumentException(
                    "--max-item-size is " + size + "; must be a number, e.g. 2m, 512k or 65536");
        }
        return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(digits) << shift);
    }
}
