# shellcheck shell=sh
# Sourced: everything that a run creates outside its clone (namespaces, interfaces in them, processes, DPDK runtime
# files) is written down under $IX_STATE/runs/NAME first, so that it can be removed on exit, on Ctrl-C, and, after a
# kill -9, by the next start of any ./ix.
#
#   $IX_STATE/runs/NAME/owner   "PID START-TIME" of the launcher that owns the run
#                      netns    a namespace a line
#                      pids     "PID START-TIME" a line
#                      files    a file or directory a line
#
# A process id alone may have been reused; together with its start time (clock ticks since boot) it is unique.

IX_RUNS=$IX_STATE/runs

# start_time PID: empty when there is no such process.
start_time() {
    # Field 22 of /proc/PID/stat; the second one, the name, may hold spaces, so count from its closing bracket.
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# alive PID START-TIME: that very process is there and not a zombie.
alive() {
    [ -n "$2" ] && [ "$(start_time "$1")" = "$2" ] && [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -c 1)" != Z ]
}

# begin_run NAME: takes NAME, or NAME-2, NAME-3 ... when another live ./ix has it; sets RUN and RUN_DIR.
begin_run() {
    remove_stale_runs
    mkdir -p "$IX_RUNS"
    run_number=1
    RUN=$1
    until take_run_name; do
        [ -w "$IX_RUNS" ] || die "cannot write $IX_RUNS" "run as root, or set IX_STATE to a directory of yours"
        run_number=$((run_number + 1))
        RUN=$1-$run_number
    done
    RUN_DIR=$IX_RUNS/$RUN
    echo "$$ $(start_time $$)" >"$RUN_DIR/owner"
    : >"$RUN_DIR/netns"
    : >"$RUN_DIR/pids"
    : >"$RUN_DIR/files"
    trap end_run EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# The name is free when neither a run nor a namespace (of an ./ix with another IX_STATE) has it.
take_run_name() {
    for taken_netns in /run/netns/"$RUN" /run/netns/"$RUN"-[0-9a-z]; do
        [ ! -e "$taken_netns" ] || return 1
    done
    mkdir "$IX_RUNS/$RUN" 2>/dev/null
}

end_run() {
    trap '' HUP INT TERM
    trap - EXIT
    [ -z "${RUN_DIR:-}" ] || remove_run "$RUN_DIR"
}

remember_pid() { echo "$1 $(start_time "$1")" >>"$RUN_DIR/pids"; }
remember_file() { echo "$1" >>"$RUN_DIR/files"; }

# Runs whose owner is gone. A run that has no owner file yet is just being made, or was killed in that very moment:
# it is left alone for a minute.
remove_stale_runs() {
    for stale_dir in "$IX_RUNS"/*/; do
        [ -d "$stale_dir" ] || continue
        stale_dir=${stale_dir%/}
        if read -r stale_pid stale_start 2>/dev/null <"$stale_dir/owner"; then
            alive "$stale_pid" "$stale_start" && continue
        elif [ -z "$(find "$stale_dir" -maxdepth 0 -mmin +1)" ]; then
            continue
        fi
        note "removing what an earlier run left behind: ${stale_dir##*/}"
        remove_run "$stale_dir"
    done
}

# remove_run DIR: processes first (TERM, then KILL), so that a server can release its device.
remove_run() {
    if [ -e "$1/pids" ]; then end_processes <"$1/pids"; fi
    if [ -e "$1/netns" ]; then
        while read -r remove_name; do
            [ -e "/run/netns/$remove_name" ] || continue
            # Whatever still runs in a namespace of ours is ours, the tree under a killed launcher included.
            for remove_pid in $(ip netns pids "$remove_name" 2>/dev/null); do
                echo "$remove_pid $(start_time "$remove_pid")"
            done | end_processes
            ip netns delete "$remove_name" || note "could not delete namespace $remove_name"
        done <"$1/netns"
    fi
    if [ -e "$1/files" ]; then
        while read -r remove_name; do rm -rf -- "$remove_name"; done <"$1/files"
    fi
    rm -rf -- "$1"
}

# end_processes: reads "PID START-TIME" lines; TERM, up to 5 s of grace, KILL.
end_processes() {
    end_list=$(cat)
    [ -n "$end_list" ] || return 0
    echo "$end_list" | while read -r end_pid end_start; do
        if alive "$end_pid" "$end_start"; then kill -TERM "$end_pid" 2>/dev/null || :; fi
    done
    end_tries=0
    while [ "$end_tries" -lt 50 ]; do
        end_left=$(echo "$end_list" | while read -r end_pid end_start; do
            if alive "$end_pid" "$end_start"; then echo "$end_pid"; fi
        done)
        [ -n "$end_left" ] || return 0
        sleep 0.1
        end_tries=$((end_tries + 1))
    done
    echo "$end_list" | while read -r end_pid end_start; do
        if alive "$end_pid" "$end_start"; then kill -KILL "$end_pid" 2>/dev/null || :; fi
    done
}

# stop_process PID: ends one process that this shell started, and waits for it.
stop_process() {
    echo "$1 $(start_time "$1")" | end_processes
    wait "$1" 2>/dev/null || :
}

# need_namespaces: network namespaces can be made here, or a clear end.
need_namespaces() {
    is_root || die "$1 needs root: it makes network namespaces and a network device" "sudo ./ix ${1#./ix }"
    have ip || die "no ip command" "./ix setup"
}

# add_netns NAME: a namespace with its loopback up.
add_netns() {
    echo "$1" >>"$RUN_DIR/netns"
    ip netns add "$1" || die "cannot make the network namespace $1" "root with CAP_SYS_ADMIN is needed; in a container: --privileged"
    ip -n "$1" link set lo up
    # Else the kernel answers about one datagram a second to a closed port, and who waits for the refusal waits for ever.
    ip netns exec "$1" sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
}

# in_netns NAME COMMAND...
in_netns() {
    netns_name=$1
    shift
    ip netns exec "$netns_name" "$@"
}

# add_veth NETNS-A DEVICE-A NETNS-B DEVICE-B: a pair, up, with no offload: a checksum or a segment that is left to a
# device that is not there would make the tests mean nothing.
add_veth() {
    ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
    for veth_end in "$1 $2" "$3 $4"; do
        # shellcheck disable=SC2086 # two words
        set -- $veth_end
        in_netns "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >/dev/null 2>&1 || :
        in_netns "$1" sh -c "echo 1 >/proc/sys/net/ipv6/conf/$2/disable_ipv6" 2>/dev/null || :
        ip -n "$1" link set "$2" up
    done
}
