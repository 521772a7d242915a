package org.ixnet.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** What the module shows: no type more than a user needs, each with its thread rule, and a word about each new method. */
class PublicTypesTest {
    private static final Path SOURCES = Path.of("src/main/java/org/ixnet/netty");

    private final TreeSet<String> publicTypes = new TreeSet<>();
    private final List<String> undocumented = new ArrayList<>();

    @Test
    void onlyWhatAUserNeedsIsPublic() throws IOException {
        scan();
        assertThat(publicTypes)
                .as("a new public type is a promise: add it here only if users must name it")
                .containsExactly(
                        "Ix",
                        "IxChannelOption",
                        "IxDatagramChannel",
                        "IxDatagramChannelConfig",
                        "IxEventLoop",
                        "IxEventLoopGroup",
                        "IxIoHandler",
                        "IxMetrics",
                        "IxServerSocketChannel",
                        "IxServerSocketChannelConfig",
                        "IxSocketChannel",
                        "IxSocketChannelConfig",
                        "IxTcpInfo");
    }

    @Test
    void publicTypesTellTheirThreadRuleAndNewMethodsWhatTheyDo() throws IOException {
        scan();
        assertThat(undocumented).isEmpty();
    }

    private void scan() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.list(SOURCES)) {
            List<Path> units = sources.filter(source -> source.toString().endsWith(".java"))
                    .filter(source -> !source.endsWith("package-info.java"))
                    .toList();
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, List.of(), null, files.getJavaFileObjectsFromPaths(units));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(docs).scan(unit, null);
            }
        }
    }

    /** Visits what is public in what is public. */
    private final class Scanner extends TreePathScanner<Void, Void> {
        private final DocTrees docs;

        Scanner(DocTrees docs) {
            this.docs = docs;
        }

        @Override
        public Void visitClass(ClassTree type, Void ignored) {
            if (isPublic(type.getModifiers())) {
                publicTypes.add(type.getSimpleName().toString());
                DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
                if (comment == null || !words(comment).contains("Thread rule:")) {
                    undocumented.add(type.getSimpleName() + " says no thread rule");
                }
                super.visitClass(type, ignored);
            }
            return null;
        }

        @Override
        public Void visitMethod(MethodTree method, Void ignored) {
            boolean overrides = method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
            // A constructor that only takes what Netty's constructors take needs no words.
            boolean constructor = method.getReturnType() == null;
            if (isPublic(method.getModifiers())
                    && !overrides
                    && !constructor
                    && docs.getDocCommentTree(getCurrentPath()) == null) {
                TreePath parent = getCurrentPath().getParentPath();
                undocumented.add(((ClassTree) parent.getLeaf()).getSimpleName() + "." + method.getName());
            }
            return null;
        }

        private static String words(DocCommentTree comment) {
            return comment.toString().replaceAll("\\s+\\*?\\s*", " ");
        }

        private static boolean isPublic(ModifiersTree modifiers) {
            return modifiers.getFlags().contains(Modifier.PUBLIC);
        }
    }
}
