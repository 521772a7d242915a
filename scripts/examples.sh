# shellcheck shell=sh
# shellcheck disable=SC2034 # used by those who source it
# Sourced: how the example programs are started.

EXAMPLES='memcached echo http'

is_example() {
    case " $EXAMPLES " in *" $1 "*) ;; *) return 1 ;; esac
}

# ix_example EXAMPLE ARGUMENT...: replaces this shell by the program, in the namespace IX_NETNS when that is set.
ix_example() {
    ix_java examples -m org.ixnet.examples/org.ixnet.examples.Main "$@"
}
