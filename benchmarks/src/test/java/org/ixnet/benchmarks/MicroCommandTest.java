package org.ixnet.benchmarks;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MicroCommandTest {
    @Test
    void whatNamesNoBenchmarkGetsThoseThatThereAre() {
        assertThatThrownBy(() -> MicroCommand.check("nosuch"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("which is 'nosuch'; must be, or match as a regular expression, some of ")
                .hasMessageContaining("StackParts.toeplitz");
        assertThatThrownBy(() -> MicroCommand.check("("))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("which is '('; must be a regular expression: Unclosed group");
        assertThatCode(() -> MicroCommand.check(".*")).doesNotThrowAnyException();
    }
}
