package org.ixnet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.ixnet.benchmarks.report.Environment;
import org.ixnet.benchmarks.report.Results;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SuiteOptionsTest {
    /** Before the lock and before anything is started: all ends with one message. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cpu --ix rxBatch=512 | rxBatch is 512; must be 1..256",
                "echo --ix nosuch=1 | unknown key ix.nosuch; must be one of ix.device, ix.iface",
                "raw --ix rxbatch=1 | unknown key ix.rxbatch; did you mean ix.rxBatch?",
                "echo --transport epoll --ix idle=x | idle is \"x\"; must be one of spin, adaptive, park",
                "echo --ix mtu=9000 | mtu is 9000; must be 68..3542 on a device af_xdp (IxConfig.mtu / -Dix.mtu) on"
                        + " ix/af_xdp",
                "echo --wire memif --ix mtu=65001 | must be 68..65000",
                "echo --ix device=tap | device is tap; must not be set: it is the wire's (--ix, --wire)",
                "raw --wire direct --ix nosuch=1 | unknown key ix.nosuch",
                "fairness --ix rxBatch=0 | rxBatch is 0; must be 1..256",
                "raw --wire direct --jvm=-Xmx1g | --jvm is of the ladder",
                "echo --jvm=Xmx1g | jvm is 'Xmx1g'; must be an option of Java, which begins with -",
            })
    void refusesSettingsBeforeItMeasures(String arguments, String message) {
        CommandLine commandLine = Main.commandLine();
        StringWriter err = new StringWriter();
        commandLine.setErr(new PrintWriter(err));
        assertThat(commandLine.execute(arguments.split(" "))).isEqualTo(1);
        assertThat(err.toString()).contains(message);
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void aFileThatCannotBeWrittenKeepsNoOtherFromBeingWritten(@TempDir Path directory) {
        SuiteOptions options = new SuiteOptions();
        options.json = directory.resolve("gone").resolve("rows.json");
        options.html = directory.resolve("report.html");
        options.markdown = directory.resolve("report.md");
        Environment environment = options.environment();
        assertThat(options.report(new Results(), environment)).isFalse();
        assertThat(options.html).isNotEmptyFile();
        assertThat(options.markdown).isNotEmptyFile();
        options.json = directory.resolve("rows.json");
        assertThat(options.report(new Results(), environment)).isTrue();
        assertThat(options.json).isNotEmptyFile();
    }
}
