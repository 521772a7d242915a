#!/bin/sh
# ./ix soak: the load of the tests again and again, each round on one long-lived server a wire and with another seed.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/netns.sh"
. "$IX_HOME/scripts/examples.sh"
. "$IX_HOME/scripts/e2e/framework.sh"

usage() {
    cat <<'USAGE'
./ix soak [--minutes N] [--seed N]

One echo server on tap, one on af_xdp and one on af_xdp behind a bad wire; round after round of bulk data and many
connections, for N minutes (60). A server that dies, a byte that differs, or memory that grows fails it.
USAGE
}

minutes=60
seed=$(date +%s)
while [ $# -gt 0 ]; do
    case $1 in
        --minutes | --seed)
            case ${2:-} in '' | *[!0-9]*) die "$1 is '${2:-}'; must be a whole number" "./ix soak $1 5" ;; esac
            if [ "$1" = --minutes ]; then minutes=$2; else seed=$2; fi
            shift
            ;;
        -h | --help) usage; exit 0 ;;
        *) die "soak: unknown option '$1'" "./ix soak --help" ;;
    esac
    shift
done

ensure_ready test
begin_report
need_namespaces "./ix soak"
begin_run ix-soak

resident_kilobytes() { awk '/^VmRSS:/ {print $2}' "/proc/$1/status"; }

# soak_wire NAME KIND [FAULTS...]: a third of the time on this wire.
soak_wire() {
    soak_name=$1
    shift
    section soak "$soak_name"
    make_wire "$@"
    if start_server echo 7007; then
        soak_end=$(($(date +%s) + minutes * 20))
        round=0
        resident_early=''
        while [ "$(date +%s)" -lt "$soak_end" ]; do
            round=$((round + 1))
            check "$soak_name, round $round: 100 MiB" python_client bulk "$SERVER_ADDRESS" 7007 --mebibytes 100 --timeout 120
            check "$soak_name, round $round: 500 connections" python_client many "$SERVER_ADDRESS" 7007 --connections 500 --timeout 120
            kill -0 "$SERVER_PID" 2>/dev/null || break
            # The heap has found its size after some rounds.
            if [ "$round" -eq 5 ]; then resident_early=$(resident_kilobytes "$SERVER_PID"); fi
        done
        check "$soak_name: the server lives, its memory did not grow" memory_is_steady "$resident_early"
    fi
    remove_wire
    end_section
}

memory_is_steady() {
    resident_late=$(resident_kilobytes "$SERVER_PID") || fail "the server is gone"
    [ -n "$1" ] || skip "fewer than 5 rounds: too short to tell"
    echo "resident set after round 5: $1 kB, at the end: $resident_late kB"
    [ "$resident_late" -le $(($1 + $1 / 4)) ]
}

soak_wire tap tap
soak_wire af_xdp af_xdp
soak_wire "bad wire (seed $seed)" af_xdp --loss 0.01 --duplicate 0.01 --corrupt 0.01 --reorder 0.02 --seed "$seed"
end_report soak
