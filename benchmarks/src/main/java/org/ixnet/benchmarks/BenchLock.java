package org.ixnet.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One measurement a machine: two beside each other would falsify each other. The operating system holds the lock for this
 * process, so that it ends with the process, however that ends; the file stays, and what it says counts only while it is
 * locked. Thread rule: main thread.
 */
final class BenchLock implements AutoCloseable {
    /** Names another file, for a run whose figures do not matter. */
    static final String FILE_KEY = "ix.bench.lock";

    private static final int MOST_BYTES = 32;

    private final FileChannel channel;

    private BenchLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws RefusedException when another process measures, with its id */
    static BenchLock take() {
        String file = System.getProperty(FILE_KEY);
        return take(file != null ? Path.of(file) : Path.of(System.getProperty("java.io.tmpdir"), "ix-bench.lock"));
    }

    static BenchLock take(Path file) {
        try {
            FileChannel channel = open(file);
            try {
                @Nullable FileLock lock = tryLock(channel);
                if (lock == null) {
                    throw new RefusedException(taken(channel));
                }
                channel.truncate(0);
                String pid = Long.toString(ProcessHandle.current().pid());
                channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
                return new BenchLock(channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new RefusedException("cannot lock " + file + ", which keeps two runs from falsifying each other: " + e
                    + "; remedy: remove that file, or name another with IX_JAVA_OPTS=-D" + FILE_KEY + "=FILE");
        }
    }

    /**
     * For every user. An existing file is opened without O_CREAT, which the kernel refuses for another one's file in /tmp, root's
     * attempt included, and never through a link.
     */
    private static FileChannel open(Path file) throws IOException {
        while (true) {
            try {
                return FileChannel.open(
                        file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException missing) {
                try {
                    FileChannel made = FileChannel.open(
                            file,
                            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
                    return made;
                } catch (FileAlreadyExistsException e) {
                    // Another process was faster: open what it made.
                }
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // This very process has it.
        }
    }

    private static String taken(FileChannel channel) throws IOException {
        ByteBuffer said = ByteBuffer.allocate(MOST_BYTES);
        channel.read(said, 0);
        String pid = StandardCharsets.UTF_8.decode(said.flip()).toString().strip();
        boolean known = pid.matches("\\d{1,18}");
        return "another bench is running on this machine" + (known ? ", process " + pid : "")
                + ", and two at once falsify each other; remedy: wait until it has ended"
                + (known ? ", or end it (kill " + pid + ")" : "");
    }

    /** Another process may measure. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock is given back all the same.
        }
    }
}
