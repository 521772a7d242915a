# shellcheck shell=sh
# Sourced by test.sh: what a user gets wrong. Each ends with one clear message that names a remedy, and exit code 1.

section_errors() {
    section errors "one clear message with a remedy, and exit code 1"
    launcher_errors
    make_wire tap
    configuration_errors
    right_errors
    remove_wire
    make_wire af_xdp
    interface_errors
    remove_wire
    make_wire kernel
    port_taken
    remove_wire
}

# expect_error REGULAR-EXPRESSION COMMAND...: it must end by itself with 1, say something that matches, and no stack trace.
expect_error() {
    error_expected=$1
    shift
    error_code=0
    error_output=$LOGS/error-output
    timeout -k 5 60 "$@" >"$error_output" 2>&1 </dev/null || error_code=$?
    cat "$error_output"
    if grep -qE '^[[:space:]]+at [a-z].*\(' "$error_output"; then fail "a stack trace, not a message: $(grep -m1 -v '^[[:space:]]*at ' "$error_output")"; fi
    grep -qE "$error_expected" "$error_output" || fail "no message that matches '$error_expected': $(tail -n 1 "$error_output")"
    [ "$error_code" -eq 1 ] || fail "exit code $error_code, not 1: $(grep -m1 -E "$error_expected" "$error_output")"
    grep -m1 -E "$error_expected" "$error_output"
}

# ix_error REGULAR-EXPRESSION JAVA-OPTION...: the echo example on the wire, with these options over the wire's own.
ix_error() {
    ix_error_expected=$1
    shift
    # shellcheck disable=SC2086 # options are words
    expect_error "$ix_error_expected" env IX_HOME="$IX_HOME" IX_NETNS="$NS_S" \
        IX_JAVA_OPTS="${IX_JAVA_OPTS:-} $WIRE_OPTIONS $*" JAVA_HOME="$JAVA_HOME" \
        sh "$IX_HOME/scripts/e2e/example.sh" echo --transport "$WIRE_TRANSPORT" --port 7007
}

launcher_errors() {
    old_jdk=$LOGS/jdk-17
    mkdir -p "$old_jdk/bin"
    echo 'JAVA_VERSION="17.0.9"' >"$old_jdk/release"
    printf '#!/bin/sh\nexit 9\n' >"$old_jdk/bin/javac"
    chmod +x "$old_jdk/bin/javac"
    check "a JDK too old, asked for" expect_error 'JDK 17; IX needs JDK 25' env IX_JAVA_HOME="$old_jdk" "$IX_HOME/ix" run echo
    check "a JDK too old, and no other" expect_error 'no JDK 25 or newer found; seen: .*JDK 17' \
        env -u IX_JAVA_HOME JAVA_HOME="$old_jdk" IX_JDK_DIRS="$old_jdk" "$IX_HOME/ix" run echo
    check "an unknown sub-command" expect_error "unknown sub-command 'dmeo'" "$IX_HOME/ix" dmeo
    check "an unknown example" expect_error "no example 'redis'" "$IX_HOME/ix" run redis
    check "an unknown transport" expect_error "no transport 'dpdk'" "$IX_HOME/ix" run echo --transport dpdk
    check "an unknown test section" expect_error "no test section 'units'" "$IX_HOME/ix" test units
    check "a setting of a bench" expect_error 'rxBatch is 512; must be 1\.\.256' "$IX_HOME/ix" bench echo --ix rxBatch=512
    check "a JVM option of a bench" expect_error "Unrecognized VM option 'NoSuch'" \
        env IX_JAVA_OPTS="${IX_JAVA_OPTS:-} -Dix.bench.lock=$LOGS/bench.lock" "$IX_HOME/ix" bench cpu --wire memif --jvm=-XX:+NoSuch
    check "a benchmark that there is not" expect_error 'some of .*StackParts\.toeplitz' "$IX_HOME/ix" bench micro nosuch
    check "a second bench beside the first" second_bench
    check "the NIC of the default route" default_route_refused
    for hugepages in abc -5 1.5 08 ''; do
        check "./ix setup --dry-run --hugepages '$hugepages'" expect_error "must be a number of megabytes" \
            "$IX_HOME/ix" setup --dry-run --hugepages "$hugepages"
    done
    check "no root, by the launcher" as_nobody 'needs root' "$IX_HOME/ix" run echo
}

# With another lock than that of a bench that may be running on this machine.
second_bench() {
    (exec env IX_JAVA_OPTS="${IX_JAVA_OPTS:-} -Dix.bench.lock=$LOGS/bench.lock" "$IX_HOME/ix" bench fairness --seconds 60) >"$LOGS/first-bench" 2>&1 &
    first_bench=$!
    remember_pid "$first_bench"
    within 20 grep -q '^flood' "$LOGS/first-bench" || fail "the first does not begin: $(tail -n 1 "$LOGS/first-bench")"
    expect_error "another bench is running on this machine, process $(cat "$LOGS/bench.lock")," \
        env IX_JAVA_OPTS="${IX_JAVA_OPTS:-} -Dix.bench.lock=$LOGS/bench.lock" "$IX_HOME/ix" bench fairness --quick
    stop_process "$first_bench"
}

