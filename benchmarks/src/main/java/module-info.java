import org.jspecify.annotations.NullMarked;

/** The experiments of the IX paper. */
@NullMarked
module org.ixnet.benchmarks {
    requires static transitive org.jspecify;
    requires org.ixnet.netty;
}
