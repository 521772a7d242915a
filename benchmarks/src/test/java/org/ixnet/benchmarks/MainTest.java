package org.ixnet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    private final StringWriter error = new StringWriter();

    @Test
    void aRefusalIsOneLine() throws Exception {
        assertThat(end(new IllegalArgumentException("runs is 0; must be 1 or more")))
                .isEqualTo(1);
        assertThat(error.toString().strip()).isEqualTo("ix bench echo: runs is 0; must be 1 or more");
    }

    @Test
    void whatIsEndedByCtrlCSaysNothing() throws Exception {
        assertThat(end(new InterruptedException("the program is ending"))).isEqualTo(130);
        assertThat(error.toString()).isEmpty();
    }

    @Test
    void whatIsNotExpectedHasItsStackTrace() {
        assertThatThrownBy(() -> end(new IllegalStateException("a defect"))).hasMessage("a defect");
    }

    private int end(Exception with) throws Exception {
        CommandLine all = Main.commandLine();
        CommandLine echo = all.getSubcommands().get("echo").setErr(new PrintWriter(error, true));
        return all.getExecutionExceptionHandler().handleExecutionException(with, echo, null);
    }
}
