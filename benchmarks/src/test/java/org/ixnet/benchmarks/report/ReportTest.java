package org.ixnet.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ReportTest {
    private final Results results = new Results();

    private void add(
            String bench, String transport, String wire, Map<String, Object> params, Metric metric, double... runs) {
        for (double value : runs) {
            results.add(bench, transport, wire, params, metric, value);
        }
    }

    private Row row(String transport, String wire) {
        return results.rows().stream()
                .filter(row -> row.transport().equals(transport) && row.wire().equals(wire))
                .findFirst()
                .orElseThrow();
    }

    private void twoWires() {
        for (int connections : new int[] {1, 64}) {
            Map<String, Object> kernel = Map.of("client", "epoll", "connections", connections, "size", 64);
            add("echo", "epoll", "loopback", kernel, Metric.REQUESTS_PER_SECOND, 100, 110, 90);
            add("echo", "epoll", "veth", kernel, Metric.REQUESTS_PER_SECOND, 80, 80, 80);
            add(
                    "echo",
                    "ix",
                    "memif",
                    Map.of("client", "ix", "connections", connections, "size", 64),
                    Metric.REQUESTS_PER_SECOND,
                    1000,
                    1300,
                    1100);
            add("echo", "ix", "af_xdp", kernel, Metric.REQUESTS_PER_SECOND, 160, 160, 160);
        }
    }

    @Test
    void rowsHaveTheSamplesOfThePhaseThatIsKept() {
        for (Phase phase : new Phase[] {Phase.NEAR, Phase.FAR, Phase.CHANGING, Phase.FAR}) {
            results.beginTurn();
            add("echo", "ix", "memif", Map.of(), Metric.REQUESTS_PER_SECOND, 10 * (phase.ordinal() + 1));
            results.endTurn(phase);
        }
        results.beginTurn();
        add("echo", "epoll", "veth", Map.of(), Metric.REQUESTS_PER_SECOND, 7);
        results.endTurn(Phase.NEAR);
        assertThat(row("ix", "memif").samples()).containsExactly(10.0, 20.0, 30.0, 20.0);
        results.keep(Phase.FAR);
        assertThat(row("ix", "memif").samples()).containsExactly(20.0, 20.0);
        assertThat(row("epoll", "veth").samples()).as("has none, keeps all").containsExactly(7.0);
        assertThat(results.rows(Phase.FAR)).hasSize(1);
        assertThat(results.rowsByPhase().stream().map(row -> row.transport() + " " + row.param("phase", "")))
                .containsExactly("ix near", "ix far", "ix changing", "epoll near");
    }

    @Test
    void theSummaryHasTheAimsOfEachPhaseAndOfAllOnlyWhatNoneHas() {
        Map<String, Object> point = Map.of("connections", 64, "size", 64);
        for (Phase phase : new Phase[] {Phase.NEAR, Phase.FAR}) {
            results.beginTurn();
            int distance = phase == Phase.NEAR ? 1 : 3;
            add("echo", "ix", "memif", point, Metric.REQUESTS_PER_SECOND, 2600.0 / distance);
            add("echo", "epoll", "veth", point, Metric.REQUESTS_PER_SECOND, 200.0 / distance);
            results.endTurn(phase);
        }
        results.beginTurn();
        add("echo", "io_uring", "veth", point, Metric.REQUESTS_PER_SECOND, 300);
        results.endTurn(Phase.NEAR);
        for (Phase phase : new Phase[] {Phase.CHANGING, Phase.FAR}) {
            results.beginTurn();
            String transport = phase == Phase.FAR ? "ix" : "epoll";
            Map<String, Object> open = Map.of("connections", 250_000, "size", 64);
            add("connections", transport, phase == Phase.FAR ? "memif" : "veth", open, Metric.REQUESTS_PER_SECOND, 800);
            results.endTurn(phase);
        }
        results.keep(Phase.FAR);
        String summary = Summary.text(results);
        assertThat(summary)
                .containsSubsequence(
                        "cores were FAR",
                        "13.00x   echo 64 B",
                        "cores were NEAR",
                        "13.00x   echo 64 B",
                        "8.67x   echo 64 B, 64 connections, memif against io_uring",
                        "Turns of all phases",
                        "missed     1.00x   250,000 connections, memif against epoll",
                        "not run: ");
        assertThat(summary.substring(0, summary.indexOf("NEAR"))).doesNotContain("io_uring");
        assertThat(summary.substring(summary.indexOf("Turns of all"))).doesNotContain("echo 64 B");
        assertThat(HtmlReport.write(results, Environment.capture(List.of(), "abc")))
                .containsSubsequence("<h3>Turns in which the cores were FAR</h3>", "cores were NEAR</h3>");
    }

    @Test
    void rowsHaveExactlyTheFieldsOfTheSchema() {
        add("echo", "ix", "memif", Map.of("size", 64, "close", "rst"), Metric.LATENCY_US, 3.5, 1.25, 2);
        assertThat(Json.write(results.rows())).isEqualTo("""
                        [
                          {"bench":"echo","transport":"ix","wire":"memif","params":{"close":"rst","size":64},\
                        "metric":"latency_us","unit":"us","median":2,"min":1.25,"max":3.5,"runs":3}
                        ]
                        """);
    }

    @Test
    void jsonEscapesStrings() {
        add("a\"b\\c\n", "t", "w", Map.of(), Metric.FRAMES_PER_SECOND, 1);
        assertThat(Json.write(results.rows())).contains("\"bench\":\"a\\\"b\\\\c\\u000a\"");
    }

    @Test
    void whatWasNotMeasuredMakesNoRow() {
        add("echo", "ix", "memif", Map.of(), Metric.LATENCY_US, Double.NaN, Double.POSITIVE_INFINITY);
        assertThat(results.rows()).isEmpty();
        assertThat(Json.write(results.rows())).isEqualTo("[\n]\n");
    }

    @Test
    void memifIsComparedWithTheBetterOfLoopbackAndVeth() {
        twoWires();
        Comparison comparison = new Comparison(results.rows());
        assertThat(comparison.baseline(row("ix", "memif"))).isEqualTo(row("epoll", "loopback"));
        assertThat(comparison.ratio(row("ix", "memif"))).isEqualTo("11.00x");
    }

    @Test
    void aKernelClientIsComparedWithTheSameClientOnVeth() {
        twoWires();
        assertThat(new Comparison(results.rows()).ratio(row("ix", "af_xdp"))).isEqualTo("2.00x");
    }

    @Test
    void theIxGeneratorIsComparedWithEpollUnderTheSameGenerator() {
        add("echo", "epoll", "veth", Map.of("client", "epoll"), Metric.REQUESTS_PER_SECOND, 100);
        add("echo", "epoll", "af_xdp", Map.of("client", "ix"), Metric.REQUESTS_PER_SECOND, 50);
        add("echo", "ix", "af_xdp", Map.of("client", "ix"), Metric.REQUESTS_PER_SECOND, 150);
        assertThat(new Comparison(results.rows()).ratio(row("ix", "af_xdp"))).isEqualTo("3.00x");
    }

    @Test
    void aLowerLatencyIsAFractionAndTheBetterKernelIsTheLowerOne() {
        add("netpipe", "epoll", "loopback", Map.of("client", "epoll"), Metric.LATENCY_US, 12);
        add("netpipe", "epoll", "veth", Map.of("client", "epoll"), Metric.LATENCY_US, 18);
        add("netpipe", "ix", "memif", Map.of("client", "ix"), Metric.LATENCY_US, 3);
        assertThat(new Comparison(results.rows()).ratio(row("ix", "memif"))).isEqualTo("1/4.00");
    }

    @Test
    void theRawGeneratorIsComparedWithNothing() {
        twoWires();
        add("echo", "ix", "memif", Map.of("client", "raw"), Metric.REQUESTS_PER_SECOND, 2000);
        assertThat(results.rows())
                .filteredOn(row -> row.param("client", "").equals("raw"))
                .singleElement()
                .satisfies(row ->
                        assertThat(new Comparison(results.rows()).ratio(row)).isEmpty());
    }

    @Test
    void baselinesHaveNoRatio() {
        twoWires();
        assertThat(new Comparison(results.rows()).ratio(row("epoll", "loopback")))
                .isEmpty();
    }

    @Test
    void aimsAreComputedFromTheRowsAndJudgedByTheKernelsBestWire() {
        twoWires();
        assertThat(Summary.text(results))
                .contains("missed    11.00x   echo 64 B, 64 connections, memif against epoll: 12x")
                .contains("1,100 against 100.0 1/s, epoll / loopback")
                .contains("reached    2.00x   af_xdp, echo 64 B, kernel client")
                .containsPattern("not run: \\d+ more");
        add("netpipe", "epoll", "veth", Map.of("client", "epoll", "size", 64, "percentile", 50), Metric.LATENCY_US, 14);
        add("netpipe", "ix", "memif", Map.of("client", "ix", "size", 64, "percentile", 50), Metric.LATENCY_US, 2);
        assertThat(Summary.text(results)).contains("reached   1/7.00   netpipe 64 B");
    }

    @Test
    void anAimForEverySizeIsJudgedByTheWorst() {
        for (int size : new int[] {64, 4096, 65536}) {
            Map<String, Object> kernel = Map.of("client", "epoll", "size", size, "percentile", 50);
            Map<String, Object> ix = Map.of("client", "ix", "size", size, "percentile", 50);
            add("netpipe", "epoll", "veth", kernel, Metric.LATENCY_US, 14);
            add("netpipe", "ix", "memif", ix, Metric.LATENCY_US, size == 4096 ? 28 : 2);
        }
        assertThat(Summary.text(results))
                .contains("missed    1/0.50   netpipe, its worst size")
                .contains("(28.00 against 14.00 us, epoll / veth, size 4096)");
    }

    @Test
    void theLadderShowsEachRungsShareOfTheOneBelow() {
        add("raw", "ix", "memif", Map.of("rung", "4 netty echo"), Metric.REQUESTS_PER_SECOND, 60);
        add("raw", "raw", "memif", Map.of("rung", "3 raw TCP echo"), Metric.REQUESTS_PER_SECOND, 100);
        assertThat(Summary.text(results))
                .containsSubsequence("3 raw TCP echo", "100.0", "4 netty echo", "60 %", ">= 60 %");
    }

    @Test
    void theRungsOfTheLadderShareAPlotWithRoomForTheirNames() {
        add("raw", "testpmd", "memif", Map.of("rung", "1 testpmd macswap"), Metric.FRAMES_PER_SECOND, 100);
        String longest = "2 " + "a reflector with a long name ".repeat(2).strip();
        add("raw", "reflector", "memif", Map.of("rung", longest), Metric.FRAMES_PER_SECOND, 90);
        String html = HtmlReport.write(results, Environment.capture(List.of(), "abc"));
        assertThat(html.split("<svg", -1)).hasSize(2);
        java.util.regex.Matcher name = java.util.regex.Pattern.compile(
                        "<text class=\"tick end\" x=\"([\\d.]+)\"[^>]*>" + longest)
                .matcher(html);
        assertThat(name.find()).isTrue();
        assertThat(Double.parseDouble(name.group(1))).isGreaterThan(6.5 * longest.length());
    }

    @Test
    void aContenderHasOneColourAndIxTheWarmOne() {
        twoWires();
        Palette palette = new Palette(results.rows());
        assertThat(palette.css())
                .contains(".c" + palette.index("ix / memif") + "{--c:#e4572e}")
                .contains(".c" + palette.index("epoll / loopback") + "{--c:#3f6fb0}");
        assertThat(palette.css().split("#")).doesNotHaveDuplicates();
        assertThat(HtmlReport.write(results, Environment.capture(List.of(), "abc")))
                .contains(palette.css())
                .contains("<td class=\"bad\">missed</td><td class=\"n\">11.00x</td>");
    }

    @Test
    void everyLineOfTheTableNamesItsWire() {
        twoWires();
        results.failed("ix/tap, start: no such device");
        String table = TextTable.terminal(results);
        assertThat(table.lines().filter(line -> line.contains("requests_per_second")))
                .hasSize(8)
                .allMatch(line -> line.matches(".*(loopback|veth|memif|af_xdp).*"));
        assertThat(table)
                .contains("NOT MEASURED: ix/tap, start: no such device")
                .contains("epoll / loopback");
        assertThat(TextTable.markdown(results)).contains("| ratio | against |").contains("### echo");
    }

    @Test
    void latenciesBesideCpuTimeHaveTheirPlots() {
        for (Object percentile : List.of(50, 99, 99.9)) {
            add("cpu", "ix", "af_xdp", Map.of("rate", 1000, "percentile", percentile), Metric.LATENCY_US, 12, 13);
        }
        assertThat(HtmlReport.write(results, Environment.capture(List.of(), "abc")))
                .contains("1000 requests/s, p50")
                .contains("1000 requests/s, p99")
                .doesNotContain("1000 requests/s, p99.9");
    }

    @Test
    void theHtmlReportIsSelfContainedAndItsPlotsAreWellFormed() throws Exception {
        twoWires();
        add("bulk", "ix", "memif", Map.of("client", "ix"), Metric.GBIT_PER_SECOND, 20, 22, 25);
        for (int load : new int[] {20, 50}) {
            Map<String, Object> point = Map.of("client", "ix", "profile", "etc", "load_percent", load);
            add("memcached", "ix", "memif", point, Metric.REQUESTS_PER_SECOND, load * 1000);
            add(
                    "memcached",
                    "ix",
                    "memif",
                    Map.of("client", "ix", "profile", "etc", "load_percent", load, "percentile", 99),
                    Metric.LATENCY_US,
                    load);
        }
        results.failed("<script>");
        String html = HtmlReport.write(results, Environment.capture(List.of("-Xmx1g"), "abc"));
        assertThat(html)
                .doesNotContain("http:")
                .doesNotContain("https:")
                .doesNotContain("<script")
                .doesNotContain("src=");
        assertThat(html)
                .contains("64 B, connections that stay open")
                .contains("Memcached ETC: p99 by rate")
                .contains("<line class=\"mark\"")
                .contains("-Xmx1g");
        List<String> plots = java.util.regex.Pattern.compile("<svg.*?</svg>", java.util.regex.Pattern.DOTALL)
                .matcher(html)
                .results()
                .map(java.util.regex.MatchResult::group)
                .toList();
        assertThat(plots).hasSizeGreaterThanOrEqualTo(3);
        for (String plot : plots) {
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(plot)));
            assertThat(plot).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }
}
