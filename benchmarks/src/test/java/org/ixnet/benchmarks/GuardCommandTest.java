package org.ixnet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.ixnet.benchmarks.report.Metric;
import org.ixnet.benchmarks.report.Phase;
import org.ixnet.benchmarks.report.Results;
import org.ixnet.benchmarks.report.Row;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class GuardCommandTest {
    private static Row rung(String name, double rate) {
        return new Row("raw", "ix", "memif", Map.of("rung", name), Metric.REQUESTS_PER_SECOND, List.of(rate));
    }

    /** One figure of each of {@code rungs}, all measured in one turn. */
    private static void turn(Results results, Phase phase, Row... rungs) {
        results.beginTurn();
        for (Row rung : rungs) {
            results.add(rung.bench(), rung.transport(), rung.wire(), rung.params(), rung.metric(), rung.median());
        }
        results.endTurn(phase);
    }

    private static Results of(Row... rungs) {
        Results results = new Results();
        turn(results, Phase.FAR, rungs);
        return results;
    }

    @Test
    void passesAtNinetyPercentAndFailsBelow() {
        Results base = of(rung("3 raw TCP echo", 100), rung("4 netty echo", 50));
        assertThat(GuardCommand.verdict(of(rung("3 raw TCP echo", 90), rung("4 netty echo", 60)), base, 0.9))
                .isTrue();
        assertThat(GuardCommand.verdict(of(rung("3 raw TCP echo", 89), rung("4 netty echo", 60)), base, 0.9))
                .isFalse();
    }

    @Test
    void theWiresOwnModeIsNotHeldAgainstTheBuild() {
        Results base = of(testpmd(13e6), rung("3 raw TCP echo", 100));
        assertThat(GuardCommand.verdict(of(testpmd(4e6), rung("3 raw TCP echo", 100)), base, 0.9))
                .isTrue();
    }

    private static Row testpmd(double rate) {
        Map<String, Object> params = Map.of("rung", "1 testpmd macswap");
        return new Row("raw", "testpmd", "memif", params, Metric.FRAMES_PER_SECOND, List.of(rate));
    }

    @Test
    void aRungThatWasLostFails() {
        Results base = of(rung("3 raw TCP echo", 100), rung("4 netty echo", 50));
        assertThat(GuardCommand.verdict(of(rung("3 raw TCP echo", 100)), base, 0.9))
                .isFalse();
        assertThat(GuardCommand.verdict(base, new Results(), 0.9)).isFalse();
        assertThat(GuardCommand.verdict(base, of(), 0.9)).isFalse();
    }

    @Test
    void onlyRunsOfOnePhaseAreCompared() {
        Results base = of(rung("3 raw TCP echo", 100));
        Results head = new Results();
        turn(head, Phase.NEAR, rung("3 raw TCP echo", 250));
        assertThat(GuardCommand.verdict(head, base, 0.9)).isFalse(); // no run of both in one phase
        turn(head, Phase.FAR, rung("3 raw TCP echo", 80));
        assertThat(GuardCommand.verdict(head, base, 0.9)).isFalse();
        turn(base, Phase.NEAR, rung("3 raw TCP echo", 240));
        turn(base, Phase.NEAR, rung("3 raw TCP echo", 240));
        turn(head, Phase.NEAR, rung("3 raw TCP echo", 250));
        assertThat(GuardCommand.verdict(head, base, 0.9)).isTrue(); // two each, against one each of the far ones
    }

    @Test
    void theCommandLineHasAllExperimentsOfTheIssue() {
        CommandLine commandLine = Main.commandLine();
        assertThat(commandLine.getSubcommands())
                .containsKeys(
                        "netpipe",
                        "echo",
                        "connections",
                        "memcached",
                        "batching",
                        "raw",
                        "bulk",
                        "tail",
                        "cpu",
                        "tls",
                        "guard",
                        "all");
        commandLine.setErr(new PrintWriter(new StringWriter()));
        assertThat(commandLine.execute("guard")).isNotZero(); // --base is missing
        assertThat(commandLine.execute("echo", "--runs", "0")).isNotZero();
        assertThat(commandLine.execute("echo", "--server-core", "4096")).isNotZero();
    }

    @Test
    void aBadValueIsOneLineThatNamesIt() {
        assertThat(errorOf("echo", "--runs", "0")).isEqualTo("ix bench echo: runs is 0; must be at least 1 (--runs)");
        assertThat(errorOf("guard", "--base", "no-such-commit"))
                .startsWith("ix bench guard: base is 'no-such-commit'; must be a commit of ");
    }

    private static String errorOf(String... arguments) {
        StringWriter error = new StringWriter();
        assertThat(Main.commandLine().setErr(new PrintWriter(error)).execute(arguments))
                .isEqualTo(1);
        assertThat(error.toString().lines()).hasSize(1);
        return error.toString().strip();
    }
}
