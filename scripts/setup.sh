#!/bin/sh
# ./ix setup: everything that a machine needs, once; again it does nothing.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/packages.sh"

usage() {
    cat <<'USAGE'
./ix setup [--dry-run] [--hugepages MEGABYTES]

Installs what is missing from the distribution's packages (JDK 25, DPDK, C compiler, Maven, iproute2, the clients that
the tests use) and builds. Run again it changes nothing.

  --dry-run              only say what would be done
  --hugepages MEGABYTES  also reserve that much memory as 2 MB hugepages (0 gives it back) and mount hugetlbfs;
                         IX uses hugepages when there are some, and works without
USAGE
}

# Asked for before anything is done, --dry-run included. No leading zero: the shell would take it for octal.
check_hugepages() {
    case $1 in
        *[!0-9]* | '' | 0?* | ?????????*)
            die "--hugepages is '$1'; must be a number of megabytes, 0 to 99999999" "./ix setup --hugepages 512" ;;
    esac
}

dry_run=no
hugepages_megabytes=''
while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) dry_run=yes ;;
        --hugepages)
            [ $# -ge 2 ] || die "--hugepages needs a number of megabytes" "./ix setup --hugepages 512"
            hugepages_megabytes=$2
            check_hugepages "$2"
            shift
            ;;
        -h | --help) usage; exit 0 ;;
        *) die "setup: unknown option '$1'" "./ix setup --help" ;;
    esac
    shift
done

HUGEPAGES=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages

reserve_hugepages() {
    is_root || die "reserving hugepages needs root" "sudo ./ix setup --hugepages $1"
    [ -w "$HUGEPAGES" ] || die "this kernel has no 2 MB hugepages ($HUGEPAGES)" "run without: IX then uses ordinary memory"
    pages=$((($1 + 1) / 2))
    free_megabytes=$(awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo)
    pages_now=$(cat "$HUGEPAGES")
    [ $(((pages - pages_now) * 2)) -le $((free_megabytes / 2)) ] || die \
        "--hugepages $1 is more than half of the $free_megabytes MB that are free" "./ix setup --hugepages $((free_megabytes / 4))"
    echo "$pages" >"$HUGEPAGES"
    pages_now=$(cat "$HUGEPAGES")
    [ "$pages_now" -ge "$pages" ] || die "the kernel found only $pages_now of $pages hugepages: memory is fragmented" \
        "try fewer, or reserve them right after boot"
    if [ "$pages" -gt 0 ] && ! grep -q '^[^ ]* [^ ]* hugetlbfs ' /proc/mounts; then
        mkdir -p /dev/hugepages
        mount -t hugetlbfs hugetlbfs /dev/hugepages || die "cannot mount hugetlbfs on /dev/hugepages" "mount it by hand"
    fi
    say "hugepages: $pages_now of 2 MB"
}

if [ "$dry_run" = yes ]; then
    missing="$(missing_base) $(missing_test)"
    # shellcheck disable=SC2086 # a list of words
    set -- $missing
    if [ $# -gt 0 ]; then say "would install: $*"; else say "would install: nothing"; fi
    if find_jdk; then
        say "would use the JDK in $JAVA_HOME"
    else
        say "would install: openjdk-$IX_MIN_JDK-jdk-headless (no JDK $IX_MIN_JDK found; seen: $(jdk_seen))"
    fi
    if build_is_fresh; then say "would build: nothing"; else say "would build: all modules"; fi
    [ -z "$hugepages_megabytes" ] || say "would reserve: $hugepages_megabytes MB of hugepages"
    exit 0
fi

ensure_packages test
[ -z "$hugepages_megabytes" ] || reserve_hugepages "$hugepages_megabytes"
ensure_build
say "ready: JDK in $JAVA_HOME, DPDK $(pkg-config --modversion libdpdk); now ./ix demo"
