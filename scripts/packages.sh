# shellcheck shell=sh
# Sourced: what IX needs from the distribution, how each is recognised, and its installation. The check of a machine
# that has everything takes a few milliseconds a line and starts nothing else.

# Packages that are missing, one set a function; each line is a test and the package that mends it.
missing_base() {
    have gcc || echo gcc
    [ -e /usr/include/stdio.h ] || [ -e "/usr/include/$(uname -m)-linux-gnu/stdio.h" ] || echo libc6-dev
    have pkg-config || echo pkg-config
    have mvn || echo maven
    have ip || echo iproute2
    have ethtool || echo ethtool
    have flock || echo util-linux
    have ping || echo iputils-ping
    [ -x /usr/bin/python3 ] || echo python3
    if ! have pkg-config || ! pkg-config --exists libdpdk; then echo "dpdk libdpdk-dev"; fi
}

missing_test() {
    have memccapable || echo libmemcached-tools
    have wrk || echo wrk
    have curl || echo curl
    have h2load || echo nghttp2-client
    have openssl || echo openssl
    have nft || echo nftables
    have setpriv || echo util-linux
    have perl || echo perl
    [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import pymemcache' 2>/dev/null || echo python3-pymemcache
    [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import pylibmc' 2>/dev/null || echo python3-pylibmc
    [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import websockets' 2>/dev/null || echo python3-websockets
    have perl && perl -MCache::Memcached -e 1 2>/dev/null || echo libcache-memcached-perl
}

missing_bench() {
    have dpdk-testpmd || echo dpdk-dev
    have memcached || echo memcached
    have wrk || echo wrk
    have memcslap || echo libmemcached-tools
    have taskset || echo util-linux
    have setpriv || echo util-linux
    have sysctl || echo procps
}

# installable PACKAGE: the package lists on this machine have a candidate for it.
installable() {
    LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q '^  Candidate: [^(]'
}

# install_command PACKAGE...: the command to show in a remedy; apt_install runs the same.
install_command() { echo "apt-get install -y --no-install-recommends $*"; }
apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$IX_STATE/apt.log" 2>&1; }

apt_update() {
    note "reading the package lists (apt-get update)"
    apt-get -qq update >"$IX_STATE/apt.log" 2>&1 ||
        die "apt-get update failed: $(grep -m1 -E '^[EW]:' "$IX_STATE/apt.log" || echo "see $IX_STATE/apt.log")" \
            "check the network and /etc/apt/sources.list*"
}

# install_packages PACKAGE...: updates the lists only when they do not know a package, or are out of date.
install_packages() {
    have apt-get || die "missing: $*; and this distribution has no apt-get" \
        "install the like of these packages with your package manager, then try again"
    is_root || die "missing: $*; installing them needs root" "sudo $(install_command "$@")"
    mkdir -p "$IX_STATE"
    packages_unknown=''
    for package in "$@"; do installable "$package" || packages_unknown="$packages_unknown $package"; done
    if [ -n "$packages_unknown" ]; then
        apt_update
        for package in $packages_unknown; do
            installable "$package" || die "the distribution has no package $package" \
                "IX is tested on Debian 12 and 13; on others install it by hand"
        done
    fi
    note "installing: $*"
    if ! apt_install "$@"; then
        apt_update
        apt_install "$@" ||
            die "apt-get could not install $*: $(grep -m1 '^E:' "$IX_STATE/apt.log" || tail -n 1 "$IX_STATE/apt.log")" \
                "$(install_command "$@")"
    fi
}

# The JDK: found anywhere usual, else the distribution's own (Debian 13 and newer have it).
ensure_jdk() {
    find_jdk && return 0
    jdk_package=openjdk-$IX_MIN_JDK-jdk-headless
    jdk_remedy="install JDK $IX_MIN_JDK (Debian 13: apt-get install $jdk_package; Debian 12: the temurin-$IX_MIN_JDK-jdk package or a tar file of adoptium.net unpacked under /opt) and set JAVA_HOME to it"
    jdk_problem="no JDK $IX_MIN_JDK or newer found; seen: $(jdk_seen)"
    [ -z "${IX_JDK_DIRS+set}" ] || die "$jdk_problem" "$jdk_remedy"
    if ! have apt-cache || ! is_root; then die "$jdk_problem" "$jdk_remedy"; fi
    mkdir -p "$IX_STATE"
    installable "$jdk_package" || apt_update
    installable "$jdk_package" || die "$jdk_problem; and this distribution has no $jdk_package" "$jdk_remedy"
    install_packages "$jdk_package"
    find_jdk || die "$jdk_package was installed, yet no JDK $IX_MIN_JDK is found" "$jdk_remedy"
}

# ensure_packages [SET...]: installs what is missing from `base` and the named sets.
# The JDK comes first: where there is none to be had, nothing else need be installed.
ensure_packages() {
    ensure_jdk
    packages_missing=$(missing_base)
    for packages_set in "$@"; do packages_missing="$packages_missing $("missing_$packages_set")"; done
    # shellcheck disable=SC2086 # a list of words
    set -- $packages_missing
    [ $# -eq 0 ] || install_packages "$@"
}
