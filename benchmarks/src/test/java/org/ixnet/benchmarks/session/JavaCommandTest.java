package org.ixnet.benchmarks.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JavaCommandTest {
    @Test
    void theLastHeapCounts() {
        JavaCommand usual = new JavaCommand(JavaCommand.DEFAULT_JVM_ARGUMENTS, null);
        assertThat(usual.heapMebibytes(List.of())).isEqualTo(1024);
        assertThat(usual.heapMebibytes(List.of("-Xms256m", "-Xmx384m"))).isEqualTo(384);
        assertThat(usual.heapMebibytes(List.of("-Xms4g", "-Xmx4G"))).isEqualTo(4096);
        assertThat(usual.heapMebibytes(List.of("-Xmx65536k"))).isEqualTo(64);
        assertThat(usual.heapMebibytes(List.of("-Xmx67108864"))).isEqualTo(64);
        assertThat(usual.heapMebibytes(List.of("-Xmx1t"))).isEqualTo(1 << 20);
    }

    @Test
    void javaSaysWhatIsWrongWithAFlag() throws InterruptedException {
        assertThat(complaint("-XX:+UseTransparentHugePages")).isEmpty();
        assertThat(complaint("-XX:+NoSuchOption")).contains("Unrecognized VM option 'NoSuchOption'");
        assertThat(complaint("-Xmx")).contains("Invalid maximum heap size");
        assertThat(complaint("-XX:+UseParallelGC")).contains("Multiple garbage collectors selected");
        assertThat(complaint("-version")).contains("version");
    }

    private static String complaint(String flag) throws InterruptedException {
        List<String> flags = new ArrayList<>(JavaCommand.QUICK_JVM_ARGUMENTS);
        flags.add(flag);
        return new JavaCommand(flags, null).complaint(List.of());
    }
}
