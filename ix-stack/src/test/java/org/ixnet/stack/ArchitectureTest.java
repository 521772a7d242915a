package org.ixnet.stack;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The order of the packages (package-info and ARCHITECTURE.md): {@code control -> dataplane -> tcp, udp -> ip -> flow ->
 * device, wire -> memory -> util}; {@code tcp -> congestion}; {@code congestion}, {@code timer} and {@code stats} see only
 * {@code util}.
 */
class ArchitectureTest {
    private static final String ROOT = "org.ixnet.stack.";
    private static final Set<String> LEAVES = Set.of("util", "timer", "stats");

    /** What each package may use beside itself and {@link #LEAVES}; not listed is not allowed. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("util", Set.of()),
            Map.entry("timer", Set.of()),
            Map.entry("stats", Set.of()),
            Map.entry("congestion", Set.of()),
            Map.entry("memory", Set.of()),
            Map.entry("device", Set.of("memory")),
            Map.entry("wire", Set.of("memory")),
            Map.entry("flow", Set.of("device", "wire", "memory")),
            Map.entry("ip", Set.of("flow", "device", "wire", "memory")),
            Map.entry("udp", Set.of("ip", "flow", "device", "wire", "memory")),
            Map.entry("tcp", Set.of("congestion", "ip", "flow", "device", "wire", "memory")),
            Map.entry("dataplane", Set.of("tcp", "udp", "congestion", "ip", "flow", "device", "wire", "memory")),
            Map.entry(
                    "control",
                    Set.of("dataplane", "tcp", "udp", "congestion", "ip", "flow", "device", "wire", "memory")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.ixnet.stack");

    @Test
    void packagesUseOnlyWhatLiesToTheirRight() {
        Map<String, Set<String>> wrong = new TreeMap<>();
        for (var type : CLASSES) {
            String from = slice(type.getPackageName());
            for (var dependency : type.getDirectDependenciesFromSelf()) {
                String target = dependency.getTargetClass().getPackageName();
                if (target.startsWith(ROOT) && !mayUse(from, slice(target))) {
                    wrong.computeIfAbsent(from + " -> " + slice(target), key -> new TreeSet<>())
                            .add(dependency.getDescription());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean mayUse(String from, String to) {
        if (from.equals(to)) {
            return true;
        }
        boolean leaf = Set.of("congestion", "timer", "stats", "util").contains(from);
        return leaf
                ? to.equals("util") && !from.equals("util")
                : LEAVES.contains(to) || allowed(from).contains(to);
    }

    private static Set<String> allowed(String from) {
        Set<String> allowed = MAY_USE.get(from);
        assertThat(allowed)
                .as("package %s has no place in the order; give it one", from)
                .isNotNull();
        return allowed;
    }

    private static String slice(String packageName) {
        String rest = packageName.substring(ROOT.length());
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("org.ixnet.stack.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void stackUsesNothingButTheJdk() {
        ArchRuleDefinition.classes()
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("org.ixnet.stack..", "java..", "jdk.jfr..", "org.jspecify.."))
                .check(CLASSES);
    }

    @Test
    void onlyTheMemoryPackageTouchesRawMemory() {
        List<String> wrong = new ArrayList<>();
        for (var type : CLASSES) {
            for (var call : type.getMethodCallsFromSelf()) {
                boolean reinterprets = call.getTarget().getName().equals("reinterpret");
                if (reinterprets && !type.getPackageName().equals("org.ixnet.stack.memory")) {
                    wrong.add(call.getDescription());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }
}
