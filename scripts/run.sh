#!/bin/sh
# ./ix run: one of the example servers, in a network namespace of its own.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/netns.sh"
. "$IX_HOME/scripts/examples.sh"

usage() {
    cat <<'USAGE'
./ix run EXAMPLE [--transport ix|epoll|io_uring|nio] [--here] [--ix KEY=VALUE...] [OPTION...]

Starts memcached, echo or http and serves until Ctrl-C. The transport is ix unless said otherwise. Everything happens in
a network namespace made for it, with the address 10.18.0.2 for the server and 10.18.0.1 for the kernel's side.

  --here          in the network namespace of the caller instead; implied by --ix device=af_xdp|af_packet, which name an
                  interface that is there, and by the kernel's transports without root
  --ix KEY=VALUE  configuration of IX, for example --ix device=af_xdp --ix iface=eth1 --ix address=192.0.2.7/24
                  (-Dix.KEY=VALUE does the same)
  OPTION          is handed to the example; ./ix run EXAMPLE --help lists them

IX_JAVA_OPTS: further options of Java. IX_JAVA_HOME: the JDK to use.
USAGE
}

case ${1:-} in
    '' | -h | --help) usage; [ $# -gt 0 ] || exit 1; exit 0 ;;
esac
example=$1
shift
is_example "$example" || die "there is no example '$example'" "one of: $EXAMPLES"

# ix_setting KEY=VALUE: what the launcher itself has to know of the configuration.
ix_setting() {
    case $1 in
        device=*) device=${1#*=} ;;
        iface=*) interface=${1#*=} ;;
    esac
}

transport=ix
here=no
device=tap
interface=''
help=no
java_definitions=''
count=$#
previous=''
# Each argument is taken from the front and, unless it is the launcher's, put back at the end.
while [ "$count" -gt 0 ]; do
    argument=$1
    shift
    count=$((count - 1))
    case $previous in
        --transport) transport=$argument ;;
        --ix) ix_setting "$argument" ;;
    esac
    previous=$argument
    case $argument in
        --here) here=yes; continue ;;
        --transport=*) transport=${argument#*=} ;;
        --ix=*) ix_setting "${argument#*=}" ;;
        -Dix.*) ix_setting "${argument#-Dix.}" ;;
        -h | --help) help=yes ;;
    esac
    case $argument in
        -D*) java_definitions="$java_definitions $argument" ;;
        *) set -- "$@" "$argument" ;;
    esac
done
case $transport in
    ix | epoll | io_uring | nio) ;;
    *) die "there is no transport '$transport'" "one of: ix epoll io_uring nio" ;;
esac
ensure_ready
IX_JAVA_OPTS="${IX_JAVA_OPTS:-}$java_definitions"
if [ "$help" = yes ]; then ix_example "$example" "$@"; fi

case $transport-$device in
    ix-af_xdp | ix-af_packet)
        here=yes
        default_device=$(ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
        if [ -n "$interface" ] && [ "$interface" = "$default_device" ] && [ "${IX_FORCE:-no}" != yes ]; then
            die "$interface carries this machine's default route; with $device the machine would lose its network, this shell included" \
                "use another interface, or --ix device=tap; IX_FORCE=yes if you really mean it"
        fi
        ;;
    ix-*) ;;
    *) is_root || here=yes ;;
esac
if [ "$here" = yes ]; then
    ix_example "$example" "$@"
fi

need_namespaces "./ix run $example --transport $transport"
begin_run ix-run
add_netns "$RUN-s"
client_netns=$RUN-s
if [ "$transport" != ix ]; then
    client_netns=$RUN-c
    add_netns "$client_netns"
    add_veth "$RUN-s" ix0 "$client_netns" ix1
    ip -n "$RUN-s" address add 10.18.0.2/24 dev ix0
    ip -n "$client_netns" address add 10.18.0.1/24 dev ix1
fi
# The program itself says how to reach it, when it listens and only if a client of the kernel can.
IX_JAVA_OPTS="$IX_JAVA_OPTS -Dix.launcher.clientNetns=$client_netns"
(
    IX_NETNS=$RUN-s
    ix_example "$example" "$@"
) &
server_pid=$!
remember_pid "$server_pid"
run_code=0
wait "$server_pid" || run_code=$?
[ "$run_code" -eq 0 ] || exit 1
