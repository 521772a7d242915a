# shellcheck shell=sh
# Sourced by test.sh: the ways to put IX into a program: module path, class path, relocated (shaded) under other names; with
# and without the grant of native access. memif needs no privilege and goes through DPDK and the shim like any device.

JARS=$IX_HOME/examples/target/lib
SHADED_JAR=$IX_HOME/examples/target/shaded/examples-shaded.jar
DENY=--illegal-native-access=deny

section_loops() {
    section loops "module path, class path and relocation, with and without native access"
    mkdir -p "$LOGS/loops" "$LOGS/loops/shaded"
    check "module path, native access granted, memif" echo_once modules memif --enable-native-access=org.ixnet.dpdk
    check "class path, native access granted, memif" echo_once classes memif --enable-native-access=ALL-UNNAMED
    check "module path, not granted: Java warns of org.ixnet.dpdk" warned modules 'module org\.ixnet\.dpdk'
    check "class path, not granted: Java warns" warned classes 'an unnamed module'
    check "module path, denied" refused modules memif '--enable-native-access=org\.ixnet\.dpdk'
    check "class path, denied" refused classes memif '--enable-native-access=ALL-UNNAMED'
    check "module path, without ix-native, denied" refused pure virtual '--enable-native-access=org\.ixnet\.stack'
    check "module path, without ix-native, granted" echo_once pure virtual --enable-native-access=org.ixnet.stack
    check "org.ixnet and io.netty relocated by maven-shade-plugin" shade
    if [ ! -e "$SHADED_JAR" ]; then return 0; fi
    check "relocated, virtual" echo_once shaded virtual --enable-native-access=ALL-UNNAMED
    check "relocated, memif" echo_once shaded memif --enable-native-access=ALL-UNNAMED
    check "relocated, without the jar of the shim" refused shaded-alone memif 'no DPDK shim.*remedy: put ix-native' --enable-native-access=ALL-UNNAMED
    check "relocated, without META-INF/services" refused shaded-bare memif 'no provider for device|no device provider' --enable-native-access=ALL-UNNAMED
    make_wire tap
    for loops_kind in classes shaded; do
        if start_kind "$loops_kind" 7007; then
            check "kernel client and a server, $loops_kind, net_tap: 16 MiB through echo" python_client bulk "$SERVER_ADDRESS" 7007 --mebibytes 16
            stop_server
        fi
    done
    remove_wire
}

# loops_path KIND: sets LOOPS_OPTIONS (no blanks inside an option but in the path, which comes last) and LOOPS_SOURCE.
loops_path() {
    LOOPS_SOURCE=$IX_HOME/scripts/e2e/loops/EchoOnce.java
    LOOPS_OPTIONS=-cp
    case $1 in
        modules)
            LOOPS_OPTIONS="--add-modules ALL-MODULE-PATH -p"
            LOOPS_PATH=$JARS
            ;;
        pure)
            LOOPS_OPTIONS="--add-modules ALL-MODULE-PATH -p"
            LOOPS_PATH=$(find "$JARS" -name '*.jar' ! -name 'ix-native*' | paste -sd:)
            ;;
        classes) LOOPS_PATH=$(find "$IX_HOME/examples/target" -maxdepth 1 -name 'examples-*.jar'):$JARS/'*' ;;
        shaded) LOOPS_PATH=$SHADED_JAR:$(echo "$JARS"/ix-native-*-linux-*.jar) ;;
        shaded-alone) LOOPS_PATH=$SHADED_JAR ;;
        shaded-bare)
            LOOPS_PATH=$LOGS/loops/bare.jar
            cp "$SHADED_JAR" "$LOOPS_PATH"
            "$PYTHON" - "$SHADED_JAR" "$LOOPS_PATH" <<'PROGRAM'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as full, zipfile.ZipFile(sys.argv[2], "w") as bare:
    for name in full.namelist():
        if not name.startswith("META-INF/services/"):
            bare.writestr(name, full.read(name))
PROGRAM
            ;;
    esac
    case $1 in
        shaded*)
            sed 's/^import \(io\.netty\|org\.ixnet\)/import shaded.\1/' "$LOOPS_SOURCE" >"$LOGS/loops/shaded/EchoOnce.java"
            LOOPS_SOURCE=$LOGS/loops/shaded/EchoOnce.java
            ;;
    esac
}

