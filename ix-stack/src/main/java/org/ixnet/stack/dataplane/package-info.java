/**
 * The run-to-completion dataplane: elastic threads and what they share.
 *
 * <p>Thread rule: an {@link org.ixnet.stack.dataplane.ElasticThread} belongs to the thread that calls its
 * {@code pollOnce}; a {@link org.ixnet.stack.dataplane.Dataplane} may be used by any thread.
 */
package org.ixnet.stack.dataplane;
