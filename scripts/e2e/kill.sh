# shellcheck shell=sh
# Sourced by test.sh: hard ends of client, server and launcher. Whatever a run made is gone afterwards: namespaces (and so
# their interfaces), processes, files of hugepages and of DPDK, and its record.

section_kill() {
    section kill "kill -9, Ctrl-C, second starts: nothing is left behind"
    make_wire tap
    # Five retransmissions instead of Linux' fifteen: 13 seconds instead of 15 minutes until a silent peer is given up.
    # shellcheck disable=SC2034 # read by start_server
    SERVER_JAVA_OPTIONS=-Dix.tcp.retries=5
    if start_server memcached 11211; then
        check "a client that was killed is let go" killed_client_is_let_go
        check "a client that vanished is reaped" vanished_client_is_reaped
    fi
    remove_wire
    unset SERVER_JAVA_OPTIONS
    check "kill -9 of the server: ./ix run ends with 1, nothing left" killed_server
    check "kill -9 of ./ix run: the next start removes what it left" killed_launcher
    check "kill -9 of both" killed_both
    check "Ctrl-C: ./ix run ends with 130, nothing left" interrupted
    check "Ctrl-C on ./ix demo" interrupted_demo
    check "a second ./ix run beside the first: both serve" second_start
    check "./ix run again at once" start_again
}

# --- clients -----------------------------------------------------------------------------------------------------------

# open_connections: what memcached counts, the asking connection left out.
open_connections() {
    open_count=$(in_client "$PYTHON" - "$SERVER_ADDRESS" <<'PROGRAM'
import re, socket, sys
connection = socket.create_connection((sys.argv[1], 11211), 5)
connection.sendall(b"stats\r\n")
answer = b""
while not answer.endswith(b"END\r\n"):
    answer += connection.recv(65536) or sys.exit("closed")
print(int(re.search(rb"STAT curr_connections (\d+)", answer).group(1)))
PROGRAM
    )
    echo $((open_count - OPEN_BASE))
}

has_open_connections() { [ "$(open_connections)" -eq "$1" ]; }

# hold_connections HOW-MANY SOURCE-ADDRESS: a background client, which on SIGUSR1 asks for something on each; sets HOLDER.
hold_connections() {
    cat >"$LOGS/hold.py" <<'PROGRAM'
import signal, socket, sys
count, server, source = int(sys.argv[1]), sys.argv[2], sys.argv[3]
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
held = [socket.create_connection((server, 11211), 5, source_address=(source, 0)) for _ in range(count)]
for connection in held:
    connection.sendall(b"version\r\n")
    connection.recv(100)
print("holding", flush=True)
signal.sigwait({signal.SIGUSR1})
for connection in held:
    connection.sendall(b"version\r\n")
print("asked", flush=True)
signal.pause()
PROGRAM
    : >"$LOGS/hold"
    (exec ip netns exec "$NS_C" "$PYTHON" "$LOGS/hold.py" "$1" "$SERVER_ADDRESS" "$2") >"$LOGS/hold" 2>&1 &
    HOLDER=$!
    remember_pid "$HOLDER"
    within 20 grep -q holding "$LOGS/hold" || fail "the client does not get its connections: $(tail -n 1 "$LOGS/hold")"
}

killed_client_is_let_go() {
    OPEN_BASE=0
    OPEN_BASE=$(open_connections)
    hold_connections 20 "$CLIENT_ADDRESS"
    has_open_connections 20 || fail "the server counts $(open_connections) connections, not 20"
    kill -KILL "$HOLDER"
    within 10 has_open_connections 0 || fail "$(open_connections) connections still open 10 s after the kill"
    echo "20 connections, all let go"
}

