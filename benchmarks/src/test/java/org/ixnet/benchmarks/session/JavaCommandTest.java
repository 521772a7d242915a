package org.ixnet.benchmarks.session;

import static org.assertj.core.api.Assertions.assertThat;

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
    }
}
