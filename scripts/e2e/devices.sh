# shellcheck shell=sh
# Sourced by test.sh: each DPDK device carries real packets between IX and another party.

exercised() { printf '%s\n' "$1" >>"$EXERCISED"; }

section_devices() {
    section devices "each DPDK device carries packets"
    for device in tap af_xdp af_packet; do
        make_wire "$device"
        device_failures=$(grep -c "${TAB}failed${TAB}" "$RESULTS" || :)
        if start_server echo 7007; then
            check "net_$device: ping" answers_ping
            check "net_$device: a port without listener answers RST" python_client refused "$SERVER_ADDRESS" 9
            check "net_$device: 32 MiB through echo" python_client bulk "$SERVER_ADDRESS" 7007 --mebibytes 32
            check "net_$device: the packets did not go through the kernel's TCP" kernel_has_no_listener 7007
            if [ "$(grep -c "${TAB}failed${TAB}" "$RESULTS" || :)" = "$device_failures" ]; then
                exercised "net_$device: IX with a kernel client in another namespace"
            fi
        fi
        remove_wire
    done
    if [ ! -e "$LOGS/maven-verify.log" ]; then
        # shellcheck source=scripts/e2e/unit.sh
        . "$IX_HOME/scripts/e2e/unit.sh"
        run_maven maven-verify "mvn test of devices" verify -pl examples -am '-Dtest=org.ixnet.dpdk.*Test,TwoDataplanesTest' \
            -Dsurefire.failIfNoSpecifiedTests=false
    fi
    check "net_memif: two dataplanes in two processes, 1 B to 8 MB to and fro" dataplanes_over_memif
    check "./ix bench: Netty over memif in two processes, and the server allocates nothing" bench_runs
    for device in memif ring; do
        check "net_$device: frames between two ports of DPDK" in_tests DEVICE "$device" "two ports in the tests of ix-native"
        check "net_$device: TCP between two dataplanes" in_tests DATAPLANES "$device" "IX with IX, in the tests of examples"
    done
}

# An IX server and an IX client in processes of their own, TCP between them, without a kernel in the way: no namespace either.
dataplanes_over_memif() {
    memif_options="-Dix.device=memif -Dix.iface=$LOGS/memif.socket -Dix.hostAddress= -Dix.hugepages=off -Dix.mbufs=8192"
    NS_S=''
    WIRE=memif
    WIRE_TRANSPORT=ix
    WIRE_OPTIONS="$memif_options -Dix.deviceArgs=role=server -Dix.address=10.77.0.1/24"
    launch_server echo 7007 --loops 1
    within 30 memif_settled || :
    memif_code=0
    # shellcheck disable=SC2086 # options are words
    timeout -k 5 120 "$JAVA_HOME/bin/java" "@$IX_TARGET/examples.args" $memif_options -Dix.deviceArgs=role=client -Dix.address=10.77.0.2/24 \
        "$IX_HOME/scripts/e2e/dataplanes/ToAndFro.java" 10.77.0.1 7007 </dev/null || memif_code=$?
    stop_server
    [ "$memif_code" -eq 0 ] || fail "the client ended with $memif_code; the server said: $(tail -n 1 "$SERVER_LOG")"
    exercised "net_memif: IX with IX, two processes"
}

# It listens, or it is gone and there is nothing to wait for.
memif_settled() { ! kill -0 "$SERVER_PID" 2>/dev/null || grep -q '^listening' "$SERVER_LOG"; }

# The benchmarks' own way to start processes, and one of their rows that no machine's speed changes.
bench_runs() {
    # A lock of its own: the rate does not matter, so that a bench beside these tests is no reason to refuse it.
    IX_JAVA_OPTS="${IX_JAVA_OPTS:-} -Dix.bench.lock=$LOGS/bench.lock" timeout -k 5 180 "$IX_HOME/ix" bench cpu --quick --runs 1 --wire memif --transport ix --json "$LOGS/bench.json"
    "$PYTHON" - "$LOGS/bench.json" <<'PROGRAM'
import json, sys
rows = {(row["metric"], row["params"].get("load"), row["params"].get("side")): row["median"] for row in json.load(open(sys.argv[1]))}
rate = rows["requests_per_second", "saturated", None]
allocated = rows["bytes_allocated_per_message", "saturated", "server"]
print(f"{allocated:.3f} B allocated a message")
sys.exit(0 if rate > 0 and allocated < 0.5 else 1)
PROGRAM
}

# in_tests WHAT KIND HOW: tests say on their output which devices carried frames or TCP, or why one did not.
in_tests() {
    device_says=$(grep -ho "IX-$1 [a-z]* $2.*" "$LOGS/maven-verify.log" | sort -u | head -n 1)
    case $device_says in
        "IX-$1 exercised $2"*)
            exercised "net_$2: $3"
            echo "$device_says"
            ;;
        "IX-$1 skipped $2"*) skip "${device_says#*: }" ;;
        *) fail "the tests do not mention net_$2" ;;
    esac
}

answers_ping() {
    # The first one may wait for ARP; of the others none may be lost.
    in_client ping -q -c 1 -W 2 "$SERVER_ADDRESS" >/dev/null || :
    in_client ping -q -c 20 -i 0.05 -W 2 "$SERVER_ADDRESS" >"$LOGS/ping"
    tail -n 1 "$LOGS/ping"
    grep -q ' 0% packet loss' "$LOGS/ping"
}

kernel_has_no_listener() {
    kernel_listeners=$(in_server ss -Hltn "sport = :$1" | wc -l)
    echo "$kernel_listeners kernel sockets listen on port $1 in the server's namespace"
    [ "$kernel_listeners" -eq 0 ]
}
