#!/bin/sh
# Runs an example as `ix run` does, but without its namespace: example.sh EXAMPLE ARGUMENT... (IX_NETNS: in that one).
set -eu
. "$IX_HOME/scripts/lib.sh"
. "$IX_HOME/scripts/examples.sh"
ix_example "$@"
