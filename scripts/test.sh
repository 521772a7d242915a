#!/bin/sh
# ./ix test: every section, or the named ones, and a summary. Exit code 0 when nothing failed.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/netns.sh"
. "$IX_HOME/scripts/examples.sh"
. "$IX_HOME/scripts/e2e/framework.sh"

ALL_SECTIONS='unit wire devices clients transfer errors kill'

usage() {
    cat <<USAGE
./ix test [SECTION...]

  unit      mvn verify: every unit test, the formatter's and the compiler's checks
  wire      the stack against itself over an in-memory wire that loses, duplicates, reorders and delays
  devices   each DPDK device for real: tap, af_xdp, af_packet in namespaces; memif and ring between two dataplanes
  clients   clients of the kernel against the examples, over tap and af_xdp
  transfer  1 GiB and 1,000 connections through echo; 100 MiB over a bad wire
  errors    what goes wrong when a user gets something wrong
  kill      kill -9, Ctrl-C and second starts; nothing may be left behind

Without a section: all of them. Logs: target/ix/logs.
USAGE
}

sections=''
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
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

test_started=$(date +%s)
ensure_ready test
LOGS=$IX_TARGET/logs
RESULTS=$IX_TARGET/results
# Devices that carried packets in this run, and how; printed with the summary.
EXERCISED=$IX_TARGET/exercised
rm -rf "$LOGS"
mkdir -p "$LOGS"
: >"$RESULTS"
: >"$EXERCISED"

case $sections in
    *devices* | *clients* | *transfer* | *errors* | *kill*)
        need_namespaces "./ix test"
        begin_run ix-test
        ;;
esac

for test_section in $sections; do
    # shellcheck source=/dev/null
    . "$IX_HOME/scripts/e2e/$test_section.sh"
    "section_$test_section"
done

# count STATE
count() { awk -F '\t' -v state="$1" '$2 == state { sum += $3 } END { print sum + 0 }' "$RESULTS"; }

printf '\n== summary\n'
for test_section in $sections; do
    awk -F '\t' -v section="$test_section" '
        $1 == section { sum[$2] += $3 }
        END { printf "  %-9s %d passed, %d failed, %d skipped\n", section, sum["passed"], sum["failed"], sum["skipped"] }' "$RESULTS"
done
if [ -s "$EXERCISED" ]; then
    say "  DPDK devices that carried packets in this run:"
    sort -u "$EXERCISED" | sed 's/^/    /'
fi
awk -F '\t' '$2 == "failed" { printf "  failed:  %s: %s: %s\n", $1, $4, $5 } $2 == "skipped" { printf "  skipped: %s: %s: %s\n", $1, $4, $5 }' "$RESULTS"
failed=$(count failed)
say "  $(($(date +%s) - test_started)) s; logs in ${LOGS#"$IX_HOME/"}"
say "$(count passed) passed, $failed failed, $(count skipped) skipped"
[ "$failed" -eq 0 ]
