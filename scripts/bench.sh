#!/bin/sh
# ./ix bench: the experiments of the IX paper; the program itself makes and removes its namespaces.
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/netns.sh"

case ${1:-} in
    -h | --help | '' | fairness | micro) ;;
    *) need_namespaces "./ix bench" ;;
esac
ensure_ready bench
ix_java benchmarks -m org.ixnet.benchmarks/org.ixnet.benchmarks.Main "$@"