# Answers stop reaching the client; it asks once more; then nothing of it is heard again, neither ACK, FIN nor RST.
vanished_client_is_reaped() {
    OPEN_BASE=0
    OPEN_BASE=$(open_connections)
    ip -n "$NS_C" address add 10.18.1.9/24 dev vc
    hold_connections 5 10.18.1.9
    has_open_connections 5 || fail "the server counts $(open_connections) connections, not 5"
    in_client nft -f - <<'RULES'
table ip vanish {
    chain in { type filter hook prerouting priority -300; ip daddr 10.18.1.9 drop; }
    chain out { type filter hook output priority -300; }
}
RULES
    kill -USR1 "$HOLDER"
    within 5 grep -q asked "$LOGS/hold" || fail "the client did not ask"
    sleep 0.5
    in_client nft add rule ip vanish out ip saddr 10.18.1.9 drop
    kill -KILL "$HOLDER"
    has_open_connections 5 || fail "the server heard of the end; the test proves nothing"
    vanish_started=$(date +%s)
    within 60 has_open_connections 0 || fail "$(open_connections) of 5 connections still open 60 s after their client vanished"
    echo "5 connections, reaped after $(($(date +%s) - vanish_started)) s"
}

# --- launchers ---------------------------------------------------------------------------------------------------------

# start_run: ./ix run echo in the background, until it serves; sets RUN_PID, RUN_NAME and the record of what it made.
start_run() {
    (exec "$IX_HOME/ix" run echo --port 7007) >"$CHECK_LOG.run" 2>&1 &
    RUN_PID=$!
    remember_pid "$RUN_PID"
    within 20 find_run || fail "./ix run made no record: $(tail -n 1 "$CHECK_LOG.run")"
    within 30 run_serves || fail "./ix run does not serve: $(tail -n 1 "$CHECK_LOG.run")"
    RECORD_NETNS=$(cat "$IX_RUNS/$RUN_NAME/netns")
    RECORD_PIDS=$(cat "$IX_RUNS/$RUN_NAME/owner" "$IX_RUNS/$RUN_NAME/pids")
    SERVER_OF_RUN=$(head -n 1 "$IX_RUNS/$RUN_NAME/pids" | cut -d ' ' -f 1)
}

find_run() {
    for find_owner in "$IX_RUNS"/*/owner; do
        read -r find_pid _ <"$find_owner" || continue
        if [ "$find_pid" = "$RUN_PID" ]; then
            RUN_NAME=$(basename "$(dirname "$find_owner")")
            return 0
        fi
    done
    return 1
}

run_serves() {
    in_netns "$RUN_NAME-s" "$PYTHON" -c '
import socket
c = socket.create_connection(("10.18.0.2", 7007), 1)
c.sendall(b"hello")
assert c.recv(5, socket.MSG_WAITALL) == b"hello"' 2>/dev/null
}

# dpdk_files: what DPDK may leave on disk, hugepages included.
dpdk_files() {
    for dpdk_mount in /var/run/dpdk $(awk '$3 == "hugetlbfs" { print $2 }' /proc/mounts); do
        if [ -d "$dpdk_mount" ]; then find "$dpdk_mount" -mindepth 1; fi
    done
}

# nothing_left: of the run that start_run recorded.
nothing_left() {
    for left_netns in $RECORD_NETNS; do
        [ ! -e "/run/netns/$left_netns" ] || { echo "namespace $left_netns is still there"; return 1; }
    done
    [ ! -e "$IX_RUNS/$RUN_NAME" ] || { echo "record $RUN_NAME is still there"; return 1; }
    echo "$RECORD_PIDS" | {
        while read -r left_pid left_start; do
            if alive "$left_pid" "$left_start"; then echo "process $left_pid is still there"; exit 1; fi
        done
    } || return 1
    for left_device in /sys/class/net/ix*; do
        [ ! -e "$left_device" ] || { echo "interface ${left_device##*/} is in the machine's own namespace"; return 1; }
    done
    left_files=$(dpdk_files)
    [ "$left_files" = "$FILES_BEFORE" ] || { echo "files of DPDK: $left_files"; return 1; }
    echo "no namespace, interface, process, file or record left"
}

