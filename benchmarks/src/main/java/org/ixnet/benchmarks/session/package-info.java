/**
 * Starts agents on their cores and in their network namespaces, talks to them, and takes everything away again. Depends on
 * {@code agent} for the command form only. Thread rule: the orchestrator's main thread.
 */
@NullMarked
package org.ixnet.benchmarks.session;

import org.jspecify.annotations.NullMarked;
