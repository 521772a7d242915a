#!/bin/sh
# ./ix doctor: each precondition, its state, and what mends it. Changes nothing.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/packages.sh"

case ${1:-} in
    '') ;;
    -h | --help)
        say "./ix doctor: prints each precondition with its state and remedy; exit code 1 when a required one is missing"
        exit 0
        ;;
    *) die "doctor: unknown option '$1'" "./ix doctor --help" ;;
esac

required_missing=0

# ok NAME STATE | missing NAME STATE REMEDY (required) | advice NAME STATE REMEDY (optional)
ok() { printf '  ok       %-18s %s\n' "$1" "$2"; }
missing() {
    printf '  MISSING  %-18s %s\n           %-18s remedy: %s\n' "$1" "$2" '' "$3"
    required_missing=$((required_missing + 1))
}
advice() { printf '  optional %-18s %s\n           %-18s remedy: %s\n' "$1" "$2" '' "$3"; }

doctor_jdk() {
    if find_jdk; then
        ok JDK "$(jdk_version "$JAVA_HOME") in $JAVA_HOME"
    else
        missing JDK "no JDK $IX_MIN_JDK; seen: $(jdk_seen)" \
            "./ix setup (Debian 13), or install JDK $IX_MIN_JDK and set JAVA_HOME"
    fi
}

doctor_packages() {
    for doctor_tool in gcc:gcc pkg-config:pkg-config mvn:maven ip:iproute2 ethtool:ethtool; do
        if have "${doctor_tool%%:*}"; then
            ok "${doctor_tool%%:*}" "$(command -v "${doctor_tool%%:*}")"
        else
            missing "${doctor_tool%%:*}" "not installed" "./ix setup, or apt-get install ${doctor_tool#*:}"
        fi
    done
    # shellcheck disable=SC2046 # a list of words
    set -- $(missing_test)
    if [ $# -eq 0 ]; then ok "test clients" "installed"; else advice "test clients" "not installed: $*" "./ix setup"; fi
}

doctor_dpdk() {
    if ! have pkg-config || ! pkg-config --exists libdpdk; then
        missing DPDK "no libdpdk" "./ix setup, or apt-get install dpdk libdpdk-dev"
        return
    fi
    dpdk_version=$(pkg-config --modversion libdpdk)
    case $dpdk_version in
        22.11* | 24.11*) ok DPDK "$dpdk_version" ;;
        *) advice DPDK "$dpdk_version; IX is tested with 22.11 and 24.11" "use the DPDK of Debian 12 or 13 when something fails" ;;
    esac
    dpdk_directory=$(pkg-config --variable=libdir libdpdk)
    for dpdk_driver in tap af_xdp af_packet memif ring; do
        if ls "$dpdk_directory"/librte_net_"$dpdk_driver".so* >/dev/null 2>&1; then
            ok "driver net_$dpdk_driver" "in $dpdk_directory"
        else
            advice "driver net_$dpdk_driver" "this DPDK was built without it" "apt-get install librte-meta-net, or use another device"
        fi
    done
}

doctor_build() {
    if build_is_fresh; then
        ok build "up to date"
    else
        advice build "none, or sources are newer" "./ix setup (every other sub-command does it as well)"
        return
    fi
    [ -n "${JAVA_HOME:-}" ] || return 0
    for doctor_jar in "$IX_HOME"/ix-native/target/ix-native-*-linux-*.jar; do
        if [ -e "$doctor_jar" ] && "$JAVA_HOME/bin/jar" tf "$doctor_jar" 2>/dev/null | grep -q '\.so$'; then
            ok "native shim" "in ${doctor_jar##*/}"
        else
            missing "native shim" "not in ix-native/target" "./ix setup; its log is target/ix/build.log"
        fi
        break
    done
}

# has_capability BIT: in the effective set.
has_capability() {
    doctor_caps=$(awk '/^CapEff:/ {print $2}' /proc/self/status)
    [ $((0x$doctor_caps >> $1 & 1)) -eq 1 ]
}

