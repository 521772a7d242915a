/**
 * Raw memory, packet buffers and their pools. All access to memory by address goes through
 * {@link org.ixnet.stack.memory.Memory}.
 *
 * <pre>
 *  Mempool (a thread)  Mempool (a thread)
 *        \  chunks of 128  /
 *          MbufStore (shared: DPDK mempool, or in memory)
 * </pre>
 *
 * <p>May depend on {@code util} only.
 */
package org.ixnet.stack.memory;
