#!/bin/sh
# ./ix demo: the memcached example on the embedded default (DPDK net_tap), shown working to a kernel client.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/netns.sh"
. "$IX_HOME/scripts/examples.sh"

usage() {
    cat <<'USAGE'
./ix demo [--check] [--transport ix|epoll|io_uring|nio]

Starts the memcached example on DPDK's net_tap in a network namespace of its own, talks to it from a kernel client, shows
what was said, how long it took and the counters that prove which way the packets went; then keeps serving.

  --check  ends after that, with 0 when everything was as it must be and 1 otherwise
USAGE
}

check=no
transport=ix
while [ $# -gt 0 ]; do
    case $1 in
        --check) check=yes ;;
        --transport)
            [ $# -ge 2 ] || die "--transport needs a value" "one of: ix epoll io_uring nio"
            transport=$2
            shift
            ;;
        --transport=*) transport=${1#*=} ;;
        -h | --help) usage; exit 0 ;;
        *) die "demo: unknown option '$1'" "./ix demo --help" ;;
    esac
    shift
done
case $transport in ix | epoll | io_uring | nio) ;; *) die "there is no transport '$transport'" "one of: ix epoll io_uring nio" ;; esac

ensure_ready
need_namespaces "./ix demo"
begin_run ix-demo
address=10.18.0.2
port=11211
server_netns=$RUN-s
client_netns=$RUN-s
add_netns "$server_netns"
if [ "$transport" != ix ]; then
    client_netns=$RUN-c
    add_netns "$client_netns"
    add_veth "$client_netns" ix0 "$server_netns" ix1
    ip -n "$server_netns" address add "$address/24" dev ix1
    ip -n "$client_netns" address add 10.18.0.1/24 dev ix0
fi

server_log=$RUN_DIR/server.log
report=''
if [ "$transport" = ix ]; then report='--report 1'; fi
(
    IX_NETNS=$server_netns
    # shellcheck disable=SC2086 # two words
    ix_example memcached --transport "$transport" --port "$port" $report
) >"$server_log" 2>&1 &
server_pid=$!
remember_pid "$server_pid"

# Prints the server's words and ends with 1.
give_up() {
    sed 's/^/    server: /' "$server_log" | tail -n 20 >&2
    die "$1" "./ix doctor names what may be missing"
}

server_ready() { in_netns "$client_netns" "$PYTHON" -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close()' "$address" "$port" 2>/dev/null; }

tries=0
until server_ready; do
    kill -0 "$server_pid" 2>/dev/null || give_up "the server did not start"
    tries=$((tries + 1))
    [ "$tries" -lt 150 ] || give_up "the server did not answer within 30 s"
    sleep 0.2
done

# device_packets: packets that the kernel sent to and got from the device, as "sent received".
device_packets() {
    # shellcheck disable=SC2016 # for the inner shell
    in_netns "$client_netns" sh -c 'echo $(cat /sys/class/net/ix0/statistics/tx_packets) $(cat /sys/class/net/ix0/statistics/rx_packets)'
}

say "1. The memcached example serves $address:$port on the transport $transport."
case $transport in
    ix) say "   Its device is DPDK net_tap; the kernel has the other end, ix0 with 10.18.0.1/24, in the namespace $server_netns." ;;
    *) say "   That is the kernel's TCP; the client is at the other end of a veth, in the namespace $client_netns." ;;
esac
packets_before=$(device_packets) || give_up "the device ix0 is not there"

say "2. A kernel client says:"
in_netns "$client_netns" "$PYTHON" "$IX_HOME/scripts/e2e/demo_client.py" "$address" "$port" || give_up "the dialogue went wrong"
ping_result=$(in_netns "$client_netns" ping -q -c 20 -i 0.05 "$address") || give_up "no answer to ping"
say "   ping: $(echo "$ping_result" | tail -n 1)"
packets_after=$(device_packets) || give_up "the device ix0 went away"

say "3. Which way the packets went:"
sent=$((${packets_after% *} - ${packets_before% *}))
received=$((${packets_after#* } - ${packets_before#* }))
say "   the kernel put $sent packets into ix0, and $received came out of it"
if [ "$sent" -lt 2500 ] || [ "$received" -lt 2500 ]; then give_up "fewer packets than the client's 2,500 round trips need"; fi
if [ "$transport" = ix ]; then
    say "   the route to $address: $(in_netns "$client_netns" ip route get "$address" | head -n 1)"
    listeners=$(in_netns "$server_netns" ss -Hltn "sport = :$port" | wc -l)
    say "   sockets of the kernel that listen on port $port in that namespace: $listeners"
    [ "$listeners" -eq 0 ] || give_up "the kernel serves the port, not IX"
    # The kernel itself says who holds the other end of a TAP.
    grep -qs '^iff:[[:space:]]*ix0$' "/proc/$server_pid/fdinfo"/* || give_up "the server does not hold the other end of ix0"
    drivers=$(sed -n 's/.*\/\(librte_net_tap\.so[^ ]*\)$/\1/p' "/proc/$server_pid/maps" | sort -u | head -n 1)
    [ -n "$drivers" ] || give_up "the server has not loaded DPDK's driver net_tap"
    say "   the other end of ix0 is held by the server's process ($server_pid, java), which has DPDK's $drivers loaded"
    # A line a second; the one after the dialogue counts all of it.
    lines=$(grep -c '^ix: ' "$server_log" || :)
    tries=0
    until [ "$(grep -c '^ix: ' "$server_log" || :)" -gt "$lines" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || give_up "IX does not report its counters"
        sleep 0.1
    done
    report=$(grep '^ix: ' "$server_log" | tail -n 1)
    say "   IX's own counters: ${report#ix: }"
    segments=$(echo "$report" | sed -n 's/.*TCP segments in \([0-9]*\),.*/\1/p')
    [ "${segments:-0}" -ge 2500 ] || give_up "IX counted fewer TCP segments than the client's 2,500 round trips need"
fi

if [ "$check" = yes ]; then
    end_run
    say "demo: all as it must be"
    exit 0
fi
say "4. It keeps serving. From another terminal of this machine, as root:"
say "     ip netns exec $client_netns nc $address $port        (then type: stats)$(unless_there nc netcat-openbsd)"
say "     ip netns exec $client_netns ping $address"
say "     ip netns exec $client_netns tcpdump -ni ix0$(unless_there tcpdump tcpdump)"
say "   Ctrl-C ends it and removes the namespace."
wait "$server_pid" || give_up "the server ended"
