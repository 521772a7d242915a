package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/** A process that has a {@link BenchLock} until its stdin ends. */
final class LockHolder {
    private LockHolder() {}

    public static void main(String[] arguments) throws IOException {
        try (BenchLock _ = BenchLock.take(Path.of(arguments[0]))) {
            System.out.println("locked");
            System.in.transferTo(System.out);
        }
    }
}
