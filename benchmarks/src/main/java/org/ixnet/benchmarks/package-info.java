/**
 * The benchmark suite: the five experiments of the IX paper, the ladder and the guard, as sub-commands of
 * {@link org.ixnet.benchmarks.Main}.
 *
 * <pre>
 *  Main -> experiment -> session -> agent processes (server and client, one core each)
 *               |           |            |
 *               +-> report  +------------+-- lines over stdin and stdout (agent.Command)
 * </pre>
 *
 * <p>May depend on everything below. Thread rule: the orchestrator is single-threaded, apart from one reader a child
 * process; an agent does its work on one Netty event loop.
 */
@NullMarked
package org.ixnet.benchmarks;

import org.jspecify.annotations.NullMarked;