doctor_rights() {
    if is_root; then ok user "root"; else advice user "$(id -un), not root" "sudo ./ix ...: net_tap, net_af_xdp and namespaces need root or the capabilities below; --transport nio needs nothing"; fi
    for doctor_cap in 12:CAP_NET_ADMIN:"make and configure interfaces" 13:CAP_NET_RAW:"af_packet and af_xdp" \
        21:CAP_SYS_ADMIN:"network namespaces" 14:CAP_IPC_LOCK:"lock packet memory"; do
        doctor_rest=${doctor_cap#*:}
        if has_capability "${doctor_cap%%:*}"; then
            ok "${doctor_rest%%:*}" "${doctor_rest#*:}"
        elif is_root; then
            missing "${doctor_rest%%:*}" "not held, though root: ${doctor_rest#*:}" "in a container: --privileged, or --cap-add ${doctor_rest%%:*}"
        else
            missing "${doctor_rest%%:*}" "not held: ${doctor_rest#*:}" "sudo ./ix ..."
        fi
    done
}

doctor_kernel() {
    if [ -c /dev/net/tun ]; then
        ok /dev/net/tun "there"
    else
        missing /dev/net/tun "not there; net_tap needs it" "modprobe tun; in a container: --device /dev/net/tun"
    fi
    if unshare -n true 2>/dev/null; then
        ok namespaces "can be made"
    else
        missing namespaces "cannot make a network namespace" "sudo ./ix ...; in a container: --privileged"
    fi
    if ! have "$PYTHON"; then
        advice AF_XDP "cannot tell: no python3" "./ix setup"
    elif "$PYTHON" -c 'import socket; socket.socket(44, socket.SOCK_RAW)' 2>/dev/null; then
        ok AF_XDP "the kernel has it"
    else
        advice AF_XDP "no AF_XDP socket: the kernel lacks CONFIG_XDP_SOCKETS, or rights are missing" "use --ix device=af_packet or tap"
    fi
    if have nft; then ok nft "$(command -v nft)"; else advice nft "not installed; only some tests use it" "./ix setup"; fi
}

doctor_memory() {
    hugepages_total=$(awk '/^HugePages_Total:/ {print $2}' /proc/meminfo)
    hugepages_free=$(awk '/^HugePages_Free:/ {print $2}' /proc/meminfo)
    if [ "${hugepages_total:-0}" -eq 0 ]; then
        advice hugepages "none; IX then uses ordinary memory (fewer TLB hits)" "./ix setup --hugepages 512"
    elif ! grep -q '^[^ ]* [^ ]* hugetlbfs ' /proc/mounts; then
        advice hugepages "$hugepages_free of $hugepages_total free, but hugetlbfs is not mounted" "./ix setup --hugepages $((hugepages_total * 2))"
    else
        ok hugepages "$hugepages_free of $hugepages_total free"
    fi
    memory_free=$(awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo)
    if [ "$memory_free" -ge 1024 ]; then ok memory "$memory_free MB available"; else advice memory "$memory_free MB available" "free some: the demo needs about 512 MB, the tests 1 GB"; fi
    if [ "$(nproc)" -ge 2 ]; then ok cores "$(nproc)"; else advice cores "1: a polling loop and its clients share it" "use two cores or more"; fi
}

doctor_network() {
    default_device=$(ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
    if [ -n "$default_device" ]; then
        ok "default route" "by $default_device: never give this one to af_xdp or bind it to DPDK; this machine would lose its network"
    elif have ip; then
        ok "default route" "none"
    else
        advice "default route" "cannot tell: no ip command" "./ix setup"
    fi
    stale=0
    for doctor_run in "$IX_STATE"/runs/*/; do
        [ -d "$doctor_run" ] || continue
        stale=$((stale + 1))
    done
    if [ "$stale" -eq 0 ]; then ok "earlier runs" "left nothing"; else ok "earlier runs" "$stale running or ended hard; the next ./ix run, demo or test removes what the dead ones left"; fi
}

say "IX for Netty on $(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-unknown}"), kernel $(uname -r), $(uname -m)"
say "build"
doctor_jdk
doctor_packages
doctor_dpdk
doctor_build
say "rights"
doctor_rights
say "machine"
doctor_kernel
doctor_memory
doctor_network
if [ "$required_missing" -gt 0 ]; then
    say "$required_missing required thing(s) missing"
    exit 1
fi
say "all that is required is there"
