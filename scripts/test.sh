#!/bin/sh
# ./ix test: every section, or the named ones, and a summary. Exit code 0 when nothing failed.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/netns.sh"
. "$IX_HOME/scripts/examples.sh"
. "$IX_HOME/scripts/e2e/framework.sh"

ALL_SECTIONS='unit wire netty loops devices clients codecs transfer errors kill'

usage() {
    cat <<USAGE
./ix test [--all] [SECTION...]

  unit      mvn verify: every unit test, the formatter's and the compiler's checks
  wire      the stack against itself over an in-memory wire that loses, duplicates, reorders and delays
  netty     Netty's own transport test suite: IX with IX, IX with nio both ways, and epoll beside them
  loops     IX on the module path, the class path and relocated, with and without native access
  devices   each DPDK device for real: tap, af_xdp, af_packet in namespaces; memif and ring between two dataplanes
  clients   clients of the kernel against the examples, over tap and af_xdp
  codecs    TLS, HTTP/1.1, HTTP/2, WebSocket: curl, h2load, openssl; all pairs of transports, 100 MiB each way
  transfer  1 GiB and 1,000 connections through echo; 100 MiB over a bad wire
  errors    what goes wrong when a user gets something wrong
  kill      kill -9, Ctrl-C and second starts; nothing may be left behind

Without a section: all of them. Logs: target/ix/logs.
  --all     also the combinations of Netty's TLS echo test that are left out for time (minutes more)
USAGE
}

sections=''
IX_TEST_ALL=false
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --all) IX_TEST_ALL=true ;;
        *)
            case " $ALL_SECTIONS " in
                *" $1 "*) sections="$sections $1" ;;
                *) die "there is no test section '$1'" "some of: $ALL_SECTIONS" ;;
            esac
            ;;
    esac
    shift
done
sections=${sections:-$ALL_SECTIONS}

ensure_ready test
begin_report

case $sections in
    *netty* | *loops* | *devices* | *clients* | *codecs* | *transfer* | *errors* | *kill*)
        need_namespaces "./ix test"
        begin_run ix-test
        ;;
esac

for test_section in $sections; do
    # shellcheck source=/dev/null
    . "$IX_HOME/scripts/e2e/$test_section.sh"
    "section_$test_section"
    end_section
done

# shellcheck disable=SC2086 # a list of words
end_report $sections
