import org.jspecify.annotations.NullMarked;

/** DPDK through Panama FFM: bindings, and devices for the IX dataplane. The only module that needs native access. */
@NullMarked
module org.ixnet.dpdk {
    requires static transitive org.jspecify;
    requires transitive org.ixnet.stack;
}
