# shellcheck shell=sh
# shellcheck disable=SC2034 # what a wire or server sets is used by the sections
# Sourced by test.sh: checks that are counted, the wires that they run on, and the servers on those wires.
#
#   check NAME COMMAND...    runs the command (often a function) in a subshell with `set -e`; 0 passed, 77 skipped,
#                            anything else failed; the last line of its output goes into the report
#   RESULTS                  one line a result: section, state, count, name, detail (tab separated); and one with the state
#                            `time` for what a section took, its count is seconds

SKIPPED=77
TAB=$(printf "\t")

begin_report() {
    report_started=$(date +%s)
    LOGS=$IX_TARGET/logs
    RESULTS=$IX_TARGET/results
    # Devices that carried packets in this run, and how; printed with the summary.
    EXERCISED=$IX_TARGET/exercised
    rm -rf "$LOGS"
    mkdir -p "$LOGS"
    : >"$RESULTS"
    : >"$EXERCISED"
}

# count STATE
count() { awk -F '\t' -v state="$1" '$2 == state { sum += $3 } END { print sum + 0 }' "$RESULTS"; }

# end_report SECTION...: the summary; fails when something failed, and when nothing was tested at all.
end_report() {
    printf '\n== summary\n'
    for report_section in "$@"; do
        awk -F '\t' -v section="$report_section" '
            $1 == section { sum[$2] += $3 }
            END { printf "  %-9s %4d passed, %d failed, %3d skipped, %4d s\n", section, sum["passed"], sum["failed"], sum["skipped"], sum["time"] }' "$RESULTS"
    done
    if [ -s "$EXERCISED" ]; then
        say "  DPDK devices that carried packets in this run:"
        sort -u "$EXERCISED" | sed 's/^/    /'
    fi
    awk -F '\t' '
        $2 == "failed" { printf "  failed:  %s: %s: %s\n", $1, $4, $5 }
        $2 == "skipped" { printf "  skipped: %s: %s: %s\n", $1, $4, $5 }' "$RESULTS"
    report_failed=$(count failed)
    say "  $(($(date +%s) - report_started)) s; logs in ${LOGS#"$IX_HOME/"}"
    say "$(count passed) passed, $report_failed failed, $(count skipped) skipped"
    [ "$report_failed" -eq 0 ] && [ "$(count passed)" -gt 0 ]
}

section() {
    SECTION=$1
    section_started=$(date +%s)
    printf '\n== %s: %s\n' "$1" "$2"
}

end_section() { printf '%s\ttime\t%s\t\t\n' "$SECTION" "$(($(date +%s) - section_started))" >>"$RESULTS"; }

# result STATE COUNT NAME DETAIL
result() {
    printf '%s\t%s\t%s\t%s\t%s\n' "$SECTION" "$1" "$2" "$3" "$4" >>"$RESULTS"
    case $1 in
        passed) result_mark='  ok  ' ;;
        failed) result_mark='  FAIL' ;;
        skipped) result_mark='  skip' ;;
    esac
    printf '%s %s%s\n' "$result_mark" "$3" "${4:+: $4}"
}

check() {
    check_name=$1
    shift
    check_number=$((${check_number:-0} + 1))
    CHECK_LOG=$LOGS/$check_number-$(printf '%s' "$check_name" | tr -cs 'A-Za-z0-9' '-' | cut -c 1-60).log
    check_started=$(date +%s)
    set +e
    (
        set -e
        "$@"
    ) >"$CHECK_LOG" 2>&1
    check_code=$?
    set -e
    check_detail=$(sed '/^[[:space:]]*$/d' "$CHECK_LOG" | tail -n 1 | cut -c 1-200)
    case $check_code in
        0) result passed 1 "$check_name" "$check_detail ($(($(date +%s) - check_started)) s)" ;;
        "$SKIPPED") result skipped 1 "$check_name" "$check_detail" ;;
        *) result failed 1 "$check_name" "exit code $check_code: $check_detail; log: $CHECK_LOG" ;;
    esac
}

skip() {
    echo "$*"
    exit "$SKIPPED"
}

# fail WHAT: ends a check.
fail() {
    echo "$*"
    exit 1
}

# within SECONDS COMMAND...: tries the command until it succeeds.
within() {
    within_end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$within_end" ] || return 1
        sleep 0.2
    done
}

# --- wires -----------------------------------------------------------------------------------------------------------
# A wire is a namespace with the server (NS_S), one with the kernel client (NS_C), and SERVER_ADDRESS.
#
#   tap        NS_C veth -- veth NS_S: the kernel of NS_S routes -- TAP of DPDK net_tap -- IX
#   af_xdp     NS_C veth -- veth in NS_S, taken by DPDK net_af_xdp -- IX
#   af_packet  the same with net_af_packet
#   kernel     the same, the server on the kernel's TCP: the peer to compare with
#
# A fourth argument puts wire.py, in a namespace of its own (NS_W), between the two ends of the veth.

SERVER_ADDRESS=10.18.0.2
WIRE_NUMBER=0

