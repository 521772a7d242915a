/**
 * What runs inside a measured process: servers and load generators, the same Netty pipelines on every transport. An agent
 * reads {@link org.ixnet.benchmarks.agent.Command} lines on stdin and answers on stdout; it ends with its stdin, so a dead
 * orchestrator leaves no agent behind. Depends on Netty and the transports. Thread rule: one event loop does all the
 * measured work; the main thread only waits for commands.
 */
@NullMarked
package org.ixnet.benchmarks.agent;

import org.jspecify.annotations.NullMarked;
