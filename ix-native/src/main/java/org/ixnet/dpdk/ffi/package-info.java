/**
 * Panama FFM bindings: static final method handles over the shim ({@code libix_dpdk.so}), the DPDK libraries that it
 * depends on, and libc.
 *
 * <pre>
 *  org.ixnet.dpdk --> BurstCalls (critical, one downcall a burst)   --> shim --> DPDK's static-inline functions
 *                     PortCalls, EalCalls (control)                 --> shim, DPDK
 *                     Libc (sockets, ioctl, affinity)               --> libc
 * </pre>
 *
 * <p>Internal: {@code org.ixnet.dpdk} is the API. Addresses are {@code long}s; strings live in the caller's arena.
 */
@NullMarked
package org.ixnet.dpdk.ffi;

import org.jspecify.annotations.NullMarked;
