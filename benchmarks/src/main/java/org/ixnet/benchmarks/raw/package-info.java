/**
 * The rungs of the ladder below Netty: an L2 reflector and its generator on a bare device, and TCP echo server and client on
 * bare elastic threads; in agents over a device, or both ends on one thread over a wire in memory
 * ({@link org.ixnet.benchmarks.raw.InProcess}). Depends on ix-stack, and {@code agent} for meters and workloads. Thread rule:
 * the thread that polls.
 */
@NullMarked
package org.ixnet.benchmarks.raw;

import org.jspecify.annotations.NullMarked;
