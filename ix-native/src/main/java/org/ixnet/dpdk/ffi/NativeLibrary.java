package org.ixnet.dpdk.ffi;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Finds and loads the shim, once a process. It is looked for, in this order, as the file that the system property
 * {@value #PROPERTY} names, as a resource (the classifier jar on the class path or module path), and in the classifier
 * jar that lies beside this module's own jar (or in {@code target/native} of a build tree). A resource is extracted to a private temporary file that
 * is unlinked as soon as it is loaded. Thread rule: any thread.
 */
public final class NativeLibrary {
    /** System property with the path of a shim to load instead of the packaged one. */
    public static final String PROPERTY = "ix.native.library";

    private static final String FILE = "libix_dpdk.so";
    private static final Linker LINKER = Linker.nativeLinker();

    private NativeLibrary() {}

    /** The outcome of loading, made once: null, or why the shim cannot be used, with the remedy. */
    private static final class Loaded {
        static final @Nullable UnsatisfiedLinkError FAILURE = load();
    }

    /** Why the shim cannot be used, or null when it is loaded and its layouts match. */
    public static @Nullable UnsatisfiedLinkError failure() {
        return Loaded.FAILURE;
    }

    /** {@code linux-x86_64} or {@code linux-aarch_64}: the classifier of this machine's native jar. */
    public static String classifier() {
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return "linux-"
                + switch (arch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "aarch_64";
                    default -> arch;
                };
    }

    /** A handle of function {@code name} in the shim or in a DPDK library that it depends on. */
    static MethodHandle downcall(String name, FunctionDescriptor type, Linker.Option... options) {
        UnsatisfiedLinkError failure = failure();
        if (failure != null) {
            throw failure;
        }
        return loadedDowncall(name, type, options);
    }

    /** As {@link #downcall}, for use while the shim is being checked. */
    static MethodHandle loadedDowncall(String name, FunctionDescriptor type, Linker.Option... options) {
        return handle(find(SymbolLookup.loaderLookup(), name), type, options);
    }

    /** A handle of libc's function {@code name}. */
    static MethodHandle libc(String name, FunctionDescriptor type, Linker.Option... options) {
        return handle(find(LINKER.defaultLookup(), name), type, options);
    }

    private static MemorySegment find(SymbolLookup lookup, String name) {
        return lookup.find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("no function '" + name
                        + "' in the native libraries; remedy: rebuild ix-native against the installed DPDK"));
    }

    @SuppressWarnings("restricted") // this module is the one that is granted native access
    private static MethodHandle handle(MemorySegment function, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(function, type, options);
    }

    private static @Nullable UnsatisfiedLinkError load() {
        try {
            if (!System.getProperty("os.name").equalsIgnoreCase("linux")) {
                throw new UnsatisfiedLinkError("DPDK devices need Linux; this is " + System.getProperty("os.name"));
            }
            String override = System.getProperty(PROPERTY);
            if (override != null) {
                loadFile(Path.of(override).toAbsolutePath(), override);
            } else {
                loadPackaged();
            }
            Layouts.check();
            return null;
        } catch (UnsatisfiedLinkError e) {
            return e;
        } catch (IllegalCallerException e) {
            Module own = NativeLibrary.class.getModule();
            UnsatisfiedLinkError error = new UnsatisfiedLinkError("Java denies native access to IX (" + e.getMessage()
                    + "); remedy: start it with --enable-native-access="
                    + (own.isNamed() ? own.getName() : "ALL-UNNAMED"));
            error.initCause(e);
            return error;
        } catch (IOException | RuntimeException e) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError("cannot load the DPDK shim: " + e
                    + "; remedy: name a built " + FILE + " with -D" + PROPERTY + "=PATH, or a directory that allows"
                    + " execution with -Djava.io.tmpdir=DIR");
            error.initCause(e);
            return error;
        }
    }

    private static void loadPackaged() throws IOException {
        String resource = "META-INF/native/" + classifier() + "/" + FILE;
        try (InputStream packaged = open(resource)) {
            if (packaged == null) {
                throw new UnsatisfiedLinkError("no DPDK shim for this machine: resource " + resource + " not found;"
                        + " remedy: put ix-native-VERSION-" + classifier() + ".jar on the class path or beside"
                        + " ix-native's jar, or name a built " + FILE + " with -D" + PROPERTY + "=PATH");
            }
            Path file = Files.createTempFile(
                    "ix-dpdk-",
                    ".so",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                Files.write(file, packaged.readAllBytes());
                loadFile(file, resource);
            } finally {
                Files.delete(file);
            }
        }
    }

    private static @Nullable InputStream open(String resource) throws IOException {
        ClassLoader loader = NativeLibrary.class.getClassLoader();
        URL url = loader == null ? null : loader.getResource(resource);
        if (url == null) {
            url = ClassLoader.getSystemResource(resource);
        }
        return url != null ? url.openStream() : openBeside(resource);
    }

    private static @Nullable InputStream openBeside(String resource) throws IOException {
        CodeSource source = NativeLibrary.class.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        if (location == null || !"file".equals(location.getProtocol())) {
            return null;
        }
        Path own;
        try {
            own = Path.of(new URI(location.toString()));
        } catch (URISyntaxException e) {
            return null;
        }
        if (Files.isDirectory(own)) {
            Path built = own.resolveSibling("native").resolve(resource);
            return Files.isRegularFile(built) ? Files.newInputStream(built) : null;
        }
        String name = String.valueOf(own.getFileName());
        Path jar = own.resolveSibling(name.replaceFirst("\\.jar$", "-" + classifier() + ".jar"));
        if (!Files.isRegularFile(jar)) {
            return null;
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry(resource);
            if (entry == null) {
                return null;
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return new ByteArrayInputStream(in.readAllBytes());
            }
        }
    }

    @SuppressWarnings("restricted")
    private static void loadFile(Path file, String shownAs) {
        try {
            System.load(file.toString());
        } catch (UnsatisfiedLinkError e) {
            throw explain(e, shownAs);
        }
    }

    /** Turns dlopen's message into what is wrong on this machine and what to do about it. */
    private static UnsatisfiedLinkError explain(UnsatisfiedLinkError e, String shownAs) {
        String message = String.valueOf(e.getMessage());
        String reason;
        if (message.contains("librte_") && message.contains("cannot open shared object")) {
            List<String> installed = installedDpdk();
            reason = installed.isEmpty()
                    ? "DPDK is not installed; remedy: apt-get install dpdk libdpdk-dev"
                    : "the shim was built for another DPDK than the installed " + installed
                            + "; remedy: rebuild it on this machine (mvn -pl ix-native -am package), or install the DPDK"
                            + " that it was built for";
        } else if (message.contains("undefined symbol") || message.contains("version `")) {
            reason = "the shim was built for another DPDK; remedy: rebuild it on this machine (mvn -pl ix-native -am"
                    + " package)";
        } else if (message.contains("failed to map segment") || message.contains("Operation not permitted")) {
            reason = "the temporary directory forbids execution (noexec); remedy: -Djava.io.tmpdir=DIR with a directory"
                    + " that allows it";
        } else if (message.contains("wrong ELF class") || message.contains("cannot open shared object file: Exec")) {
            reason = "the shim is for another processor; remedy: use the jar for " + classifier();
        } else {
            reason = "remedy: name a built " + FILE + " with -D" + PROPERTY + "=PATH";
        }
        UnsatisfiedLinkError explained =
                new UnsatisfiedLinkError("cannot load the DPDK shim (" + shownAs + "): " + message + ": " + reason);
        explained.initCause(e);
        return explained;
    }

    /** File names of the EAL libraries in the usual directories. */
    private static List<String> installedDpdk() {
        String multiarch = classifier().equals("linux-x86_64") ? "x86_64-linux-gnu" : "aarch64-linux-gnu";
        return List.of("/usr/lib/" + multiarch, "/usr/lib64", "/usr/local/lib", "/usr/local/lib/" + multiarch).stream()
                .map(Path::of)
                .filter(Files::isDirectory)
                .flatMap(directory -> {
                    try (var files = Files.list(directory)) {
                        return files
                                .map(file -> String.valueOf(file.getFileName()))
                                .filter(name -> name.matches("librte_eal\\.so\\.\\d+"))
                                .toList()
                                .stream();
                    } catch (IOException e) {
                        return Stream.empty();
                    }
                })
                .toList();
    }

    /** A string in C's form. */
    static long cString(Arena arena, String text) {
        return arena.allocateFrom(text).address();
    }

    /** What a downcall throws is a bug of the binding, never of the caller. */
    static AssertionError unexpected(Throwable cause) {
        return new AssertionError("native call failed to link", cause);
    }
}
