/**
 * One class an experiment: which contenders it wants and what it asks of a session. Depends on {@code session} and
 * {@code report}. Thread rule: the orchestrator's main thread.
 */
@NullMarked
package org.ixnet.benchmarks.experiment;

import org.jspecify.annotations.NullMarked;
