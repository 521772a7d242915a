package org.ixnet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BenchLockTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void aSecondRunIsRefusedWithTheProcessOfTheFirst() throws Exception {
        Path file = directory.resolve("lock");
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        file.toString())
                .start();
        try (BufferedReader said = holder.inputReader()) {
            assertThat(said.readLine()).isEqualTo("locked");
            assertThatThrownBy(() -> BenchLock.take(file))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageStartingWith("another bench is running on this machine, process " + holder.pid() + ",");
            holder.destroyForcibly().waitFor();
            // A killed run leaves the file, but no lock.
            assertThat(file).exists();
            assertThatCode(() -> BenchLock.take(file).close()).doesNotThrowAnyException();
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void closingGivesItBack() {
        Path file = directory.resolve("lock");
        for (int i = 0; i < 3; i++) {
            try (BenchLock _ = BenchLock.take(file)) {
                assertThatThrownBy(() -> BenchLock.take(file)).isInstanceOf(RefusedException.class);
            }
        }
    }

    @Test
    void everyUserMayTakeIt() throws Exception {
        Path file = directory.resolve("lock");
        BenchLock.take(file).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-rw-rw-");
    }

    @Test
    void isNotTakenThroughALink() throws Exception {
        Path target = Files.writeString(directory.resolve("precious"), "content");
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        assertThatThrownBy(() -> BenchLock.take(link))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("cannot lock " + link);
        assertThat(target).hasContent("content");
    }
}