default_route_refused() {
    own_device=$(ip -o route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
    [ -n "$own_device" ] || skip "this machine has no default route"
    expect_error "$own_device carries this machine's default route" "$IX_HOME/ix" run echo -Dix.device=af_xdp "-Dix.iface=$own_device"
}

# as_nobody REGULAR-EXPRESSION COMMAND...: as a user without rights, but for that of reading the clone wherever it lies.
as_nobody() {
    nobody_expected=$1
    shift
    expect_error "$nobody_expected" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+dac_read_search \
        --ambient-caps=+dac_read_search --bounding-set=-all,+dac_read_search env HOME=/nonexistent "$@"
}

configuration_errors() {
    check "an unknown device" ix_error 'device.*nosuch' -Dix.device=nosuch
    check "an unknown key" ix_error 'ix\.adress.*ix\.address' -Dix.adress=10.0.0.1/24
    check "an unknown key that is near none" ix_error 'does not start: unknown key ix\.nosuch; must be one of ix\.device.*ix\.seed$' -Dix.nosuch=1
    check "an MTU above the device's" ix_error 'does not start: mtu is 9000; must be 68\.\.1504 on a device tap' -Dix.mtu=9000
    check "a memif client without a server" ix_error 'does not start.*no process listens on the socket.*role=server first' \
        -Dix.device=memif "-Dix.iface=$LOGS/none.sock"
    check "a bad CIDR, prefix" ix_error '10\.18\.0\.2/99' -Dix.address=10.18.0.2/99
    check "a bad CIDR, address" ix_error '"10\.18\.0".*must be' -Dix.address=10.18.0/24
    check "hugepages required, and none" no_hugepages
    check "no DPDK on the machine" without_dpdk
    check "a native library that is not there" ix_error '/nonexistent/libix\.so' -Dix.native.library=/nonexistent/libix.so
    check "more loops than queues, distribution in hardware, tap" ix_error 'distribution is hardware.*lower loops' \
        -Dix.queues=1 -Dix.loops=2 -Dix.distribution=hardware
    check "more loops than queues, distribution in hardware, af_packet" ix_error 'distribution is hardware.*no RSS' \
        -Dix.device=af_packet -Dix.iface=vs -Dix.loops=2 -Dix.distribution=hardware
    if start_server echo 7007; then
        check "a TAP interface that another IX has" ix_error 'ix0.*exists already'
        stop_server
    fi
}

# In a mount namespace of its own, with an overlay that hides DPDK's libraries from the dynamic linker.
without_dpdk() {
    dpdk_directory=$(pkg-config --variable=libdir libdpdk)
    overlay=$LOGS/overlay
    mkdir -p "$overlay"
    cat >"$overlay/hide.sh" <<'SCRIPT'
set -eu
directory=$1
overlay=$2
shift 2
mount -t tmpfs none "$overlay"
mkdir "$overlay/upper" "$overlay/work"
for library in "$directory"/librte_eal.so*; do mknod "$overlay/upper/${library##*/}" c 0 0; done
mount -t overlay none -o "lowerdir=$directory,upperdir=$overlay/upper,workdir=$overlay/work" "$directory" || exit 78
exec "$@"
SCRIPT
    unshare -m sh "$overlay/hide.sh" "$dpdk_directory" "$overlay" true || skip "no overlay file system here to hide DPDK with"
    # shellcheck disable=SC2086 # options are words
    expect_error 'DPDK.*remedy: apt-get install dpdk' unshare -m sh "$overlay/hide.sh" "$dpdk_directory" "$overlay" env IX_HOME="$IX_HOME" IX_NETNS="$NS_S" \
        IX_JAVA_OPTS="${IX_JAVA_OPTS:-} $WIRE_OPTIONS" JAVA_HOME="$JAVA_HOME" \
        sh "$IX_HOME/scripts/e2e/example.sh" echo --transport ix --port 7007
}

no_hugepages() {
    if [ "$(awk '/^HugePages_Free:/ {print $2}' /proc/meminfo)" -gt 0 ]; then skip "this machine has free hugepages"; fi
    ix_error '[Hh]ugepages' -Dix.hugepages=require
}

right_errors() {
    check "no root, by IX itself" as_nobody '[Rr]oot|CAP_|[Pp]ermission|permitted' env IX_HOME="$IX_HOME" JAVA_HOME="$JAVA_HOME" \
        IX_JAVA_OPTS="${IX_JAVA_OPTS:-} $WIRE_OPTIONS" sh "$IX_HOME/scripts/e2e/example.sh" echo --transport ix --port 7007
}

interface_errors() {
    check "an iface that does not exist, af_packet" ix_error 'nosuch0' -Dix.device=af_packet -Dix.iface=nosuch0
    check "an iface that does not exist, af_xdp" ix_error 'nosuch0' -Dix.device=af_xdp -Dix.iface=nosuch0
    if start_server echo 7007; then
        check "an interface that another IX has, af_xdp" ix_error 'remedy: .*another process has the interface' -Dix.device=af_xdp
        stop_server
    fi
}

port_taken() {
    start_server echo 7007 || return 0
    check "a port that is taken" ix_error '[Aa]ddress already in use|taken|in use'
}