# A child of this shell stays a zombie until it is waited for; alive knows.
process_gone() { ! alive "$1" "$(start_time "$1")"; }

killed_server() {
    FILES_BEFORE=$(dpdk_files)
    start_run
    kill -KILL "$SERVER_OF_RUN"
    within 15 process_gone "$RUN_PID" || fail "./ix run goes on without its server"
    nothing_left
}

killed_launcher() {
    FILES_BEFORE=$(dpdk_files)
    start_run
    kill -KILL "$RUN_PID"
    sleep 0.5
    [ -e "/run/netns/$RUN_NAME-s" ] || fail "the namespace is gone already; the test proves nothing"
    remove_stale_runs
    nothing_left
}

killed_both() {
    FILES_BEFORE=$(dpdk_files)
    start_run
    kill -KILL "$RUN_PID" "$SERVER_OF_RUN"
    sleep 0.5
    remove_stale_runs
    nothing_left
}

interrupted() {
    FILES_BEFORE=$(dpdk_files)
    interrupt_code=0
    "$PYTHON" "$IX_HOME/scripts/e2e/ctrl_c.py" "listening on" 15 "$IX_HOME/ix" run echo --port 7007 >"$LOGS/interrupted" 2>&1 || interrupt_code=$?
    cat "$LOGS/interrupted"
    [ "$interrupt_code" -eq 130 ] || fail "exit code $interrupt_code, not 130: $(tail -n 1 "$LOGS/interrupted")"
    RUN_NAME=$(sed -n 's/.*ip netns exec \(.*\)-s nc .*/\1/p' "$LOGS/interrupted")
    RECORD_NETNS=$RUN_NAME-s
    RECORD_PIDS=''
    nothing_left
}

interrupted_demo() {
    FILES_BEFORE=$(dpdk_files)
    interrupt_code=0
    "$PYTHON" "$IX_HOME/scripts/e2e/ctrl_c.py" "Ctrl-C ends it" 15 "$IX_HOME/ix" demo >"$LOGS/interrupted" 2>&1 || interrupt_code=$?
    cat "$LOGS/interrupted"
    [ "$interrupt_code" -eq 130 ] || fail "exit code $interrupt_code, not 130: $(tail -n 1 "$LOGS/interrupted")"
    RUN_NAME=$(sed -n 's/.*ip netns exec \(.*\)-s nc .*/\1/p' "$LOGS/interrupted")
    RECORD_NETNS=$RUN_NAME-s
    RECORD_PIDS=''
    nothing_left
}

second_start() {
    FILES_BEFORE=$(dpdk_files)
    start_run
    first_pid=$RUN_PID
    first_name=$RUN_NAME
    first_netns=$RECORD_NETNS
    first_pids=$RECORD_PIDS
    start_run
    second_name=$RUN_NAME
    run_serves || fail "the second does not serve"
    RUN_NAME=$first_name
    run_serves || fail "the first does not serve any more"
    grep -q "another terminal:  ip netns exec $second_name-s nc 10.18.0.2 7007" "$CHECK_LOG.run" ||
        fail "the second does not say how to reach it: $(cat "$CHECK_LOG.run")"
    kill -TERM "$first_pid" "$RUN_PID"
    within 20 process_gone "$first_pid" || fail "the first does not end"
    within 20 process_gone "$RUN_PID" || fail "the second does not end"
    nothing_left
    RUN_NAME=$second_name
    RECORD_NETNS=$first_netns
    RECORD_PIDS=$first_pids
    nothing_left
    echo "$first_name and $second_name served side by side; nothing left of either"
}

start_again() {
    FILES_BEFORE=$(dpdk_files)
    for again in 1 2; do
        start_run
        kill -TERM "$RUN_PID"
        within 20 process_gone "$RUN_PID" || fail "run $again does not end"
        nothing_left || fail "after run $again"
    done
}