# make_wire KIND [FAULTS-OF-WIRE.PY...]
make_wire() {
    WIRE=$1
    shift
    WIRE_NUMBER=$((WIRE_NUMBER + 1))
    NS_S=$RUN-$WIRE_NUMBER-s
    NS_C=$RUN-$WIRE_NUMBER-c
    NS_W=$RUN-$WIRE_NUMBER-w
    WIRE_PID=''
    CLIENT_ADDRESS=10.18.0.1
    add_netns "$NS_S"
    add_netns "$NS_C"
    if [ $# -eq 0 ]; then
        add_veth "$NS_S" vs "$NS_C" vc
    else
        add_netns "$NS_W"
        add_veth "$NS_S" vs "$NS_W" ws
        add_veth "$NS_C" vc "$NS_W" wc
        # exec: so that $! is the wire itself and not a shell around it.
        (exec ip netns exec "$NS_W" "$PYTHON" "$IX_HOME/scripts/e2e/wire.py" ws wc "$@") >"$LOGS/wire-$WIRE_NUMBER.log" 2>&1 &
        WIRE_PID=$!
        remember_pid "$WIRE_PID"
        within 10 grep -q ready "$LOGS/wire-$WIRE_NUMBER.log" || die "the wire does not start: $(tail -n 1 "$LOGS/wire-$WIRE_NUMBER.log")"
    fi
    case $WIRE in
        tap)
            CLIENT_ADDRESS=10.18.1.2
            ip -n "$NS_S" address add 10.18.1.1/24 dev vs
            ip -n "$NS_C" address add 10.18.1.2/24 dev vc
            ip -n "$NS_C" route add default via 10.18.1.1
            in_netns "$NS_S" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
            WIRE_OPTIONS="-Dix.device=tap -Dix.iface=ix0 -Dix.address=$SERVER_ADDRESS/24 -Dix.hostAddress=10.18.0.1/24 -Dix.gateway=10.18.0.1"
            WIRE_TRANSPORT=ix
            ;;
        af_xdp | af_packet)
            ip -n "$NS_C" address add 10.18.0.1/24 dev vc
            WIRE_OPTIONS="-Dix.device=$WIRE -Dix.iface=vs -Dix.address=$SERVER_ADDRESS/24"
            WIRE_TRANSPORT=ix
            ;;
        kernel)
            ip -n "$NS_C" address add 10.18.0.1/24 dev vc
            ip -n "$NS_S" address add "$SERVER_ADDRESS/24" dev vs
            WIRE_OPTIONS=''
            WIRE_TRANSPORT=${IX_TEST_KERNEL_TRANSPORT:-epoll}
            ;;
        *) die "unknown wire '$WIRE'" "one of: tap af_xdp af_packet kernel" ;;
    esac
}

# wire_faults: ends the impairing wire, prints what it did and fails unless it did something of each kind named.
wire_faults() {
    echo "$WIRE_PID $(start_time "$WIRE_PID")" | end_processes
    within 5 grep -q frames "$LOGS/wire-$WIRE_NUMBER.log" || fail "the wire printed no counts"
    "$PYTHON" - "$LOGS/wire-$WIRE_NUMBER.log" "$@" <<'PROGRAM'
import json, sys
counts = json.loads(open(sys.argv[1]).read().splitlines()[-1])
print(", ".join(f"{name} {count}" for name, count in counts.items()))
sys.exit(0 if all(counts[name] > 0 for name in sys.argv[2:]) else 1)
PROGRAM
}

remove_wire() {
    stop_server
    if [ -n "$WIRE_PID" ]; then stop_process "$WIRE_PID"; fi
    for remove_netns in "$NS_S" "$NS_C" "$NS_W"; do
        if [ -e "/run/netns/$remove_netns" ]; then ip netns delete "$remove_netns"; fi
    done
}

in_client() { in_netns "$NS_C" "$@"; }
in_server() { in_netns "$NS_S" "$@"; }

# python_client SCRIPT ARGUMENT...: a script of this directory in the client's namespace.
python_client() {
    python_script=$1
    shift
    in_client "$PYTHON" "$IX_HOME/scripts/e2e/$python_script.py" "$@"
}

# --- servers ---------------------------------------------------------------------------------------------------------

SERVER_PID=''

# launch_server EXAMPLE PORT [OPTION...]: starts it in the background on the wire; sets SERVER_PID and SERVER_LOG.
# SERVER_JAVA_OPTIONS come last, so that a case can override what the wire set.
launch_server() {
    SERVER_NUMBER=$((${SERVER_NUMBER:-0} + 1))
    SERVER_LOG=$LOGS/server-$SERVER_NUMBER-$1-$WIRE.log
    (
        launch_example=$1
        launch_port=$2
        shift 2
        IX_NETNS=$NS_S
        IX_JAVA_OPTS="${IX_JAVA_OPTS:-} $WIRE_OPTIONS ${SERVER_JAVA_OPTIONS:-}"
        ix_example "$launch_example" --transport "$WIRE_TRANSPORT" --port "$launch_port" "$@"
    ) >"$SERVER_LOG" 2>&1 &
    SERVER_PID=$!
    remember_pid "$SERVER_PID"
}

# start_server EXAMPLE PORT [OPTION...]: and waits until its port answers a client; a failure is a result of its own.
start_server() {
    server_port=$2
    launch_server "$@"
    within 30 server_settled "$server_port" || :
    if ! kill -0 "$SERVER_PID" 2>/dev/null || ! server_answers "$server_port"; then
        result failed 1 "$1 starts on $WIRE" "$(tail -n 1 "$SERVER_LOG" | cut -c 1-200); log: $SERVER_LOG"
        stop_server
        return 1
    fi
}

# It answers, or it is gone and there is nothing to wait for.
server_settled() { ! kill -0 "$SERVER_PID" 2>/dev/null || server_answers "$1"; }

server_answers() {
    in_client "$PYTHON" -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close()' \
        "$SERVER_ADDRESS" "$1" 2>/dev/null
}

stop_server() {
    [ -n "$SERVER_PID" ] || return 0
    stop_process "$SERVER_PID"
    SERVER_PID=''
}