# run_echo KIND DEVICE JAVA-OPTION...: the program's output is what Java printed, with its warnings.
run_echo() {
    run_kind=$1
    run_device=$2
    shift 2
    loops_path "$run_kind"
    # shellcheck disable=SC2086 # options are words
    timeout -k 5 120 "$JAVA_HOME/bin/java" --sun-misc-unsafe-memory-access=allow "$@" -Dix.device="$run_device" -Dix.iface="$LOGS/loops/socket" \
        -Dix.deviceArgs=role=server -Dix.address=10.77.0.1/24 -Dix.hostAddress= -Dix.hugepages=off -Dix.mbufs=8192 $LOOPS_OPTIONS "$LOOPS_PATH" \
        "$LOOPS_SOURCE" 2>&1 </dev/null
}

# echo_once KIND DEVICE JAVA-OPTION...: it works, and Java has nothing to say about native access of IX.
echo_once() {
    run_echo "$@" >"$LOGS/loops/output" || fail "exit code $?: $(tail -n 1 "$LOGS/loops/output")"
    cat "$LOGS/loops/output"
    ! grep -A2 'restricted method' "$LOGS/loops/output" | grep -q 'ixnet' || fail "Java warns of native access"
    grep 'bytes echoed' "$LOGS/loops/output"
}

# warned KIND REGULAR-EXPRESSION: without the grant it works as well, but Java warns and says which flag is missing.
warned() {
    run_echo "$1" memif >"$LOGS/loops/output" || fail "exit code $?: $(tail -n 1 "$LOGS/loops/output")"
    cat "$LOGS/loops/output"
    grep -q 'bytes echoed' "$LOGS/loops/output" || fail "nothing was echoed"
    grep -E "restricted method|ixnet.*$2" "$LOGS/loops/output" | grep -E "ixnet.*$2" || fail "no warning that names $2"
}

# refused KIND DEVICE REGULAR-EXPRESSION [JAVA-OPTION...]: one clear message.
refused() {
    refused_kind=$1
    refused_device=$2
    refused_expected=$3
    shift 3
    [ $# -gt 0 ] || set -- "$DENY"
    refused_code=0
    run_echo "$refused_kind" "$refused_device" "$@" >"$LOGS/loops/output" || refused_code=$?
    cat "$LOGS/loops/output"
    [ "$refused_code" -eq 1 ] || fail "exit code $refused_code, not 1"
    ! grep -qE '^[[:space:]]+at [a-z].*\(' "$LOGS/loops/output" || fail "a stack trace, not a message"
    grep -E -e "$refused_expected" "$LOGS/loops/output" || fail "no message that matches '$refused_expected'"
}

shade() {
    rm -rf "$IX_HOME/examples/target/shaded"
    maven -q -Pshaded -pl examples -am -Dmaven.test.skip=true package
    touch "$IX_TARGET/built"
    "$PYTHON" - "$SHADED_JAR" <<'PROGRAM'
import sys, zipfile
jar = zipfile.ZipFile(sys.argv[1])
names = jar.namelist()
left = [name for name in names if name.endswith(".class") and name.startswith(("org/ixnet/", "io/netty/"))]
services = [name for name in names if name.startswith("META-INF/services/shaded.org.ixnet.")]
print(len(names), "entries,", len(left), "not relocated;", ", ".join(sorted(services)))
sys.exit(0 if not left and len(services) == 2 else 1)
PROGRAM
}

# start_kind KIND PORT: the echo example from the class path, relocated or not, on the wire.
start_kind() {
    loops_path "$1"
    loops_main=org.ixnet.examples.Main
    [ "$1" = classes ] || loops_main=shaded.$loops_main
    SERVER_LOG=$LOGS/server-$1-$WIRE.log
    # shellcheck disable=SC2086 # options are words
    (exec ip netns exec "$NS_S" "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${IX_JAVA_OPTS:-} \
        $WIRE_OPTIONS -cp "$LOOPS_PATH" "$loops_main" echo --transport ix --port "$2") >"$SERVER_LOG" 2>&1 &
    SERVER_PID=$!
    remember_pid "$SERVER_PID"
    within 30 server_settled "$2" || :
    if ! kill -0 "$SERVER_PID" 2>/dev/null || ! server_answers "$2"; then
        result failed 1 "echo starts on $WIRE, $1" "$(tail -n 1 "$SERVER_LOG" | cut -c 1-200); log: $SERVER_LOG"
        stop_server
        return 1
    fi
}
