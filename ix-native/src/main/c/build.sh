#!/bin/sh
# Builds the shim: build.sh <output directory>. Writes <output>/META-INF/native/linux-<machine>/libix_dpdk.so
# CC and PKG_CONFIG choose other tools. Does nothing when the library is newer than its sources and DPDK is the same.
set -eu

source_dir=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
output_dir=${1:?usage: build.sh <output directory>}
cc=${CC:-cc}
pkg_config=${PKG_CONFIG:-pkg-config}

fail() {
    echo "ix-native: $1" >&2
    echo "ix-native: remedy: $2" >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || fail "the native shim is built on Linux only; this is $(uname -s)" \
    "build on Linux"
command -v "$cc" >/dev/null 2>&1 || fail "no C compiler: '$cc' is not on PATH" \
    "apt-get install gcc libc6-dev (or set CC)"
command -v "$pkg_config" >/dev/null 2>&1 || fail "'$pkg_config' is not on PATH" \
    "apt-get install pkg-config (or set PKG_CONFIG)"
"$pkg_config" --exists libdpdk || fail "DPDK headers not found: '$pkg_config --exists libdpdk' fails" \
    "apt-get install libdpdk-dev dpdk (Debian 12: 22.11, Debian 13: 24.11)"
version=$("$pkg_config" --modversion libdpdk)
"$pkg_config" --atleast-version=22.11 libdpdk || fail "DPDK is $version; must be 22.11 or newer" \
    "install DPDK 22.11 LTS or 24.11 LTS"

case $(uname -m) in
    x86_64) machine=x86_64 ;;
    aarch64) machine=aarch_64 ;;
    *) fail "no shim for $(uname -m)" "build on x86_64 or aarch64" ;;
esac

directory=$output_dir/META-INF/native/linux-$machine
library=$directory/libix_dpdk.so
# Only the libraries whose functions are called; drivers are plug-ins that EAL loads from its own directory.
libraries="-lrte_ethdev -lrte_mbuf -lrte_mempool -lrte_ring -lrte_eal"
# DPDK 24.03 moved the log into a library of its own.
case " $("$pkg_config" --libs-only-l libdpdk) " in
    *" -lrte_log "*) libraries="$libraries -lrte_log" ;;
esac
stamp="$version $cc"

if [ -f "$library" ] && [ "$(cat "$output_dir/dpdk-version" 2>/dev/null)" = "$stamp" ] \
    && [ -z "$(find "$source_dir" -newer "$library" -type f)" ]; then
    exit 0
fi

mkdir -p "$directory"
# pkg-config's words are flags, to be split.
# shellcheck disable=SC2046,SC2086
"$cc" -std=gnu11 -O3 -g -fPIC -shared -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter \
    $("$pkg_config" --cflags libdpdk) "$source_dir"/*.c -o "$library.tmp" \
    $("$pkg_config" --libs-only-L libdpdk) -Wl,--as-needed -Wl,-z,now $libraries \
    || fail "the shim does not compile against DPDK $version" "see the compiler's messages above"
mv "$library.tmp" "$library"
printf '%s' "$stamp" >"$output_dir/dpdk-version"
echo "ix-native: built $(basename "$library") for linux-$machine against DPDK $version"
