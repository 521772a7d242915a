package org.ixnet.dpdk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.ixnet.dpdk.ffi.EalCalls;
import org.ixnet.stack.device.DeviceException;
import org.jspecify.annotations.Nullable;

/**
 * DPDK's environment abstraction layer: started once a process, by the first device, and never stopped; devices come and go
 * by hot-plug. Without hugepages all memory is reserved at the start (address space; pages are touched as they are
 * used). Thread rule: any, synchronized.
 */
public final class Eal {
    private static final int MINIMUM_MEGABYTES = 512;

    private static @Nullable Options started;
    private static List<String> startArguments = List.of();
    private static boolean hugepages;
    private static int reservedMegabytes;
    private static @Nullable DeviceException startFailure;

    private Eal() {}

    /**
     * How to start.
     *
     * @param hugepages {@code auto}, {@code require} or {@code off}
     * @param megabytes memory to reserve; 0: what {@code neededBytes} suggests
     * @param neededBytes memory that the first device will take
     * @param pciAddresses PCI devices that DPDK may take over; empty: the PCI bus is left alone altogether
     * @param extraArguments further EAL arguments, which win over the ones chosen here
     */
    public record Options(
            String hugepages, int megabytes, long neededBytes, List<String> pciAddresses, List<String> extraArguments) {
        public Options {
            pciAddresses = List.copyOf(pciAddresses);
            extraArguments = List.copyOf(extraArguments);
        }
    }

    public static synchronized boolean isStarted() {
        return started != null;
    }

    /** The arguments EAL was started with; empty before. */
    public static synchronized List<String> arguments() {
        return startArguments;
    }

    /** Whether memory comes from hugepages. */
    public static synchronized boolean usesHugepages() {
        return hugepages;
    }

    /** Memory reserved at start, in megabytes; 0 when it grows on demand. */
    public static synchronized int reservedMegabytes() {
        return reservedMegabytes;
    }

    /**
     * Starts EAL, or checks that the running one serves {@code options}.
     *
     * @throws DeviceException when it cannot start, or runs without something that is now required
     */
    public static synchronized void start(Options options) {
        Dpdk.ensureAvailability();
        if (startFailure != null) {
            throw new DeviceException(
                    "EAL failed to start before in this process and cannot be started twice: "
                            + startFailure.getMessage(),
                    startFailure);
        }
        if (started != null) {
            checkServes(options);
            return;
        }
        boolean huge = chooseHugepages(options);
        int megabytes = options.megabytes() > 0 ? options.megabytes() : huge ? 0 : defaultMegabytes(options);
        List<String> arguments = arguments(options, huge, megabytes);
        EalCalls.captureLog();
        EalLog.mark();
        int rc = initOnThreadOfItsOwn(arguments);
        if (rc < 0) {
            startFailure =
                    DpdkException.of("cannot start DPDK's EAL with " + arguments, "rte_eal_init", -rc, remedy(huge));
            throw startFailure;
        }
        EalLog.drain();
        started = options;
        startArguments = arguments;
        hugepages = huge;
        reservedMegabytes = megabytes;
    }

    /**
     * rte_eal_init makes its caller the "main lcore" and binds it to CPUs. A thread that ends right after keeps that away
     * from the caller's thread.
     */
    private static int initOnThreadOfItsOwn(List<String> arguments) {
        int[] result = {-1};
        Thread thread = Thread.ofPlatform()
                .name("ix-eal-start")
                .stackSize(8L << 20)
                .unstarted(() -> {
                    int rc = EalCalls.init(arguments);
                    result[0] = rc < 0 ? -EalCalls.errno() : rc; // rte_errno belongs to this thread
                });
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return result[0];
    }

    private static void checkServes(Options options) {
        if (options.hugepages().equals("require") && !hugepages) {
            throw new DeviceException("hugepages is 'require', but DPDK already runs without hugepages in this process"
                    + " (started by an earlier device); remedy: open the device that requires them first");
        }
        boolean pciOff = startArguments.contains("--no-pci");
        if (!options.pciAddresses().isEmpty() && pciOff) {
            throw new DeviceException("cannot open PCI device " + options.pciAddresses()
                    + ": DPDK already runs in this process with --no-pci (started by an earlier device); remedy: open"
                    + " the PCI device first");
        }
    }

