package org.ixnet.benchmarks.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CommandTest {
    @Test
    void whatIsWrittenIsRead() {
        Command command = Command.of("run").with("load", "closed").with("rate", 2.5);
        assertThat(Command.parse(command.toString())).isEqualTo(command);
        assertThat(command.number("rate", 0)).isEqualTo(2.5);
        assertThat(command.integer("connections", 7)).isEqualTo(7);
        assertThat(command.text("load")).isEqualTo("closed");
    }

    @Test
    void blanksInAValueDoNotSplitIt() {
        assertThat(Command.parse(Command.of("failure").with("cause", "it broke").toString())
                        .text("cause"))
                .isEqualTo("it_broke");
    }

    @Test
    void saysWhatIsMissingOrWrong() {
        assertThatThrownBy(() -> Command.of("run").text("load")).hasMessageContaining("lacks load=");
        assertThatThrownBy(() -> Command.parse("run load")).hasMessageContaining("not key=value");
        assertThatThrownBy(() -> TransportKind.of("smoke")).hasMessageContaining("epoll");
    }
}
