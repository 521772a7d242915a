# shellcheck shell=sh
# Sourced by test.sh: Netty's own transport test suite (netty-testsuite), IX with itself and with the kernel's nio in both
# directions, and the same classes on epoll.

# A namespace whose loopback is up, with a TUN device that nobody reads: what is sent to the suite's unreachable host ends
# there, and no packet of the suite ever leaves.
netty_network() {
    add_netns "$1"
    ip -n "$1" tuntap add dev hole mode tun
    ip -n "$1" addr add 198.51.100.1/24 dev hole
    ip -n "$1" link set hole up
}

section_netty() {
    section netty "Netty's own transport test suite: IX with IX, with nio both ways, and the same classes on epoll"
    netty_ns=$RUN-n
    netty_log=$LOGS/netty-testsuite.log
    netty_network "$netty_ns"
    rm -rf "$IX_HOME"/transport-ix/target/surefire-reports*
    # Downloads what is missing while there is a network, what runs a test included; the run itself is offline.
    if ! maven -q -pl transport-ix -am -Dspotless.check.skip package -Pnetty-testsuite -Dtest=SeqTest \
        -Dsurefire.failIfNoSpecifiedTests=false >"$netty_log" 2>&1; then
        result failed 1 "build of the test suite" "$(grep -m1 'ERROR' "$netty_log" | cut -c 1-200); log: $netty_log"
        return
    fi
    (
        mvn() { in_netns "$netty_ns" mvn -o "$@"; }
        maven -pl transport-ix -am -Dspotless.check.skip package -Pnetty-testsuite \
            '-Dtest=org.ixnet.netty.testsuite.Ix*Test' -Dsurefire.failIfNoSpecifiedTests=false -Dmaven.test.failure.ignore=true \
            -Dix.testsuite.all="$IX_TEST_ALL"
    ) >>"$netty_log" 2>&1 || result failed 1 "Maven" "$(grep -m1 'ERROR' "$netty_log" | cut -c 1-200); log: $netty_log"
    # The last run is epoll's own.
    netty_leaks=$(sed '/:test (epoll) @/,$d' "$netty_log" | grep -c 'LEAK: ' || :)
    if [ "$netty_leaks" -eq 0 ]; then
        result passed 1 "buffers" "the leak detector, paranoid, reported nothing in the runs with IX"
    else
        result failed 1 "buffers" "$netty_leaks reports of the leak detector; log: $netty_log"
    fi
    if [ -e "$IX_TARGET/built" ]; then touch "$IX_TARGET/built"; fi
    "$PYTHON" "$IX_HOME/scripts/e2e/netty_testsuite.py" "$IX_HOME/transport-ix/target" "$IX_HOME/COMPLIANCE.md" >"$LOGS/netty-results"
    while IFS='|' read -r netty_state netty_count netty_name netty_detail; do
        result "$netty_state" "$netty_count" "$netty_name" "$netty_detail"
    done <"$LOGS/netty-results"
}