    private static List<String> arguments(Options options, boolean huge, int megabytes) {
        List<String> arguments = new ArrayList<>();
        List<String> extra = options.extraArguments();
        if (options.pciAddresses().isEmpty()) {
            // Without --iova-mode=va EAL may choose physical addresses, which split pools that AF_XDP needs whole.
            add(arguments, extra, "--no-pci", "-a", "--allow");
            add(arguments, extra, "--iova-mode=va", "--iova-mode");
        } else {
            options.pciAddresses().forEach(address -> arguments.addAll(List.of("-a", address)));
        }
        // No files for other processes either way; EAL refuses --in-memory together with --no-huge.
        add(arguments, extra, huge ? "--in-memory" : "--no-shconf");
        add(arguments, extra, "--no-telemetry", "--telemetry");
        // One lcore that floats over all CPUs: Java's threads do the work, and register with DPDK themselves.
        String cpus = ThreadPinning.allowedCpus().stream()
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(",", "(", ")"));
        add(arguments, extra, "--lcores=0@" + cpus, "--lcores", "-l", "-c");
        if (!huge) {
            add(arguments, extra, "--no-huge");
        }
        if (megabytes > 0 && extra.stream().noneMatch(a -> a.equals("-m") || a.startsWith("--socket-mem"))) {
            arguments.addAll(List.of("-m", Integer.toString(megabytes)));
        }
        arguments.addAll(extra);
        return List.copyOf(arguments);
    }

    /** Adds {@code argument} unless {@code extra} has it or one of {@code equivalents}. */
    private static void add(List<String> arguments, List<String> extra, String argument, String... equivalents) {
        for (String given : extra) {
            String option = given.contains("=") ? given.substring(0, given.indexOf('=')) : given;
            if (option.equals(argument) || List.of(equivalents).contains(option)) {
                return;
            }
        }
        arguments.add(argument);
    }

    private static boolean chooseHugepages(Options options) {
        if (options.extraArguments().contains("--no-huge")) {
            return false;
        }
        long wanted = Math.max(options.neededBytes(), (long) options.megabytes() << 20);
        long free = freeHugepageBytes();
        return switch (options.hugepages()) {
            case "off" -> false;
            case "auto" -> free >= wanted && free > 0;
            case "require" -> {
                if (free < wanted || free == 0) {
                    throw new DeviceException("hugepages is 'require', but " + (free >> 20)
                            + " MB of hugepages are free; "
                            + ((wanted >> 20) + 1) + " MB are needed; remedy: echo "
                            + ((wanted >> 21) + 1) + " > /proc/sys/vm/nr_hugepages (as root), or ix.hugepages=auto");
                }
                yield true;
            }
            default ->
                throw new DeviceException("hugepages is '" + options.hugepages() + "'; must be auto, require or off");
        };
    }

    private static int defaultMegabytes(Options options) {
        return (int) Math.max(MINIMUM_MEGABYTES, ((2 * options.neededBytes()) >> 20) + 64);
    }

    /** Bytes of free hugepages of all sizes. */
    public static long freeHugepageBytes() {
        long bytes = 0;
        Path sizes = Path.of("/sys/kernel/mm/hugepages");
        if (!Files.isDirectory(sizes)) {
            return 0;
        }
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(sizes, "hugepages-*kB")) {
            for (Path directory : directories) {
                String name = directory.getFileName().toString();
                long kilobytes = Long.parseLong(name.substring("hugepages-".length(), name.length() - 2));
                bytes += kilobytes
                        * 1024
                        * Long.parseLong(Files.readString(directory.resolve("free_hugepages"))
                                .strip());
            }
        } catch (IOException e) {
            return 0;
        }
        return bytes;
    }

    private static String remedy(boolean huge) {
        return huge
                ? "free or reserve hugepages (echo N > /proc/sys/vm/nr_hugepages), or set ix.hugepages=off"
                : "check the EAL arguments (ix.eal.arguments) and that DPDK and its drivers are installed whole"
                        + " (apt-get install dpdk)";
    }
}
